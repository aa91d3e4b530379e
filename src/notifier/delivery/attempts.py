"""An attempt to send one message: its time budget, its outcome, its mark, and the wait before the next attempt."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil
from typing import Final

from notifier.channels.base import Channel, Notifications, Receipt, ThreadedChannel
from notifier.channels.deadlines import SEND_SECONDS
from notifier.channels.destination import DeliveryError, Reason
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Ledger, LedgerError, LedgerRow
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import chunks
from notifier.model.notification import occurrence

# Doubled with each attempt: from the tenth on, a delivery waits for an hour. Even without jitter, the 40 receives that
# the queue allows (template.yaml) last for more than a day.
BACKOFF_SECONDS: Final = 10
BACKOFF_LIMIT_SECONDS: Final = 60 * 60
BACKOFF_JITTER: Final = 0.2
# A settling error, which may pass within minutes, is permanent after these attempts, which take five minutes.
SETTLING_ATTEMPTS: Final = 6
# A destination's clock may be slow.
CLOCK_SKEW_SECONDS: Final = 60
# A secret may be read just before the send's deadline; the client's time-outs end that read this much later.
LATE_SECRET_SECONDS: Final = 5
# The time-out of an AWS client; parallel calls (marks of a digest, claims, releases, dead letters) need it once.
CALL_SECONDS: Final = 10
# The response is due this long before Lambda ends the function, even during a send: deferring needs the time.
RESPONSE_SECONDS: Final = 5
NO_TIME: Final = "too little time was left to try"
# If Lambda ended the function during a send, an unmarked message would be sent twice.
LONGEST_SEND_MILLISECONDS: Final = 1_000 * (SEND_SECONDS + LATE_SECRET_SECONDS + CALL_SECONDS + RESPONSE_SECONDS)


class TimeBudget(IntEnum):
    """The milliseconds that must be left before a step begins."""

    CLAIM = 1_000 * CALL_SECONDS + LONGEST_SEND_MILLISECONDS
    SEND = LONGEST_SEND_MILLISECONDS
    CALL = 1_000 * (CALL_SECONDS + RESPONSE_SECONDS)
    DEFER = 1_000


HasTimeFor = Callable[[TimeBudget], bool]


@dataclass(frozen=True, slots=True)
class QueuedDelivery:
    """A delivery from the queue; *enqueued_at* is in seconds since 1970, *attempts* includes the present one."""

    message_id: str
    attempts: int
    delivery: Delivery
    enqueued_at: float = 0


# The deliveries that share one message to the destination: one, or a digest's.
Message = tuple[QueuedDelivery, ...]


@dataclass
class PlainMessages:
    """The messages of one batch for one destination, each without a thread.

    *guard* surrounds the calls of the channel; *jitter* returns a number from 0 to 1.
    """

    channel: Channel
    ledger: Ledger
    has_time_for: HasTimeFor
    guard: Callable[[Notifications], AbstractContextManager[object]] = nullcontext
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        self.threads = self.channel if isinstance(self.channel, ThreadedChannel) else None

    def group(self, items: Sequence[QueuedDelivery]) -> list[Message]:
        """Group deliveries into messages of at most the channel's batch size, in the order of their events."""
        # A digest would hide the mark of a test, and no alert must wait for tests.
        tests = [(item,) for item in items if item.delivery.notification.is_test]
        ordered = in_order(item for item in items if not item.delivery.notification.is_test)
        digest_size = min(self.channel.max_batch, len(ordered))
        size = digest_size if digest_size >= DIGEST_MINIMUM else 1
        return [*map(tuple, chunks(ordered, size)), *tests]

    def attempt(self, message: Message) -> Outcome:
        """Send *message*; a deferral without a reason concerns this message alone."""
        return self.send(message, self.channel.send)[0]

    def send(
        self, message: Message, send: Callable[[Notifications], Receipt | None], root: Receipt | None = None
    ) -> tuple[Outcome, Mapping[str, Receipt | None]]:
        """Call *send* with the deliveries of *message* that no earlier attempt has sent, perhaps to *root*'s thread.

        Return the outcome, and the receipts by delivery id.
        """
        receipts: dict[str, Receipt | None] = {}
        try:
            # The search for earlier messages and a failed reply share the deadline of the send.
            with self.guard(_notifications(message)):
                if self.threads and any(item.attempts > 1 for item in message):
                    since = min(item.enqueued_at for item in message) - CLOCK_SKEW_SECONDS
                    found = self.threads.find(_notifications(message), root or Receipt(), since)
                    names = {item.delivery.notification.event_id: item.delivery.id for item in message}
                    receipts |= {names[event_id]: receipt for event_id, receipt in found.items()}
                rest = tuple(item for item in message if item.delivery.id not in receipts)
                if not rest:
                    return Sent(0, note="an earlier attempt has sent it"), receipts
                receipt = send(_notifications(rest))
        except DeliveryError as error:
            attempts = max(item.attempts for item in message)
            if error.permanent and not (error.settling and attempts <= SETTLING_ATTEMPTS):
                return DeadLettered(str(error), error.reason), {}
            # A settling error counts as temporary until then.
            reason = Reason.UNAVAILABLE if error.permanent else error.reason
            return Deferred(self.wait_seconds(message, error), str(error), reason), {}
        return Sent(len(rest), note=receipt.note if receipt else ""), receipts | dict.fromkeys(ids(rest), receipt)

    def mark(self, message: Message, sent: Sent, rows: Sequence[LedgerRow] = ()) -> tuple[Mapping[str, Outcome], str]:
        """Mark *message* as *sent* and store *rows*; return the outcomes, and the ledger's error, empty if none."""
        outcomes: dict[str, Outcome] = dict.fromkeys(ids(message), sent)
        try:
            self.ledger.mark_sent(*outcomes, rows=rows)
        except LedgerError as error:
            return outcomes | dict.fromkeys(error.delivery_ids, replace(sent, ledger_error=str(error))), str(error)
        return outcomes, ""

    def backoff(self, message: Message, why: str) -> Deferred:
        """Defer *message* for the longest backoff of its deliveries."""
        return Deferred(self.wait_seconds(message), why)

    def wait_seconds(self, message: Message, error: DeliveryError | None = None) -> int:
        """Compute the longest backoff of the deliveries, or the longer wait that *error* asks for."""
        asked = ceil(error.retry_after_seconds or 0) if error else 0
        return max(asked, backoff_seconds(max(item.attempts for item in message), self.jitter()))


def backoff_seconds(attempts: int, jitter: float) -> int:
    """Compute the wait after *attempts*; *jitter*, from 0 to 1, varies a part of it."""
    longest: int = min(BACKOFF_SECONDS * 2 ** (attempts - 1), BACKOFF_LIMIT_SECONDS)
    return round(longest * (1 - BACKOFF_JITTER * (1 - jitter)))


def in_order(items: Iterable[QueuedDelivery]) -> list[QueuedDelivery]:
    """Sort *items* by the times of their events."""
    return sorted(items, key=lambda item: occurrence(item.delivery.notification))


def ids(message: Message) -> tuple[str, ...]:
    """List the ids of the deliveries of *message*."""
    return tuple(item.delivery.id for item in message)


def _notifications(message: Message) -> Notifications:
    return tuple(item.delivery.notification for item in message)
