from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil, log2
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.base import UNLIMITED_BATCH, Channel, Notifications, Receipt
from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.delivery.attempts import (
    SETTLING_ATTEMPTS,
    HasTimeFor,
    PlainMessages,
    QueuedDelivery,
    TimeBudget,
    backoff_seconds,
)
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Ledger, LedgerError, LedgerRow
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import MAX_PARALLEL_CALLS
from notifier.delivery.worker import send_batch
from notifier.model.notification import Notification
from tests.samples import TRIAL, event, notification

COMPOSED = notification(event("service-created"))


def held(seconds: int) -> Deferred:
    """Describe the outcome while another worker holds a claim."""
    return Deferred(seconds, "another worker holds the claim")


class FakeLedger(Ledger):
    """A ledger in a dict; *broken* names the calls that fail, or the deliveries whose mark does."""

    def __init__(self, *broken: str, **states: Sent | Deferred) -> None:
        self.states = dict(states)
        self._broken = broken

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Grant what is free."""
        self._check("claim", delivery_id)
        known = self.states.get(delivery_id.removesuffix("/slack"))
        if known:
            return known
        self.states[delivery_id.removesuffix("/slack")] = held(60)
        return None

    def mark_sent(self, *delivery_ids: str, rows: Sequence[LedgerRow] = ()) -> None:  # noqa: ARG002 - none here
        """Remember up to the first that is broken."""
        self._check("mark_sent", *delivery_ids)
        for number, delivery_id in enumerate(delivery_ids):
            self._check(delivery_id, *delivery_ids[number:])
            self.states[delivery_id.removesuffix("/slack")] = Sent(0)

    def release(self, delivery_id: str) -> None:
        """Forget, unless it was sent."""
        self._check("release", delivery_id)
        name = delivery_id.removesuffix("/slack")
        if isinstance(self.states[name], Deferred):
            del self.states[name]

    def _check(self, broken: str, *delivery_ids: str) -> None:
        if broken in self._broken:
            raise LedgerError(broken, *delivery_ids)


class FakeChannel(Channel):
    """The channel to a destination that *call* is."""

    def __init__(self, call: Callable[[Notifications], Receipt | None], max_batch: int = UNLIMITED_BATCH) -> None:
        self._call = call
        self.max_batch = max_batch

    @staticmethod
    def message(_notifications: Notifications, _destination: Destination) -> dict[str, object]:
        """Write nothing."""
        return {}

    def send(self, notifications: Notifications) -> Receipt | None:
        """Call the destination."""
        return self._call(notifications)


class FakeDestination:
    """A destination that remembers its messages and fails as it is told."""

    def __init__(self, *failures: DeliveryError | None) -> None:
        self.messages: list[list[str]] = []
        self._failures = [*failures]

    def __call__(self, notifications: tuple[Notification, ...]) -> None:
        """Take or refuse a message."""
        failure = self._failures.pop(0) if self._failures else None
        if failure:
            raise failure
        self.messages.append([entry.event_id for entry in notifications])


class RejectingDestination:
    """A destination that rejects a message with any of *unwanted* in it, and counts how often it was asked.

    If it *tires*, it takes or rejects one message and is busy for each one that comes straight after it.
    """

    def __init__(self, unwanted: Iterable[str], *, tires: bool = False) -> None:
        self.messages: list[list[str]] = []
        self.asked = 0
        self.rested = True
        self._unwanted = set(unwanted)
        self._tires = tires

    def __call__(self, notifications: tuple[Notification, ...]) -> None:
        """Take or refuse a message."""
        self.asked += 1
        if self._tires and not self.rested:
            message = "limited"
            raise DeliveryError(message, Reason.RATE_LIMITED, 1)
        self.rested = False
        names = [entry.event_id for entry in notifications]
        if self._unwanted.intersection(names):
            message = "no"
            raise DeliveryError(message, Reason.REJECTED)
        self.messages.append(names)


def received(*names: str, attempts: int = 1) -> tuple[QueuedDelivery, ...]:
    """Make deliveries to Slack, a minute apart in the order of *names*; the message ids are m-0, m-1, ..."""
    assert COMPOSED.occurred_at
    notifications = [
        replace(COMPOSED, event_id=name, occurred_at=COMPOSED.occurred_at + timedelta(minutes=minute))
        for minute, name in enumerate(names)
    ]
    deliveries = [Delivery(notification=entry, destination="slack") for entry in notifications]
    return tuple(QueuedDelivery(f"m-{number}", attempts, delivery) for number, delivery in enumerate(deliveries))


def messages(
    destination: Callable[[Notifications], Receipt | None],
    ledger: Ledger,
    has_time_for: HasTimeFor = lambda _step: True,
    *,
    max_batch: int = UNLIMITED_BATCH,
    jitter: float = 1,
) -> PlainMessages:
    """Make the messages for *destination*; without luck, *jitter* is 0."""
    return PlainMessages(FakeChannel(destination, max_batch), ledger, has_time_for, jitter=lambda: jitter)


def outcomes(
    batch: Iterable[QueuedDelivery],
    destination: FakeDestination | RejectingDestination,
    ledger: FakeLedger,
    *,
    time_is_left: Iterable[bool] = (),
    max_batch: int = UNLIMITED_BATCH,
) -> dict[str, Outcome]:
    """Work a batch off, without jitter; *time_is_left* says so of one send after the other."""
    times = [*time_is_left]

    def has_time_for(step: TimeBudget) -> bool:
        return step is not TimeBudget.SEND or not times or times.pop(0)

    return dict(send_batch(tuple(batch), messages(destination, ledger, has_time_for, max_batch=max_batch)))


def test_one_or_two_stay_messages_of_their_own() -> None:
    """Each is sent and marked."""
    destination, ledger = FakeDestination(), FakeLedger()

    assert outcomes(received("a", "b"), destination, ledger) == {"m-0": Sent(1), "m-1": Sent(1)}

    assert destination.messages == [["a"], ["b"]]
    assert ledger.states == {"a": Sent(0), "b": Sent(0)}


def test_three_become_a_digest() -> None:
    """One message, and each of them is marked."""
    destination, ledger = FakeDestination(), FakeLedger()

    assert outcomes(received("a", "b", "c"), destination, ledger) == {f"m-{number}": Sent(3) for number in range(3)}

    assert destination.messages == [["a", "b", "c"]]
    assert set(ledger.states.values()) == {Sent(0)}


@pytest.mark.parametrize(
    ("settling", "attempts", "outcome"),
    [
        (True, 1, Deferred(10, "no", Reason.UNAVAILABLE)),
        (True, 6, Deferred(320, "no", Reason.UNAVAILABLE)),
        (True, 7, DeadLettered("no", Reason.UNAUTHORISED)),
        (False, 1, DeadLettered("no", Reason.UNAUTHORISED)),
    ],
)
def test_a_permission_may_take_minutes_to_be_known(settling: bool, attempts: int, outcome: Outcome) -> None:  # noqa: FBT001 - a column of the table
    """Until then it counts as what passes; the sixth attempt is five minutes after the first at the least."""
    destination = FakeDestination(DeliveryError("no", Reason.UNAUTHORISED, settling=settling))

    assert outcomes(received("a", attempts=attempts), destination, FakeLedger()) == {"m-0": outcome}
    assert sum(backoff_seconds(number, 0) for number in range(1, SETTLING_ATTEMPTS + 1)) >= 5 * 60


def test_a_note_about_a_message_is_kept_with_its_outcome() -> None:
    """The log has it."""
    plain = messages(lambda _told: Receipt("a yes in unusual words"), FakeLedger())

    assert send_batch(received("a"), plain) == {"m-0": Sent(1, note="a yes in unusual words")}


def test_messages_go_out_in_the_order_of_their_events() -> None:
    """Whatever order the queue has them in."""
    destination = FakeDestination()

    outcomes(reversed(received("a", "b")), destination, FakeLedger())

    assert destination.messages == [["a"], ["b"]]


def test_events_of_the_same_moment_go_out_as_they_came() -> None:
    """Proton tells whole seconds only."""
    destination = FakeDestination()
    max_batch = [
        replace(
            entry, delivery=replace(entry.delivery, notification=replace(entry.delivery.notification, occurred_at=None))
        )
        for entry in received("a", "b")
    ]

    outcomes(max_batch, destination, FakeLedger())

    assert destination.messages == [["a"], ["b"]]


def test_a_test_is_in_no_digest_and_goes_out_last() -> None:
    """Its mark would be one among other lines; the others are a digest all the same, and do not wait for it."""
    destination = FakeDestination()
    batch = received("a", "b", "c")
    delivery = replace(batch[1].delivery, notification=notification({**TRIAL, "id": "test"}))

    made = outcomes((replace(batch[1], message_id="m-test", delivery=delivery), *batch), destination, FakeLedger())

    assert made == {"m-test": Sent(1), **{f"m-{number}": Sent(3) for number in range(3)}}
    assert destination.messages == [["a", "b", "c"], ["test"]]


def silent(*batch: QueuedDelivery) -> tuple[QueuedDelivery, ...]:
    """Make the deliveries of *batch* silent."""
    return tuple(replace(entry, delivery=replace(entry.delivery, silent=True)) for entry in batch)


@pytest.mark.parametrize(
    ("max_batch", "sizes"), [(1, [1] * 7), (2, [1] * 7), (3, [3, 3, 1]), (5, [5, 2]), (7, [7]), (8, [7])]
)
def test_a_channel_gets_no_more_at_once_than_it_takes(max_batch: int, sizes: list[int]) -> None:
    """In the order of the events; below three, each is a message of its own."""
    destination = FakeDestination()

    outcomes(received(*"abcdefg"), destination, FakeLedger(), max_batch=max_batch)

    assert [len(message) for message in destination.messages] == sizes
    assert [name for message in destination.messages for name in message] == [*"abcdefg"]


def test_a_ledger_that_takes_no_mark_stops_the_rest() -> None:
    """Further messages could not be marked either, and each call would wait for its time-out."""
    destination = FakeDestination()

    result = outcomes(received("a", "b", "c"), destination, FakeLedger("mark_sent"), max_batch=1)

    assert destination.messages == [["a"]]
    assert result["m-0"] == Sent(1, "mark_sent")
    assert [type(result[name]) for name in ("m-1", "m-2")] == [Deferred, Deferred]


def test_what_there_was_no_time_for_comes_back_in_turn() -> None:
    """Together it would only use up its attempts."""
    result = outcomes(received("a", "b", "c"), FakeDestination(), FakeLedger(), max_batch=1, time_is_left=[True, False])

    waits = [outcome.seconds for outcome in result.values() if isinstance(outcome, Deferred)]
    assert waits == [10, 15]


def test_what_is_silent_is_marked_and_not_sent() -> None:
    """It makes no digest of the other two, and the outcome says that no message has it."""
    destination, ledger = FakeDestination(), FakeLedger()
    first, *others = received("a", "b", "c")

    assert outcomes([*silent(first), *others], destination, ledger) == {"m-0": Sent(0), "m-1": Sent(1), "m-2": Sent(1)}

    assert destination.messages == [["b"], ["c"]]
    assert ledger.states == {name: Sent(0) for name in ("a", "b", "c")}


def test_a_blocked_destination_holds_up_nothing_silent() -> None:
    """A silent delivery needs no message."""
    destination, ledger = FakeDestination(DeliveryError("limited", Reason.RATE_LIMITED, 30)), FakeLedger()
    first, second = received("a", "b")

    assert outcomes([first, *silent(second)], destination, ledger) == {
        "m-0": Deferred(30, "limited", Reason.RATE_LIMITED),
        "m-1": Sent(0),
    }


def test_without_the_ledger_nothing_silent_is_through() -> None:
    """The ledger is a part of the way that it is to try."""
    assert outcomes(silent(*received("a")), FakeDestination(), FakeLedger("claim")) == {"m-0": Deferred(10, "claim")}


def test_what_was_sent_or_is_being_sent_is_left_alone() -> None:
    """The first is done, the second comes back when the other worker's lease is over."""
    destination, ledger = (
        FakeDestination(),
        FakeLedger(a=Sent(0), b=held(42)),
    )

    assert outcomes(received("a", "b", "c"), destination, ledger) == {
        "m-0": Sent(0),
        "m-1": held(42),
        "m-2": Sent(1),
    }

    assert destination.messages == [["c"]]


