from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.digest import LISTED_LIMIT, Count, compose_digest
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from tests.samples import event, notification

COMPOSED = notification(event("service-created"))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def at(minute: int | None, severity: Severity = Severity.FAILURE, name: str = "n") -> Notification:
    """Make a notification of *minute* past noon."""
    moment = None if minute is None else NOON + timedelta(minutes=minute)
    return replace(COMPOSED, severity=severity, name=name, occurred_at=moment)


def test_urgent_ones_come_first_then_by_time() -> None:
    """Failures are what a person looks for; an event without time comes last of its kind."""
    given_order = [
        at(1, Severity.INFO, "a"),
        at(None, Severity.FAILURE, "b"),
        at(3, Severity.FAILURE, "c"),
        at(2, Severity.FAILURE, "d"),
        at(0, Severity.ACTION, "e"),
    ]

    together = compose_digest(given_order)

    assert [entry.name for entry in together.listed] == ["d", "c", "b", "e", "a"]
    assert together.counts == ((Severity.FAILURE, 3), (Severity.ACTION, 1), (Severity.INFO, 1))
    assert together.severity is Severity.FAILURE
    assert together.counted == ()


def test_what_is_not_told_is_counted_by_kind() -> None:
    """A thousand changes are thirty lines and a few counts."""
    failures = [at(minute, Severity.FAILURE) for minute in range(40)]
    successes = [at(minute, Severity.SUCCESS) for minute in range(960)]

    together = compose_digest([*successes, *failures])

    assert {entry.severity for entry in together.listed} == {Severity.FAILURE}
    assert together.counted == (
        Count(Severity.FAILURE, "Service is active", 10),
        Count(Severity.SUCCESS, "Service is active", 960),
    )


def test_a_channel_may_tell_less() -> None:
    """A channel without room for thirty lines counts more of them."""
    together = compose_digest([at(minute) for minute in range(40)], 4)

    assert [entry.occurred_at for entry in together.listed] == [NOON + timedelta(minutes=n) for n in range(4)]
    assert together.counted == (Count(Severity.FAILURE, "Service is active", 36),)


def test_rare_kinds_are_counted_together() -> None:
    """However many kinds there are, a digest stays short."""
    unlike = [replace(at(0), headline=f"has the unknown status {number}") for number in range(100)]

    together = compose_digest(unlike)

    assert len(together.counted) == 21
    assert together.counted[0] == Count(Severity.FAILURE, "other changes", 50)


@given(st.lists(st.tuples(st.sampled_from(Severity), st.none() | st.integers(0, 600)), min_size=1, max_size=100))
def test_nothing_is_left_out_of_the_count(entries: list[tuple[Severity, int | None]]) -> None:
    """Whatever came together, the numbers add up."""
    together = compose_digest(at(minute, severity) for severity, minute in entries)

    assert dict(together.counts) == Counter(severity for severity, _ in entries)
    assert len(together.listed) == min(len(entries), LISTED_LIMIT)
    assert len(together.listed) + sum(count.number for count in together.counted) == len(entries)
