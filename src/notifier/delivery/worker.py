"""Send a batch of deliveries to one destination.

Each delivery is claimed in the ledger, sent alone or in a digest (`notifier.channels.digest`), and marked as sent. A
temporary error defers the delivery and all later ones; nothing sleeps, the queue redelivers. A permanent error
dead-letters the delivery. A rejected digest is split in halves until the rejected notifications are found.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from notifier.channels.destination import Reason
from notifier.delivery.attempts import NO_TIME, Message, PlainMessages, QueuedDelivery, TimeBudget, backoff_seconds, ids
from notifier.delivery.ledger import LedgerError
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import call_each

# Messages for which no time was left are redelivered one after the other, because together they would run out of time
# again and use up their attempts.
STAGGER_SECONDS: Final = 5


def send_batch(batch: Sequence[QueuedDelivery], plain: PlainMessages) -> Mapping[str, Outcome]:
    """Send the deliveries of *batch*, all to the destination of *plain*; return the outcome of each message id."""
    # A delivery that came twice in one batch is sent once, and both messages get its outcome.
    unique: dict[str, QueuedDelivery] = {}
    for item in batch:
        unique.setdefault(item.delivery.id, item)
    outcomes = dict(_claim(tuple(unique.values()), plain))
    claimed = [item for delivery_id, item in unique.items() if delivery_id not in outcomes]
    quiet = [item for item in claimed if item.delivery.silent or (item.delivery.root_only and not plain.threads)]
    outcomes |= plain.mark(tuple(quiet), Sent(0))[0]
    turns = [item for item in claimed if item not in quiet and item.delivery.notification.incident]
    blocked = None
    if turns and (plain.threads or plain.channel.ordered):
        # Imported here, as most invocations are about no incident.
        from notifier.delivery.incident_messages import IncidentMessages  # noqa: PLC0415

        messages = IncidentMessages(plain.channel, plain.ledger, plain.has_time_for, plain.guard, plain.jitter)
        outcomes |= messages.lease(turns)
        sent, blocked = _send([item for item in turns if item.delivery.id not in outcomes], messages)
        outcomes |= sent
        messages.release()
    rest = [item for item in claimed if item.delivery.id not in outcomes]
    outcomes |= _send(rest, plain, blocked)[0]
    unsent = [item.delivery.id for item in claimed if not isinstance(outcomes[item.delivery.id], Sent)]
    # An unreleased claim expires with its lease; until then, its delivery is deferred again.
    with suppress(LedgerError):
        call_each(plain.ledger.release, unsent, lambda: plain.has_time_for(TimeBudget.CALL))
    return {item.message_id: _with_backoff(item, outcomes[item.delivery.id]) for item in batch}


def _claim(batch: Message, plain: PlainMessages) -> Iterator[tuple[str, Outcome]]:
    """Claim *batch* while time is left; yield the outcome of each delivery that must not be sent now."""
    errors: list[str] = []

    def claim(item: QueuedDelivery) -> Outcome | None:
        try:
            return plain.ledger.claim(item.delivery.id)
        except LedgerError as error:
            errors.append(str(error))
            return plain.backoff((item,), str(error))

    # After an error, other claims would run into the same time-out.
    claims = call_each(claim, batch, lambda: not errors and plain.has_time_for(TimeBudget.CLAIM))
    yield from ((item.delivery.id, outcome) for item, outcome in claims if outcome)
    for item in batch[len(claims) :]:
        yield item.delivery.id, plain.backoff((item,), errors[0] if errors else NO_TIME)


def _send(
    items: Sequence[QueuedDelivery], messages: PlainMessages, blocked: Deferred | None = None
) -> tuple[Mapping[str, Outcome], Deferred | None]:
    """Send *items* until an error blocks the rest; return each delivery's outcome, and the deferral of the rest."""
    outcomes: dict[str, Outcome] = {}
    pending = deque(messages.group(items))
    split_reason = ""
    while pending:
        message = pending.popleft()
        if blocked is None and not messages.has_time_for(TimeBudget.SEND):
            blocked = messages.backoff(message, NO_TIME)
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
                gap = messages.wait_seconds(message) if split_reason else stagger
                blocked = replace(outcome, seconds=outcome.seconds + gap)
            case Sent():
                marked, ledger_error = messages.mark(message, replace(outcome, split_reason=split_reason))
                outcomes |= marked
                if ledger_error:
                    # The next message could not be marked either.
                    blocked = messages.backoff(message, ledger_error)
                continue
        outcomes |= dict.fromkeys(ids(message), outcome)
    return outcomes, blocked


def _with_backoff(item: QueuedDelivery, outcome: Outcome) -> Outcome:
    """Extend a wait to the delivery's own backoff, because shorter waits would use up the attempts too early."""
    if not isinstance(outcome, Deferred):
        return outcome
    return replace(outcome, seconds=max(outcome.seconds, backoff_seconds(item.attempts, 0)))