def test_a_delivery_that_came_twice_in_one_batch_is_sent_once() -> None:
    """Both copies are done."""
    destination = FakeDestination()
    twice = received("a")[0]

    assert outcomes([twice, replace(twice, message_id="copy")], destination, FakeLedger()) == {
        "m-0": Sent(1),
        "copy": Sent(1),
    }

    assert destination.messages == [["a"]]


@pytest.mark.parametrize(("retry_after", "seconds"), [(30, 30), (10.2, 11), (5, 10), (0.2, 10), (0, 10), (None, 10)])
def test_a_blocked_destination_is_not_tried_again_in_the_same_batch(retry_after: float | None, seconds: int) -> None:
    """Everything comes back when the destination asked for it, or when we want to; the claims are free by then."""
    limited = DeliveryError("limited", Reason.RATE_LIMITED, retry_after)
    destination, ledger = FakeDestination(limited), FakeLedger()

    deferred = Deferred(seconds, "limited", Reason.RATE_LIMITED)
    assert outcomes(received("a", "b"), destination, ledger) == {"m-0": deferred, "m-1": deferred}

    assert destination.messages == []
    assert ledger.states == {}


def test_a_refused_digest_is_put_off_whole() -> None:
    """None of it counts as sent."""
    destination, ledger = FakeDestination(DeliveryError("down", Reason.UNAVAILABLE)), FakeLedger()

    deferred = Deferred(40, "down", Reason.UNAVAILABLE)
    assert outcomes(received("a", "b", "c", attempts=3), destination, ledger) == {
        f"m-{number}": deferred for number in range(3)
    }

    assert ledger.states == {}


