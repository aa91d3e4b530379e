from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.digest import LISTED_LIMIT, compose_digest
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Attribute, Notification
from notifier.model.status_change import Fact, Severity
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
        (Severity.FAILURE, "service is active", 10),
        (Severity.SUCCESS, "service is active", 960),
    )


def test_a_channel_may_tell_less() -> None:
    """A channel without room for thirty lines counts more of them."""
    together = compose_digest([at(minute) for minute in range(40)], 4)

    assert [entry.occurred_at for entry in together.listed] == [NOON + timedelta(minutes=n) for n in range(4)]
    assert together.counted == ((Severity.FAILURE, "service is active", 36),)


def test_rare_kinds_are_counted_together() -> None:
    """However many kinds there are, a digest stays short."""
    unlike = [replace(at(0), headline=f"has the unknown status {number}") for number in range(100)]

    together = compose_digest(unlike)

    assert len(together.counted) == 21
    assert together.counted[0] == (Severity.FAILURE, "other changes", 50)


@given(st.lists(st.tuples(st.sampled_from(Severity), st.none() | st.integers(0, 600)), min_size=1, max_size=100))
def test_nothing_is_left_out_of_the_count(entries: list[tuple[Severity, int | None]]) -> None:
    """Whatever came together, the numbers add up."""
    together = compose_digest(at(minute, severity) for severity, minute in entries)

    assert dict(together.counts) == Counter(severity for severity, _ in entries)
    assert len(together.listed) == min(len(entries), LISTED_LIMIT)
    assert len(together.listed) + sum(number for _, _, number in together.counted) == len(entries)


def turn(number: int | None, turn: Turn, severity: Severity, headline: str, **other: Any) -> Notification:  # noqa: ANN401 - any field
    """Make the notification of a turn of the incident i, in the minute *number* past noon."""
    state = State.CLOSED if turn in {Turn.RECOVERED, Turn.ENDED} else State.FAILING
    incident = Incident("i", "i", turn, state, number, NOON, 1)
    return replace(at(number), severity=severity, headline=headline, incident=incident, **other)


FAILED = turn(1, Turn.OPENED, Severity.FAILURE, "could not be updated", reason="No space", next_step="Add a disk.")
RETRIED = turn(2, Turn.PROGRESS, Severity.PROGRESS, "is being updated")
FAILED_AGAIN = turn(3, Turn.AGAIN, Severity.FAILURE, "could not be updated: 2nd attempt in 2 min", next_step="Look.")
RECOVERED = turn(4, Turn.RECOVERED, Severity.RECOVERED, "is active, recovered after 3 min, 2 attempts")
LATE = turn(None, Turn.LATE, Severity.FAILURE, "failed at 11:00 UTC, told late")


@pytest.mark.parametrize(
    ("turns", "severity", "headline", "reason", "next_step"),
    [
        (
            (RECOVERED, FAILED),
            "recovered",
            "failed 12:01 UTC, is active, recovered after 3 min, 2 attempts",
            None,
            None,
        ),
        ((FAILED_AGAIN, RECOVERED), "recovered", RECOVERED.headline, None, None),
        ((RETRIED, RECOVERED), "recovered", RECOVERED.headline, None, None),
        ((FAILED, RETRIED), "failure", "failed, is being updated", "No space", "Add a disk."),
        ((FAILED, RETRIED, FAILED_AGAIN), "failure", FAILED_AGAIN.headline, "No space", "Look."),
        ((FAILED, replace(FAILED_AGAIN, reason="Full")), "failure", FAILED_AGAIN.headline, "Full", "Look."),
        (
            (
                replace(FAILED, severity=Severity.ACTION, headline="needs approval"),
                turn(2, Turn.ENDED, Severity.INFO, "was approved after 1 min"),
            ),
            "info",
            "waited from 12:01 UTC, was approved after 1 min",
            None,
            None,
        ),
        ((replace(FAILED, occurred_at=None), RECOVERED), "recovered", RECOVERED.headline, None, None),
    ],
    ids=["recovered", "old", "no failure", "tried again", "failed again", "new reason", "approved", "no time"],
)
def test_an_incident_is_one_line(
    turns: tuple[Notification, ...], severity: str, headline: str, reason: str | None, next_step: str | None
) -> None:
    """Its newest turn, and its failure as long as that is not over; every notification is kept."""
    digest = compose_digest((*turns, *turns))

    (line,) = digest.listed
    assert (line.severity, line.headline, line.reason, line.next_step) == (
        severity,
        headline,
        reason,
        next_step or RECOVERED.next_step,
    )
    assert digest.counts == ((Severity(severity), 1),)
    assert len(digest.notifications) == 2 * len(turns)


