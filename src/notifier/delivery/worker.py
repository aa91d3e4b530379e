"""Send a batch of deliveries to one destination.

Each delivery is claimed in the ledger, sent alone or in a digest (`notifier.channels.digest`), and marked as sent. A
temporary error defers it, and everything after it: nothing sleeps, the queue redelivers. A permanent error
dead-letters it. A rejected digest is split in halves until the rejected notifications are found.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from notifier.channels.base import Sender
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.channels.errors import Reason
from notifier.delivery.attempts import (
    NO_TIME,
    Message,
    QueuedDelivery,
    attempt,
    backoff,
    ids,
    in_order,
    longest_backoff,
    mark_sent,
)
from notifier.delivery.backoff import backoff_seconds
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.ledger import LedgerError, LedgerProtocol
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.delivery.time_budget import HasTimeFor, TimeBudget

if TYPE_CHECKING:
    from notifier.delivery.conversations.messages import IncidentMessages

# Messages for which no time was left are redelivered one after the other: all at once would use up their attempts.
STAGGER_SECONDS: Final = 5


def send_batch(
    batch: Sequence[QueuedDelivery],
    sender: Sender,
    ledger: LedgerProtocol,
    has_time_for: HasTimeFor,
    jitter: Callable[[], float],
) -> Mapping[str, Outcome]:
    """Send the deliveries of *batch*, all for one destination; return the outcome of each message id.

    *jitter* returns a number from 0 to 1.
    """
    # A delivery that came twice in one batch is sent once, and both have its outcome.
    unique: dict[str, QueuedDelivery] = {}
    for item in batch:
        unique.setdefault(item.delivery.id, item)
    outcomes = dict(_claim(tuple(unique.values()), ledger, has_time_for, jitter))
    claimed = [item for delivery_id, item in unique.items() if delivery_id not in outcomes]
    quiet = [item for item in claimed if item.delivery.silent or (item.delivery.root_only and not sender.threads)]
    outcomes |= mark_sent(tuple(quiet), Sent(0), ledger)[0]
    turns = [item for item in claimed if item not in quiet and item.delivery.notification.incident]
    blocked = None
    if turns and (sender.threads or sender.ordered) and isinstance(ledger, ConversationLedger):
        # Imported here, as most invocations are about no incident.
        from notifier.delivery.conversations.messages import IncidentMessages  # noqa: PLC0415

        messages = IncidentMessages(sender, ledger, has_time_for, jitter)
        outcomes |= messages.lease(turns)
        turns = [item for item in turns if item.delivery.id not in outcomes]
        sent, blocked = _send(turns, messages, has_time_for, jitter)
        outcomes |= sent
        messages.release()
    rest = [item for item in claimed if item.delivery.id not in outcomes]
    outcomes |= _send(rest, PlainMessages(sender, ledger, jitter), has_time_for, jitter, blocked)[0]
    unsent = [item.delivery.id for item in claimed if not isinstance(outcomes[item.delivery.id], Sent)]
    # An unreleased claim expires with its lease; until then, its delivery is deferred again.
    with suppress(LedgerError):
        call_each(ledger.release, unsent, lambda: has_time_for(TimeBudget.CALL))
    return {item.message_id: _with_backoff(item, outcomes[item.delivery.id]) for item in batch}


def _claim(
    batch: Message, ledger: LedgerProtocol, has_time_for: HasTimeFor, jitter: Callable[[], float]
) -> Iterator[tuple[str, Outcome]]:
    """Claim *batch* as far as time allows; yield the outcome of each delivery that is not to be sent now."""
    errors: list[str] = []

    def claim(item: QueuedDelivery) -> Outcome | None:
        try:
            return ledger.claim(item.delivery.id)
        except LedgerError as error:
            errors.append(str(error))
            return backoff((item,), jitter, str(error))

    # After an error, other claims would only wait for the same time-out.
    claims = call_each(claim, batch, lambda: not errors and has_time_for(TimeBudget.CLAIM))
    yield from ((item.delivery.id, outcome) for item, outcome in claims if outcome)
    for item in batch[len(claims) :]:
        yield item.delivery.id, backoff((item,), jitter, errors[0] if errors else NO_TIME)


class PlainMessages:
    """Messages that stand alone."""

    def __init__(self, sender: Sender, ledger: LedgerProtocol, jitter: Callable[[], float]) -> None:
        self._sender = sender
        self._ledger = ledger
        self._jitter = jitter

    def group(self, items: Sequence[QueuedDelivery]) -> list[Message]:
        """Group deliveries into messages of the sender's batch size at most, in the order of their events.

        Test messages stay alone, for their mark would be lost in a digest, and come last, so that nothing waits for
        them.
        """
        tests = [(item,) for item in items if item.delivery.notification.is_test]
        ordered = in_order(item for item in items if not item.delivery.notification.is_test)
        digest_size = min(self._sender.max_batch, len(ordered))
        size = digest_size if digest_size >= DIGEST_MINIMUM else 1
        return [*map(tuple, chunks(ordered, size)), *tests]

    def attempt(self, message: Message) -> Outcome:
        """Send *message*; return the outcome."""
        find = self._sender.threads.find if self._sender.threads else None
        return attempt(message, self._sender.send, find, self._jitter)[0]

    def mark(self, message: Message, sent: Sent) -> tuple[Mapping[str, Outcome], str]:
        """Mark *message*; return its outcomes, and the ledger's error if that failed."""
        return mark_sent(message, sent, self._ledger)


def _send(
    items: Sequence[QueuedDelivery],
    messages: "PlainMessages | IncidentMessages",
    has_time_for: HasTimeFor,
    jitter: Callable[[], float],
    blocked: Deferred | None = None,
) -> tuple[Mapping[str, Outcome], Deferred | None]:
    """Send *messages* of *items* until the destination, the ledger or the time blocks the rest.

    Return each delivery's outcome, and the deferral of the rest.
    """
    outcomes: dict[str, Outcome] = {}
    pending = deque(messages.group(items))
    split_reason = ""
    while pending:
        message = pending.popleft()
        if blocked is None and not has_time_for(TimeBudget.SEND):
            blocked = backoff(message, jitter, NO_TIME)
        outcome = blocked or messages.attempt(message)
        match outcome:
            case DeadLettered(reason=Reason.REJECTED) if len(message) > 1:
                split_reason = outcome.why
                middle = len(message) // 2
                pending.extendleft(reversed(messages.group(message[:middle]) + messages.group(message[middle:])))
                continue
            case Deferred() if blocked or outcome.reason:
                stagger = 0 if outcome.reason else STAGGER_SECONDS
                # Halves that are redelivered together would form the rejected digest again.
                gap = longest_backoff(message, jitter) if split_reason else stagger
                blocked = replace(outcome, seconds=outcome.seconds + gap)
            case Sent():
                marked, ledger_error = messages.mark(message, replace(outcome, split_reason=split_reason))
                outcomes |= marked
                if ledger_error:
                    # The next message could not be marked either.
                    blocked = backoff(message, jitter, ledger_error)
                continue
        outcomes |= dict.fromkeys(ids(message), outcome)
    return outcomes, blocked


def _with_backoff(item: QueuedDelivery, outcome: Outcome) -> Outcome:
    """Extend a wait to the delivery's own backoff: a shorter one, of a destination or a lease, uses up the attempts."""
    if not isinstance(outcome, Deferred):
        return outcome
    return replace(outcome, seconds=max(outcome.seconds, backoff_seconds(item.attempts, 0)))