def test_a_permanent_failure_is_given_up_and_stops_no_other() -> None:
    """The destination is well; it rejects this message alone."""
    destination, ledger = FakeDestination(DeliveryError("no", Reason.REJECTED)), FakeLedger()

    assert outcomes(received("a", "b"), destination, ledger) == {
        "m-0": DeadLettered("no", Reason.REJECTED),
        "m-1": Sent(1),
    }

    assert ledger.states == {"b": Sent(0)}


@pytest.mark.parametrize("reason", [Reason.GONE, Reason.MISCONFIGURED, Reason.UNAUTHORISED])
def test_a_destination_that_is_lost_for_good_is_asked_once_for_a_digest(reason: Reason) -> None:
    """It is not one of the notifications that is at fault."""
    destination, ledger = FakeDestination(DeliveryError("no", reason)), FakeLedger()

    assert outcomes(received("a", "b", "c"), destination, ledger) == dict.fromkeys(
        ["m-0", "m-1", "m-2"], DeadLettered("no", reason)
    )

    assert destination.messages == []
    assert ledger.states == {}


def test_a_rejected_digest_is_halved_and_only_what_nobody_wants_is_given_up() -> None:
    """The others are sent in order, in digests while there are enough of them, and it is known what was rejected."""
    destination, ledger = RejectingDestination("f"), FakeLedger()

    settled = outcomes(received(*"abcdefgh"), destination, ledger)

    assert destination.messages == [["a", "b", "c", "d"], ["e"], ["g"], ["h"]]
    assert settled == {
        **{f"m-{number}": Sent(4, split_reason="no") for number in range(4)},
        **{f"m-{number}": Sent(1, split_reason="no") for number in (4, 6, 7)},
        "m-5": DeadLettered("no", Reason.REJECTED),
    }
    assert ledger.states == dict.fromkeys("abcdegh", Sent(0))


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_every_good_one_is_sent_once_and_every_bad_one_given_up_once(wanted: list[bool]) -> None:
    """Whichever are bad; each of them costs two messages for each halving, all of them two for each delivery."""
    names = [f"n-{number}" for number in range(len(wanted))]
    good = [name for name, is_good in zip(names, wanted, strict=True) if is_good]
    destination, ledger = RejectingDestination(set(names) - set(good)), FakeLedger()

    settled = outcomes(received(*names), destination, ledger)

    bad = len(names) - len(good)
    given_up = {
        name for name, outcome in zip(names, settled.values(), strict=True) if isinstance(outcome, DeadLettered)
    }
    assert [name for told in destination.messages for name in told] == good
    assert given_up == set(names) - set(good)
    assert ledger.states == dict.fromkeys(good, Sent(0))
    assert destination.asked <= min(2 * len(names), 2 + bad * 2 * ceil(log2(len(names) + 1)))