def test_a_failure_that_is_told_late_is_a_line_of_its_own() -> None:
    """It says nothing about the present."""
    digest = compose_digest([FAILED, LATE, RECOVERED])

    assert [line.headline.partition(",")[0] for line in digest.lines] == [
        LATE.headline.partition(",")[0],
        "failed 12:01 UTC",
    ]


def test_recoveries_are_counted_together() -> None:
    """Though each took another time."""
    closed = [Incident(f"{number}", "i", Turn.RECOVERED, State.CLOSED, 2, NOON, 1) for number in range(9)]
    recoveries = [replace(RECOVERED, headline=f"recovered after {each.id} min", incident=each) for each in closed]

    assert compose_digest(recoveries, 0).counted == ((Severity.RECOVERED, "service recovered", 9),)


@pytest.mark.parametrize(
    ("turns", "title", "summary"),
    [
        ([Turn.REMINDER] * 3, "3 still failing in production: checkout", "🔴 3 still failing (3 events)"),
        ([Turn.REMINDER, Turn.OPENED, Turn.OPENED], "3 failed in production: checkout", "🔴 3 failed (3 events)"),
    ],
)
def test_reminders_alone_are_no_news(turns: list[Turn], title: str, summary: str) -> None:
    """A person who is woken by them would think that something else has failed."""
    incidents = [Incident(f"{number}", "0", turn, State.FAILING, 1, NOON, 1) for number, turn in enumerate(turns)]
    digest = compose_digest([replace(at(0), incident=each) for each in incidents])

    assert (digest.titles[0], digest.summary(icons=True)) == (title, summary)


def failures(*services: str, account: str = "production", **other: Any) -> list[Notification]:  # noqa: ANN401 - any field
    """Make a failure in each of *services*."""
    attributes = (Attribute("account", "1"), *COMPOSED.attributes)
    return [
        replace(
            at(number),
            attributes=tuple(replace(each, value=service) if each.name == "service" else each for each in attributes),
            place=(account, "eu-west-1"),
            **other,
        )
        for number, service in enumerate(services)
    ]


STORM = failures(*["checkout"] * 40, *["invoices"] * 38, *(f"{number}" for number in range(12)))
UNKNOWN = replace(at(0), attributes=(), place=(), name="shop/web/3")


@pytest.mark.parametrize(
    ("notifications", "title"),
    [
        (STORM, "90 failed in production: checkout 40, invoices 38, 0 1, and 11 others"),
        (failures("a", "b", "a", "c", "d"), "5 failed in production: a 2, b 1, c 1, and 1 other"),
        (failures("checkout", "checkout", "invoices"), "3 failed in production: checkout 2, invoices 1"),
        (failures("a", "b", "c"), "3 failed in production: a, b, c"),
        ([*failures("a", "a"), *failures("a", account="test")], "3 failed in 2 accounts: a"),
        ([UNKNOWN, *[at(1, Severity.RECOVERED)] * 2], "1 failed: shop; 2 recovered"),
        ([replace(UNKNOWN, attributes=(Attribute("environment", "prod"),))], "1 failed: prod"),
        ([replace(UNKNOWN, name="/")], "1 failed: /"),
    ],
    ids=["storm", "one other", "few", "as many services", "accounts", "nothing known", "environment", "odd name"],
)
def test_the_title_says_what_failed_where(notifications: list[Notification], title: str) -> None:
    """The most urgent severity alone; the others are counted."""
    assert compose_digest(notifications).titles[0] == title


def test_a_title_becomes_shorter_where_there_is_no_room() -> None:
    """By a service at a time, then without services, place and other severities."""
    assert compose_digest([*STORM[:79], at(1, Severity.RECOVERED)]).titles == (
        "79 failed in production: checkout 40, invoices 38, 0 1; 1 recovered",
        "79 failed in production: checkout 40, invoices 38, and 1 other; 1 recovered",
        "79 failed in production: checkout 40, and 2 others; 1 recovered",
        "79 failed in production; 1 recovered",
        "79 failed",
    )


@pytest.mark.parametrize(
    ("steps", "advice"),
    [
        (("A", "A", "A"), Fact("What to do", "A")),
        (("A", "A", "B"), Fact("What to do for 2 of 3", "A")),
        (("A", "A", "B", "C"), None),
        ((None, None, "A"), None),
    ],
    ids=["all", "most", "half", "most have none"],
)
def test_what_to_do_is_said_once(steps: tuple[str | None, ...], advice: Fact | None) -> None:
    """If most of the failures have it in common; a route's own text stands in place of a step."""
    told = [replace(at(0), next_step=step) for step in steps]

    assert compose_digest([*told, at(1, Severity.INFO)]).advice == advice
    assert compose_digest([replace(each, custom_body="Call Ada.") for each in told]).advice is None
