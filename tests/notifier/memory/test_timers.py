"""Notifications about an incident that are due without an event."""

from dataclasses import replace
from typing import Final

import pytest

from notifier.memory.decisions import decide
from notifier.memory.history import Entry, Kind
from notifier.memory.items import Item
from notifier.memory.rules import Escalation, Rules
from notifier.memory.timers import Due, Sending, after, after_due, due, due_at
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Fact, Severity
from tests.samples import event
from tests.samples import notification as compose

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
# 2026-03-03, ten o'clock.
OPENED: Final = 1_772_532_000.0
FAILED: Final = compose(event("service-instance-deployment-failed"))
RULES: Final = Rules()


def remember(
    steps: list[tuple[str, int]],
    *recipients: str,
    escalations: tuple[Escalation, ...] = (),
    rules: Rules = RULES,
    notification: Notification = FAILED,
) -> Item:
    """Let changes come, each so many minutes after ten, and tell *recipients* of each; a silence holds, without any."""
    item = Item()
    for number, (kind, minutes) in enumerate(steps):
        decision = decide(item, Entry(f"e{number}", OPENED + minutes * MINUTE, Kind(kind)), rules)
        item = after(decision, Sending(notification, recipients, not recipients, escalations), rules)
    return item


def found(item: Item, minutes: float, rules: Rules = RULES) -> tuple[Due, Incident]:
    """Find what is due so many minutes after ten."""
    due_now = due(item, OPENED + minutes * MINUTE, rules)
    assert due_now
    assert due_now.notification.incident
    return due_now, due_now.notification.incident


def test_reminders_come_after_four_hours_and_after_a_day() -> None:
    """And then no more."""
    item = remember([("F", 0)], "slack")

    assert item.due_at == OPENED + 4 * HOUR
    assert due(item, OPENED + 4 * HOUR - 1, RULES) is None
    first, incident = found(item, 240)
    assert (
        first.notification.title
        == "production: checkout/prod could not be deployed, still failing after 4 h (eu-west-1)"
    )
    assert (incident.turn, incident.state, incident.number) == (Turn.REMINDER, State.FAILING, 2)
    item = after_due(first, ("slack",), RULES)
    assert item.due_at == OPENED + 24 * HOUR
    second, _ = found(item, 24 * 60)
    assert second.notification.title.endswith("still failing after 24 h (eu-west-1)")
    assert second.notification.event_id != first.notification.event_id
    assert after_due(second, ("slack",), RULES).due_at == 0


def test_the_same_reminder_has_the_same_id() -> None:
    """A sweep that ended before it told the memory repeats it, and the ledger drops it."""
    item = remember([("F", 0)], "slack")

    assert found(item, 240)[0].notification.event_id == found(item, 245)[0].notification.event_id


@pytest.mark.parametrize(("minutes", "time"), [(249, "4 h"), (250, "4 h 10 min"), (480, "8 h")])
def test_a_reminder_that_was_held_back_says_how_long_it_really_took(minutes: int, time: str) -> None:
    """Quiet hours and silences hold it back; a sweep is only some minutes late."""
    assert found(remember([("F", 0)], "slack"), minutes)[0].notification.headline.endswith(
        f"still failing after {time}"
    )


def test_reminders_that_were_missed_are_sent_as_one() -> None:
    """Two at once would tell the same."""
    item = after_due(found(remember([("F", 0)], "slack"), 30 * 60)[0], ("slack",), RULES)

    assert item.due_at == 0


def test_each_change_is_kept_with_those_who_were_told_of_it() -> None:
    """With an incident or without one."""
    item = remember([("P", -1), ("F", 0), ("S", 1)], "email", "slack")

    assert [entry.recipients for entry in item.log] == [("email", "slack")] * 3


def test_what_is_over_is_not_due() -> None:
    """Nor is what never was an incident."""
    assert remember([("F", 0), ("S", 1)], "slack").due_at == 0
    assert remember([("S", 1)], "slack").due_at == 0
    assert due(Item(), OPENED, RULES) is None


def test_a_call_to_act_is_still_waiting() -> None:
    """It has not failed."""
    item = remember([("A", 0)], "slack")

    assert found(item, 240)[0].notification.headline.endswith("still waiting after 4 h")