def test_halves_that_are_deferred_come_back_apart() -> None:
    """Together they would form the rejected digest again; when time runs out, they come back apart, too."""
    limited = DeliveryError("limited", Reason.RATE_LIMITED, 30)
    destination, ledger = FakeDestination(DeliveryError("no", Reason.REJECTED), limited), FakeLedger()

    batch = received(*"abcdef", attempts=3)
    settled = outcomes(batch, destination, ledger)
    late = outcomes(
        batch, FakeDestination(DeliveryError("no", Reason.REJECTED)), FakeLedger(), time_is_left=[True, False]
    )

    assert [outcome.seconds for outcome in settled.values() if isinstance(outcome, Deferred)] == [40] * 3 + [80] * 3
    assert [outcome.seconds for outcome in late.values() if isinstance(outcome, Deferred)] == [40] * 3 + [80] * 3
    assert ledger.states == {}


def test_a_bad_one_of_500_costs_at_most_18_messages_more() -> None:
    """Two for each halving, wherever it stands."""
    destinations = [RejectingDestination([f"n-{bad}"]) for bad in (0, 1, 100, 250, 499)]

    for destination in destinations:
        outcomes(received(*(f"n-{number}" for number in range(500))), destination, FakeLedger())

    assert max(destination.asked for destination in destinations) == 1 + 18


