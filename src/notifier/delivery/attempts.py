"""An attempt at one message: its outcome, and the mark in the ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from notifier.channels.base import Find, Receipt, Send
from notifier.channels.deadlines import SEND_SECONDS, deadline
from notifier.channels.digest import occurrence
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.backoff import SETTLING_ATTEMPTS, backoff_seconds
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import LedgerError, LedgerProtocol, Row
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent

NO_ROOT: Final = Receipt()
# A destination's clock may be slow.
CLOCK_SKEW_SECONDS: Final = 60
NO_TIME: Final = "too little time was left to try"


@dataclass(frozen=True, slots=True)
class QueuedDelivery:
    """A delivery that was received from the queue; *attempts* counts this one.

    *enqueued_at* is when it was put there, in seconds since 1970.
    """

    message_id: str
    receipt_handle: str
    attempts: int
    delivery: Delivery
    enqueued_at: float = 0


# The deliveries that share one message to the destination: one, or a digest's.
Message = tuple[QueuedDelivery, ...]


def in_order(items: Iterable[QueuedDelivery]) -> list[QueuedDelivery]:
    """Sort *items* by the times of their events."""
    return sorted(items, key=lambda item: occurrence(item.delivery.notification))


def attempt(
    message: Message, send: Send, find: Find | None, jitter: Callable[[], float], root: Receipt = NO_ROOT
) -> tuple[Outcome, Mapping[str, Receipt | None]]:
    """Send *message*, but for what *find* shows to be sent by an earlier attempt.

    Return the outcome and, by delivery id, the receipts.
    """
    receipts: dict[str, Receipt | None] = {}
    try:
        # The look back and a reply that fails leave the send no more time than it has alone.
        with deadline(SEND_SECONDS):
            if find and any(item.attempts > 1 for item in message):
                since = min(item.enqueued_at for item in message) - CLOCK_SKEW_SECONDS
                found = find(tuple(item.delivery.notification for item in message), root, since)
                names = {item.delivery.notification.event_id: item.delivery.id for item in message}
                receipts |= {names[event_id]: receipt for event_id, receipt in found.items()}
            rest = tuple(item for item in message if item.delivery.id not in receipts)
            if not rest:
                return Sent(0, note="an earlier attempt has sent it"), receipts
            receipt = send(tuple(item.delivery.notification for item in rest))
    except DeliveryError as error:
        attempts = max(item.attempts for item in message)
        if error.permanent and not (error.settling and attempts <= SETTLING_ATTEMPTS):
            return DeadLettered(str(error), error.reason), {}
        seconds = max(ceil(error.retry_after_seconds or 0), longest_backoff(message, jitter))
        # While it may still settle, a permanent error counts as a temporary one.
        return Deferred(seconds, str(error), Reason.UNAVAILABLE if error.permanent else error.reason), {}
    return Sent(len(rest), note=receipt.note if receipt else ""), receipts | dict.fromkeys(ids(rest), receipt)


def mark_sent(
    message: Message, sent: Sent, ledger: LedgerProtocol, rows: Sequence[Row] = ()
) -> tuple[Mapping[str, Sent], str]:
    """Mark a message as *sent* and store *rows*; return its outcomes, and the ledger's error if it failed."""
    outcomes = dict.fromkeys(ids(message), sent)
    try:
        ledger.mark_sent(*outcomes, rows=rows)
    except LedgerError as error:
        return outcomes | dict.fromkeys(error.delivery_ids, replace(sent, ledger_error=str(error))), str(error)
    return outcomes, ""


def backoff(message: Message, jitter: Callable[[], float], why: str) -> Deferred:
    """Defer *message* for the longest backoff of its deliveries."""
    return Deferred(longest_backoff(message, jitter), why)


def longest_backoff(message: Message, jitter: Callable[[], float]) -> int:
    """Compute the backoff of the delivery that was tried most often."""
    return backoff_seconds(max(item.attempts for item in message), jitter())


def ids(message: Message) -> tuple[str, ...]:
    """List the ids of the deliveries of *message*."""
    return tuple(item.delivery.id for item in message)
