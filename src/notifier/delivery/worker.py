"""What becomes of the deliveries that came together for one destination.

Each is claimed in the ledger, sent alone or in a digest, and marked. What cannot be sent now is put off; what never
can be is given up, with the reason. A digest that is rejected is split until it is known which of its notifications
nobody wants. Nothing here waits: a closed door is tried again when the queue brings it back.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Final

from notifier.channels.base import UNLIMITED_BATCH, Send, Sender
from notifier.channels.digest import DIGEST_MINIMUM, occurrence
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Claim, LedgerError, LedgerProtocol, State
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import each

# Doubled with each attempt: the tenth waits for an hour, and so does each one after it. So much of each wait is certain
# that the 40 receives that the queue allows (template.yaml) last for more than a day.
BACKOFF_SECONDS: Final = 10
BACKOFF_LIMIT_SECONDS: Final = 60 * 60
BACKOFF_JITTER: Final = 0.2
# What may be gone within minutes is tried for five, by the backoff of so many attempts, before it is final.
SETTLING_ATTEMPTS: Final = 6
# What there was no time for comes back one after the other: together it would only use up its attempts.
TURN_SECONDS: Final = 5
LATE: Final = "too little time was left to try"


class Step(StrEnum):
    """The steps that need time before Lambda ends the function."""

    CLAIM = "claim"
    SEND = "send"
    RELEASE = "release"
    KEEP = "keep"
    PUT_OFF = "put off"


TimeFor = Callable[[Step], bool]


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery as it came out of the queue; *attempts* counts this one."""

    message_id: str
    receipt_handle: str
    attempts: int
    delivery: Delivery


def send_batch(
    batch: tuple[Received, ...],
    sender: Sender,
    ledger: LedgerProtocol,
    time_for: TimeFor,
    jitter: Callable[[], float],
) -> Mapping[str, Outcome]:
    """Send what can be sent of *batch*, all for one destination; return each message id's outcome.

    *time_for* says whether the longest possible step of a kind still fits, *jitter* is between 0 and 1.
    """
    by_id = {received.delivery.id: received for received in reversed(batch)}
    outcomes = dict(_claims(tuple(by_id.values())[::-1], ledger, time_for, jitter))
    claimed = [received for delivery_id, received in reversed(by_id.items()) if delivery_id not in outcomes]
    silent = tuple(received for received in claimed if received.delivery.silent)
    outcomes |= _marked(silent, Sent(0), ledger)[0]
    split_reason = ""
    door: Deferred | None = None
    unsent: list[str] = []
    waiting = deque(_messages([received for received in claimed if not received.delivery.silent], sender.max_batch))
    while waiting:
        message = waiting.popleft()
        if door is None and not time_for(Step.SEND):
            door = Deferred(_backoff_seconds(message, jitter), LATE)
        outcome = door or _attempt(message, sender.send, jitter)
        match outcome:
            case DeadLettered(reason=Reason.REJECTED) if len(message) > 1:
                split_reason = outcome.why
                waiting.extendleft(reversed(_halves(message)))
                continue
            case Deferred():
                turn = 0 if outcome.reason else TURN_SECONDS
                # Halves that came back together would be the digest again that was rejected.
                apart = _backoff_seconds(message, jitter) if split_reason else turn
                door = replace(outcome, seconds=outcome.seconds + apart)
            case Sent():
                marked, failure = _marked(message, replace(outcome, split_reason=split_reason), ledger)
                outcomes |= marked
                # What goes out after a failure could be marked as little.
                door = Deferred(_backoff_seconds(message, jitter), failure) if failure else door
                continue
        given_back = dict.fromkeys(_ids(message), outcome)
        outcomes |= given_back
        unsent += given_back
    # Without a release a claim lapses with its lease, and until then the delivery is put off again.
    with suppress(LedgerError):
        deque(each(ledger.release, unsent, lambda: time_for(Step.RELEASE)), maxlen=0)
    # A delivery that came twice in one batch has one outcome.
    return {received.message_id: _in_patience(received, outcomes[received.delivery.id]) for received in batch}