def test_what_failed_after_a_wait_has_not_failed_for_as_long() -> None:
    """The reminder comes four hours after the request, one after the rejection."""
    item = remember([("A", 0), ("F", 180)], "slack")

    reminder, incident = found(item, 241)
    assert reminder.notification.headline.endswith("still failing after 60 min")
    assert [fact.value for fact in reminder.notification.facts if fact.label == "First failed"] == ["13:00 UTC"]
    assert incident.opened_at
    assert incident.opened_at.timestamp() == OPENED


def test_a_reminder_says_each_fact_once() -> None:
    """The message that it repeats may have said them."""
    known = replace(FAILED, facts=(Fact("First failed", "10:00 UTC"), Fact("Failed attempts", "2"), *FAILED.facts))
    item = remember([("F", 0), ("P", 1), ("F", 2)], "slack")
    item = replace(item, incident=item.incident and replace(item.incident, notification=known))

    facts = found(item, 240)[0].notification.facts
    assert facts == (*FAILED.facts, Fact("First failed", "10:00 UTC"), Fact("Failed attempts", "2"))


def test_a_reminder_after_a_rollback_is_about_a_failure() -> None:
    """The message that it repeats was none."""
    item = remember([("F", 0), ("R", 2)], "slack", notification=FAILED.with_severity(Severity.INFO))

    assert found(item, 240)[0].notification.severity is Severity.FAILURE


def test_no_reminders_are_sent_if_the_document_wants_none() -> None:
    """An empty list."""
    assert remember([("F", 0)], "slack", rules=Rules(remind=())).due_at == 0


def test_an_escalation_has_destinations_of_its_own() -> None:
    """They are told once, and then of all that follows."""
    escalation = Escalation(HOUR, ("pagerduty",), "@here")
    item = remember([("F", 0)], "slack", escalations=(escalation,))

    assert item.due_at == OPENED + HOUR
    escalated, incident = found(item, 60)
    assert (escalated.escalation, incident.turn) == (escalation, Turn.REMINDER)
    item = after_due(escalated, ("pagerduty",), RULES)
    assert item.recipients == ("slack", "pagerduty")
    assert item.due_at == OPENED + 4 * HOUR


@pytest.mark.parametrize(("thread", "broadcast"), [("e0", False), ("another", True)])
def test_what_was_held_back_is_shown_to_the_whole_channel(thread: str, broadcast: bool) -> None:  # noqa: FBT001 - a table
    """A reply in the thread of another incident is seen by nobody who does not read it."""
    item = remember([("F", 0)])
    assert item.incident
    item = replace(item, incident=replace(item.incident, thread=thread, withheld_for="whole"))

    opened, incident = found(item, 90)

    assert opened.notification.headline == "could not be deployed, held back until now"
    assert (incident.turn, incident.broadcast) == (Turn.OPENED, broadcast)
    told = after_due(opened, ("slack",), RULES).incident
    assert told
    assert (told.withheld_for, told.silenced) == ("", False)


def test_what_was_silenced_is_told_when_the_silence_ends() -> None:
    """As its opening."""
    item = remember([("F", 0), ("F", 1)])

    opened, incident = found(item, 90)
    assert opened.notification.headline == "could not be deployed, silenced until now"
    assert (incident.turn, incident.state) == (Turn.OPENED, State.FAILING)
    item = after_due(opened, ("slack",), RULES)
    assert (item.recipients, item.due_at) == (("slack",), OPENED + 4 * HOUR)


