"""An attempt at one message: its outcome, and the mark in the ledger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from notifier.channels.base import Send
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.backoff import SETTLING_ATTEMPTS, backoff_seconds
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import LedgerError, LedgerProtocol
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent

NO_TIME: Final = "too little time was left to try"


@dataclass(frozen=True, slots=True)
class QueuedDelivery:
    """A delivery that was received from the queue; *attempts* counts this one."""

    message_id: str
    receipt_handle: str
    attempts: int
    delivery: Delivery


# The deliveries that share one message to the destination: one, or a digest's.
Message = tuple[QueuedDelivery, ...]


def attempt(message: Message, send: Send, jitter: Callable[[], float]) -> Outcome:
    """Send *message*; return the outcome."""
    try:
        receipt = send(tuple(item.delivery.notification for item in message))
    except DeliveryError as error:
        attempts = max(item.attempts for item in message)
        if error.permanent and not (error.settling and attempts <= SETTLING_ATTEMPTS):
            return DeadLettered(str(error), error.reason)
        seconds = max(ceil(error.retry_after_seconds or 0), longest_backoff(message, jitter))
        # While it may still settle, a permanent error counts as a temporary one.
        return Deferred(seconds, str(error), Reason.UNAVAILABLE if error.permanent else error.reason)
    return Sent(len(message), note=receipt.note if receipt else "")


def mark_sent(message: Message, sent: Sent, ledger: LedgerProtocol) -> tuple[Mapping[str, Sent], str]:
    """Mark a message as *sent*; return its deliveries' outcomes, and the ledger's error if it failed."""
    outcomes = dict.fromkeys(ids(message), sent)
    try:
        ledger.mark_sent(*outcomes)
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