def backoff_seconds(attempts: int, jitter: float) -> int:
    """Say how long to wait after so many *attempts*; *jitter* spreads a part of it."""
    longest: int = min(BACKOFF_SECONDS * 2 ** (attempts - 1), BACKOFF_LIMIT_SECONDS)
    return round(longest * (1 - BACKOFF_JITTER * (1 - jitter)))


def _in_patience(received: Received, outcome: Outcome) -> Outcome:
    """Raise a wait that a destination, a lease or an older delivery chose, so that it does not use up the attempts."""
    if not isinstance(outcome, Deferred):
        return outcome
    return replace(outcome, seconds=max(outcome.seconds, backoff_seconds(received.attempts, 0)))


def _claims(
    batch: tuple[Received, ...], ledger: LedgerProtocol, time_for: TimeFor, jitter: Callable[[], float]
) -> Iterator[tuple[str, Outcome]]:
    """Claim *batch* as far as time allows; yield the outcome of those that are not ours to send."""
    unclaimed = {received.delivery.id: received for received in batch}
    errors: list[str] = []

    def claim(received: Received) -> Claim | None:
        try:
            return ledger.claim(received.delivery.id)
        except LedgerError as error:
            errors.append(str(error))
            return None

    # After an error the others would only wait for the same time-out.
    for received, claimed in each(claim, batch, lambda: not errors and time_for(Step.CLAIM)):
        if claimed is None:
            continue
        del unclaimed[received.delivery.id]
        if claimed.state is State.SENT:
            yield received.delivery.id, Sent(0)
        elif claimed.state is State.HELD:
            yield received.delivery.id, Deferred(claimed.held_seconds, "another worker is at it")
    if unclaimed:
        spread, why = jitter(), errors[0] if errors else LATE
        for delivery_id, received in unclaimed.items():
            yield delivery_id, Deferred(backoff_seconds(received.attempts, spread), why)


def _messages(claimed: Sequence[Received], max_batch: int = UNLIMITED_BATCH) -> tuple[tuple[Received, ...], ...]:
    """Put what goes out together together, *max_batch* so many at most, in the order of the events.

    Tests stay alone, for in a digest their mark would be one among other lines, and come last: what is real does not
    wait for them.
    """
    tests = tuple((received,) for received in claimed if received.delivery.notification.is_test)
    others = (received for received in claimed if not received.delivery.notification.is_test)
    ordered = tuple(sorted(others, key=lambda received: occurrence(received.delivery.notification)))
    together = min(max_batch, len(ordered))
    size = together if together >= DIGEST_MINIMUM else 1
    return (*(ordered[start : start + size] for start in range(0, len(ordered), size)), *tests)


def _halves(message: tuple[Received, ...]) -> tuple[tuple[Received, ...], ...]:
    middle = len(message) // 2
    return _messages(message[:middle]) + _messages(message[middle:])


def _attempt(message: tuple[Received, ...], send: Send, jitter: Callable[[], float]) -> Outcome:
    try:
        note = send(tuple(received.delivery.notification for received in message))
    except DeliveryError as error:
        attempts = max(received.attempts for received in message)
        if error.permanent and not (error.settling and attempts <= SETTLING_ATTEMPTS):
            return DeadLettered(str(error), error.reason)
        wait = max(ceil(error.retry_after_seconds or 0), _backoff_seconds(message, jitter))
        # Until it is final, it counts as what passes.
        return Deferred(wait, str(error), Reason.UNAVAILABLE if error.permanent else error.reason)
    return Sent(len(message), note=note or "")


def _backoff_seconds(message: tuple[Received, ...], jitter: Callable[[], float]) -> int:
    return backoff_seconds(max(received.attempts for received in message), jitter())


def _ids(message: tuple[Received, ...]) -> tuple[str, ...]:
    return tuple(received.delivery.id for received in message)


def _marked(message: tuple[Received, ...], sent: Sent, ledger: LedgerProtocol) -> tuple[Mapping[str, Sent], str]:
    """Mark a message as *sent*; return the outcome of each of its deliveries, and why the ledger failed, if it did."""
    outcomes = dict.fromkeys(_ids(message), sent)
    try:
        ledger.mark_sent(*outcomes)
    except LedgerError as error:
        return outcomes | dict.fromkeys(error.delivery_ids, replace(sent, ledger_error=str(error))), str(error)
    return outcomes, ""
