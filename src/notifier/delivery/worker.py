"""Send a batch of deliveries to one destination.

Each delivery is claimed in the ledger, sent alone or in a digest (`notifier.channels.digest`), and marked as sent. A
temporary error defers it, and everything after it: nothing sleeps, the queue redelivers. A permanent error
dead-letters it. A rejected digest is split in halves until the rejected notifications are found.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from notifier.channels.base import UNLIMITED_BATCH, Send, Sender
from notifier.channels.digest import DIGEST_MINIMUM, occurrence
from notifier.channels.errors import Reason
from notifier.delivery.attempts import (
    NO_TIME,
    Message,
    QueuedDelivery,
    attempt,
    backoff,
    ids,
    longest_backoff,
    mark_sent,
)
from notifier.delivery.backoff import backoff_seconds
from notifier.delivery.ledger import LedgerError, LedgerProtocol
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.delivery.time_budget import HasTimeFor, TimeBudget

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
    outcomes |= mark_sent(tuple(item for item in claimed if item.delivery.silent), Sent(0), ledger)[0]
    messages = _messages([item for item in claimed if not item.delivery.silent], sender.max_batch)
    outcomes |= _send(messages, sender.send, ledger, has_time_for, jitter)
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


def _messages(claimed: Sequence[QueuedDelivery], max_batch: int = UNLIMITED_BATCH) -> list[Message]:
    """Group deliveries into messages of *max_batch* at most, in the order of their events.

    Test messages stay alone, for their mark would be lost in a digest, and come last, so that nothing waits for them.
    """
    tests = [(item,) for item in claimed if item.delivery.notification.is_test]
    events = [item for item in claimed if not item.delivery.notification.is_test]
    ordered = sorted(events, key=lambda item: occurrence(item.delivery.notification))
    digest_size = min(max_batch, len(ordered))
    size = digest_size if digest_size >= DIGEST_MINIMUM else 1
    return [*map(tuple, chunks(ordered, size)), *tests]


def _send(
    messages: Sequence[Message],
    send: Send,
    ledger: LedgerProtocol,
    has_time_for: HasTimeFor,
    jitter: Callable[[], float],
) -> Mapping[str, Outcome]:
    """Send *messages* until the destination, the ledger or the time blocks the rest; return each delivery's outcome."""
    outcomes: dict[str, Outcome] = {}
    pending = deque(messages)
    blocked: Deferred | None = None
    split_reason = ""
    while pending:
        message = pending.popleft()
        if blocked is None and not has_time_for(TimeBudget.SEND):
            blocked = backoff(message, jitter, NO_TIME)
        outcome = blocked or attempt(message, send, jitter)
        match outcome:
            case DeadLettered(reason=Reason.REJECTED) if len(message) > 1:
                split_reason = outcome.why
                middle = len(message) // 2
                pending.extendleft(reversed(_messages(message[:middle]) + _messages(message[middle:])))
                continue
            case Deferred():
                stagger = 0 if outcome.reason else STAGGER_SECONDS
                # Halves that are redelivered together would form the rejected digest again.
                gap = longest_backoff(message, jitter) if split_reason else stagger
                blocked = replace(outcome, seconds=outcome.seconds + gap)
            case Sent():
                marked, ledger_error = mark_sent(message, replace(outcome, split_reason=split_reason), ledger)
                outcomes |= marked
                if ledger_error:
                    # The next message could not be marked either.
                    blocked = backoff(message, jitter, ledger_error)
                continue
        outcomes |= dict.fromkeys(ids(message), outcome)
    return outcomes


def _with_backoff(item: QueuedDelivery, outcome: Outcome) -> Outcome:
    """Extend a wait to the delivery's own backoff: a shorter one, of a destination or a lease, uses up the attempts."""
    if not isinstance(outcome, Deferred):
        return outcome
    return replace(outcome, seconds=max(outcome.seconds, backoff_seconds(item.attempts, 0)))