def test_a_rejected_digest_of_500_ends_even_if_each_message_blocks_the_destination() -> None:
    """With three bad ones none comes back as often as 20 times, of the 40 that the queue allows."""
    names = [f"n-{number}" for number in range(500)]
    unwanted = {"n-0", "n-250", "n-251"}
    destination, ledger = RejectingDestination(unwanted, tires=True), FakeLedger()
    due = [(0, delivery) for delivery in received(*names, attempts=0)]
    given_up: list[str] = []
    window_seconds, receives = 5, 0

    while due and receives < 40:
        closes = min(moment for moment, _ in due) + window_seconds
        batch = [replace(each, attempts=each.attempts + 1) for moment, each in due if moment <= closes]
        due = [(moment, each) for moment, each in due if moment > closes]
        destination.rested = True
        for each, outcome in zip(batch, outcomes(batch, destination, ledger).values(), strict=True):
            receives = max(receives, each.attempts)
            if isinstance(outcome, Deferred):
                due.append((closes + outcome.seconds, each))
            elif isinstance(outcome, DeadLettered):
                given_up.append(each.delivery.notification.event_id)

    assert sorted(name for told in destination.messages for name in told) == sorted(set(names) - unwanted)
    assert sorted(given_up) == sorted(unwanted)
    assert receives < 20
    assert destination.asked <= 100