FLAPPING: Final = [("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 20)]


@pytest.mark.parametrize(
    ("last", "headline", "state", "severity"),
    [
        ([("S", 40)], "settled: well since 10:40 UTC, failed 3 times in 40 min", State.CLOSED, "recovered"),
        ([("S", 35), ("F", 40)], "settled: still failing, failed 4 times in 40 min", State.FAILING, "failure"),
        # A rollback that fails, and then ends.
        (
            [("S", 35), ("F", 39), ("F", 40)],
            "settled: still failing, failed 4 times in 40 min",
            State.FAILING,
            "failure",
        ),
    ],
)
def test_flapping_ends_after_thirty_quiet_minutes(
    last: list[tuple[str, int]], headline: str, state: State, severity: str
) -> None:
    """And the end says how it stands now."""
    item = remember([*FLAPPING, *last], "slack")

    assert item.due_at == OPENED + 70 * MINUTE
    settled, incident = found(item, 70)
    assert settled.notification.headline == headline
    assert (incident.turn, incident.state) == (Turn.SETTLED, state)
    assert (settled.notification.severity, settled.notification.values["severity"]) == (severity, severity)
    assert bool(after_due(settled, ("slack",), RULES).incident) == (state is State.FAILING)


def test_a_reminder_after_flapping_does_not_say_that_it_is_flapping() -> None:
    """It still fails, and that is all."""
    item = after_due(found(remember(FLAPPING, "slack"), 50)[0], ("slack",), RULES)

    assert found(item, 260)[0].notification.headline == "failed 3 times in 20 min, still failing after 4 h"


def test_failures_are_counted_beyond_the_log() -> None:
    """The log has 20 changes."""
    steps = [(kind, 20 + 5 * number) for number, kind in enumerate("SF" * 20 + "S", 1)]

    settled, _ = found(remember([*FLAPPING, *steps], "slack"), 255)

    assert settled.notification.headline == "settled: well since 13:45 UTC, failed 23 times in 3 h 45 min"


def test_flapping_is_never_silent_for_more_than_two_hours() -> None:
    """It says how often it failed."""
    steps = [(kind, 20 + 20 * number) for number, kind in enumerate("SFSFSFSF", 1)]
    item = remember([*FLAPPING, *steps], "slack")
    quiet = replace(item, incident=item.incident and replace(item.incident, spoke_at=OPENED + 20 * MINUTE))

    reminder, incident = found(quiet, 180)

    assert due_at(quiet, RULES) == OPENED + 140 * MINUTE
    assert reminder.notification.headline == "is still flapping: 7 failures"
    assert reminder.escalation is None
    assert (incident.turn, incident.state) == (Turn.REMINDER, State.FLAPPING)


def test_what_is_flapping_is_escalated() -> None:
    """It is open, and whoever was told already hears of it as often as before."""
    item = remember([*FLAPPING, ("S", 25)], "slack", escalations=(Escalation(HOUR // 2, ("pagerduty",)),))
    assert item.due_at == OPENED + 30 * MINUTE

    escalated, incident = found(item, 30)

    assert escalated.notification.headline.endswith(", still flapping after 30 min")
    assert (incident.turn, incident.state) == (Turn.REMINDER, State.FLAPPING)
    item = after_due(escalated, ("pagerduty",), RULES)
    assert (item.recipients, item.due_at) == (("slack", "pagerduty"), OPENED + 55 * MINUTE)
    assert item.incident
    assert item.incident.spoke_at == OPENED + 25 * MINUTE


def test_what_flapped_in_a_silence_and_is_well_is_not_told() -> None:
    """Its end goes to those who were told, and nobody was."""
    settled, incident = found(remember([*FLAPPING, ("S", 25)]), 55)

    assert (incident.turn, incident.state) == (Turn.SETTLED, State.CLOSED)
    assert after_due(settled, (), RULES).incident is None


def test_what_flapped_in_a_silence_and_still_fails_is_told_at_its_end() -> None:
    """As what did not flap."""
    item = after_due(found(remember(FLAPPING), 50)[0], (), RULES)

    assert found(item, 55)[1].turn is Turn.OPENED


def test_the_end_of_a_silence_is_no_reminder_as_well() -> None:
    """One message tells that it still fails."""
    escalation = Escalation(24 * HOUR, ("pagerduty",))
    opened, _ = found(remember([("F", 0)]), 300)

    item = after_due(opened, ("slack",), RULES, (escalation,))

    assert item.incident
    assert (item.incident.escalations, item.due_at) == ((escalation,), OPENED + 24 * HOUR)


def test_what_waits_after_flapping_is_not_failing() -> None:
    """A call to act is told as it comes; the end of the flapping says what is left to do."""
    item = remember([*FLAPPING, ("S", 25), ("A", 30)], "slack")

    assert item.log[-1].incident
    assert item.log[-1].incident.turn is Turn.AGAIN
    assert found(item, 60)[0].notification.headline.startswith("settled: still waiting")


def test_calls_to_act_are_no_flapping() -> None:
    """Each is told as the first."""
    item = remember([("A", 0), ("S", 5), ("A", 10), ("S", 15), ("A", 20)], "slack")

    assert [each.incident and each.incident.turn for each in item.log[::2]] == [Turn.OPENED] * 3