def test_what_cannot_be_tried_in_time_goes_back_unharmed() -> None:
    """Soon, with nothing held against the destination."""
    destination, ledger = FakeDestination(), FakeLedger()

    late = Deferred(10, "too little time was left to try")
    assert outcomes(received("a", "b"), destination, ledger, time_is_left=[True, False]) == {
        "m-0": Sent(1),
        "m-1": late,
    }

    assert destination.messages == [["a"]]
    assert ledger.states == {"a": Sent(0)}


def test_without_the_ledger_nothing_is_sent() -> None:
    """Rather late than twice; the others do not wait for the same time-out."""
    destination = FakeDestination()

    deferred = Deferred(10, "claim")
    assert outcomes(received("a", "b"), destination, FakeLedger("claim")) == {"m-0": deferred, "m-1": deferred}

    assert destination.messages == []


def test_what_was_sent_is_not_sent_again_because_it_could_not_be_marked() -> None:
    """The message is out, so the queue has to forget it; the outcome says that the ledger does not know."""
    destination = FakeDestination()

    assert outcomes(received("a"), destination, FakeLedger("mark_sent")) == {"m-0": Sent(1, "mark_sent")}


def test_of_a_digest_only_what_could_not_be_marked_is_said_to_be_unmarked() -> None:
    """The others are in the ledger."""
    destination, ledger = FakeDestination(), FakeLedger("b/slack")

    assert outcomes(received("a", "b", "c"), destination, ledger) == {
        "m-0": Sent(3),
        "m-1": Sent(3, "b/slack"),
        "m-2": Sent(3, "b/slack"),
    }

    assert ledger.states == {
        "a": Sent(0),
        "b": held(60),
        "c": held(60),
    }


def test_a_claim_that_cannot_be_released_lapses_by_itself() -> None:
    """The delivery is put off all the same."""
    destination, ledger = FakeDestination(DeliveryError("down", Reason.TIMED_OUT)), FakeLedger("release")

    assert outcomes(received("a"), destination, ledger) == {"m-0": Deferred(10, "down", Reason.TIMED_OUT)}

    assert ledger.states == {"a": held(60)}


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [(1, 8, 10), (2, 16, 20), (6, 256, 320), (10, 2_880, 3_600), (40, 2_880, 3_600)],
)
def test_waits_double_up_to_an_hour(attempts: int, shortest: int, longest: int) -> None:
    """Four fifths of a wait are certain, the last is spread."""
    assert (backoff_seconds(attempts, 0.0), backoff_seconds(attempts, 1.0)) == (shortest, longest)


RATE_LIMITED = [
    DeliveryError("limited", Reason.RATE_LIMITED, seconds) for seconds in (None, -1, 0, 0.001, 1, 5, 30, 119.5, 3_600)
]


class RefusingDestination:
    """A destination that never takes anything, and says when to come back."""

    def __init__(self, failure: DeliveryError) -> None:
        self._failure = failure

    def __call__(self, _notifications: tuple[Notification, ...]) -> None:
        """Refuse."""
        raise self._failure


@pytest.mark.parametrize(
    ("failure", "ledger", "time_is_left"),
    [
        *((failure, FakeLedger(), True) for failure in RATE_LIMITED),
        (DeliveryError("down", Reason.UNAVAILABLE), FakeLedger(), True),
        (DeliveryError("down", Reason.UNAVAILABLE), FakeLedger("claim"), True),
        (DeliveryError("down", Reason.UNAVAILABLE), FakeLedger(), False),
        (DeliveryError("down", Reason.UNAVAILABLE), FakeLedger(a=held(1)), True),
    ],
    ids=[
        *(f"Retry-After {failure.retry_after_seconds}" for failure in RATE_LIMITED),
        "down",
        "no ledger",
        "no time",
        "held",
    ],
)
def test_40_receives_last_for_more_than_a_day(
    failure: DeliveryError, ledger: FakeLedger, *, time_is_left: bool
) -> None:
    """Whatever the other side says, whoever holds the claim, however little time there is, and without luck."""
    seconds = 0

    for attempts in range(1, 41):
        batch = received("a", attempts=attempts)
        plain = messages(RefusingDestination(failure), ledger, lambda _step: time_is_left, jitter=0)
        (outcome,) = send_batch(batch, plain).values()
        assert isinstance(outcome, Deferred)
        seconds += outcome.seconds if attempts < 40 else 0

    assert seconds > 24 * 60 * 60


def test_the_patience_of_one_is_not_measured_by_another() -> None:
    """A delivery that was tried often waits longer than a new one, before which it stands in the queue."""
    new, old = received("a", "b")
    limited = DeliveryError("limited", Reason.RATE_LIMITED, 1)

    settled = outcomes([new, replace(old, attempts=10)], FakeDestination(limited), FakeLedger())

    assert [outcome.seconds for outcome in settled.values() if isinstance(outcome, Deferred)] == [10, 2_880]


class SlowLedger(FakeLedger):
    """A ledger whose calls take *seconds* each, so many of them at a time as are made together."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.now = 0.0
        self._seconds = seconds
        self._calls: Counter[str] = Counter()
        self._one_at_a_time = Lock()

    def begin(self) -> None:
        """Begin an invocation, in which no round is half full."""
        self.now = 0.0
        self._calls.clear()

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Grant what is free, late."""
        self._pass("claim")
        return super().claim(delivery_id)

    def mark_sent(self, *delivery_ids: str, rows: Sequence[LedgerRow] = ()) -> None:  # noqa: ARG002 - none here
        """Remember, late; 25 with a call."""
        self.now += self._seconds * ceil(len(delivery_ids) / 25)
        super().mark_sent(*delivery_ids)

    def release(self, delivery_id: str) -> None:
        """Forget, late."""
        self._pass("release")
        super().release(delivery_id)

    def _pass(self, call: str) -> None:
        with self._one_at_a_time:
            if self._calls[call] % MAX_PARALLEL_CALLS == 0:
                self.now += self._seconds
            self._calls[call] += 1


@pytest.mark.uncounted
@pytest.mark.parametrize("answers_seconds", [0.2, 20])
@pytest.mark.parametrize("call_seconds", [0.005, 0.045, 0.07, 0.2, 0.5, 1, 3])
@pytest.mark.parametrize("max_batch", [1, UNLIMITED_BATCH])
def test_with_a_slow_ledger_something_is_sent_in_each_invocation_and_none_is_ended(
    call_seconds: float, answers_seconds: float, max_batch: int
) -> None:
    """500 deliveries for one destination, which answers at once or in the last moment; nothing goes out twice."""
    ledger, destination = SlowLedger(call_seconds), FakeDestination()
    waiting = received(*(f"n-{number}" for number in range(500)))
    invocations = 0

    def send(notifications: tuple[Notification, ...]) -> None:
        ledger.now += answers_seconds
        destination(notifications)

    while waiting and invocations < 5:
        invocations += 1
        ledger.begin()
        before = len(destination.messages)
        plain = messages(send, ledger, lambda step: 60_000 - 1_000 * ledger.now >= step, max_batch=max_batch)
        made = send_batch(waiting, plain)
        waiting = tuple(each for each in waiting if isinstance(made[each.message_id], Deferred))
        assert len(destination.messages) > before
        assert ledger.now <= 60 - 5

    told = [name for message in destination.messages for name in message]
    assert len(told) == len(set(told)) == 500 - len(waiting)
    assert [name for name, claim in ledger.states.items() if claim != Sent(0)] == []
    if max_batch > 1:
        assert waiting == ()


def test_the_first_invocation_sends_all_500_at_200_milliseconds_a_call() -> None:
    """Claims take four seconds of the 60, for they are made in parallel."""
    ledger, destination = SlowLedger(0.2), FakeDestination()
    batch = received(*(f"n-{number}" for number in range(500)))

    outcomes(batch, destination, ledger)

    assert [len(message) for message in destination.messages] == [500]
    assert ledger.now == pytest.approx(16 * 0.2 + 20 * 0.2)
