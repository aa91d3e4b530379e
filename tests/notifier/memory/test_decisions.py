"""Decisions about what a change adds to the incident of its resource."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Final

import pytest

from notifier.memory.decisions import IncidentDecision, decide
from notifier.memory.families import in_thread
from notifier.memory.history import Condition, Entry, Kind
from notifier.memory.items import Family, Item
from notifier.memory.rules import Rules
from notifier.model.incident import State, Turn

MINUTE: Final = 60
# By the letter of a kind; a small letter is the same kind with a status that announces another one.
Steps = list[tuple[str, int]]


def entry(number: int, letter: str, minute: int) -> Entry:
    """Make an entry of the kind *letter*."""
    status = "UPDATE_ROLLBACK_IN_PROGRESS" if letter.islower() else ""
    return Entry(f"e{number}", 1_000_000.0 + minute * MINUTE, Kind(letter.upper()), status)


def play(steps: Steps, rules: Rules | None = None) -> list[IncidentDecision]:
    """Let changes come, each with its minute; one destination is told of each incident."""
    item, decisions = Item(), []
    for number, (letter, minute) in enumerate(steps):
        decision = decide(item, entry(number, letter, minute), rules or Rules())
        item = known(decision.item)
        decisions.append(decision)
    return decisions


def known(item: Item) -> Item:
    """Let a destination know of the open incident."""
    return replace(item, incident=item.incident and replace(item.incident, recipients=("slack",)))


@pytest.mark.parametrize(
    ("steps", "turn", "state", "attempts"),
    [
        ([("P", 0)], None, None, 0),
        ([("S", 0)], None, None, 0),
        ([("I", 0)], None, None, 0),
        ([("G", 0)], None, None, 0),
        ([("F", 0)], Turn.OPENED, State.FAILING, 1),
        ([("S", 0), ("F", 1)], Turn.OPENED, State.FAILING, 1),
        ([("A", 0)], Turn.OPENED, State.WAITING, 0),
        ([("F", 0), ("P", 1)], Turn.PROGRESS, State.FAILING, 1),
        ([("F", 0), ("F", 1)], Turn.UPDATED, State.FAILING, 1),
        ([("f", 0), ("f", 1)], Turn.UPDATED, State.FAILING, 1),
        ([("f", 0), ("F", 1)], Turn.FINISHED, State.FAILING, 1),
        ([("F", 0), ("P", 1), ("F", 2)], Turn.AGAIN, State.FAILING, 2),
        ([("F", 0), ("P", 1), ("F", 2), ("P", 3), ("F", 4)], Turn.AGAIN, State.FAILING, 3),
        ([("F", 0), ("S", 1)], Turn.RECOVERED, State.CLOSED, 1),
        ([("F", 0), ("I", 1)], Turn.NOTED, State.FAILING, 1),
        ([("F", 0), ("D", 1)], Turn.NOTED, State.FAILING, 1),
        ([("F", 0), ("G", 1)], Turn.ENDED, State.CLOSED, 1),
        ([("F", 0), ("A", 1)], Turn.AGAIN, State.FAILING, 1),
        ([("A", 0), ("A", 1)], Turn.UPDATED, State.WAITING, 0),
        ([("A", 0), ("S", 1)], Turn.RECOVERED, State.CLOSED, 0),
        ([("A", 0), ("D", 1)], Turn.ENDED, State.CLOSED, 0),
        ([("A", 0), ("G", 1)], Turn.ENDED, State.CLOSED, 0),
        ([("A", 0), ("F", 1)], Turn.AGAIN, State.FAILING, 1),
        ([("S", 5), ("F", 0)], Turn.LATE, State.CLOSED, 0),
        ([("F", 5), ("F", 0)], Turn.LATE, State.FAILING, 1),
        ([("F", 5), ("S", 0)], None, None, 0),
        ([("F", 0), ("P", 5), ("S", 4)], Turn.RECOVERED, State.CLOSED, 1),
        ([("F", 0), ("R", 1)], Turn.FINISHED, State.FAILING, 1),
        ([("F", 0), ("P", 1), ("R", 2)], Turn.RECOVERED, State.CLOSED, 1),
        ([("A", 0), ("R", 1)], Turn.RECOVERED, State.CLOSED, 0),
    ],
)
def test_the_last_change_adds_its_turn(steps: Steps, turn: Turn | None, state: State | None, attempts: int) -> None:
    """The rows of the state table."""
    incident = play(steps)[-1].entry.incident

    assert (incident and incident.turn, incident and incident.state) == (turn, state)
    assert (incident.attempts if incident else 0) == attempts


def test_what_is_late_and_no_failure_is_ignored() -> None:
    """A person who knows that it is well again need not hear of the progress before."""
    assert [each.entry.ignored for each in play([("S", 5), ("P", 0)])] == [False, True]


@pytest.mark.parametrize("ids", ["ab", "ba"])
@pytest.mark.parametrize("earlier", [0, 0.9])
def test_two_failures_of_nearly_one_time_are_one(ids: str, earlier: float) -> None:
    """Events have whole seconds, or clocks of their own, so that neither of them is late."""
    first, second = (replace(entry(0, letter, 0), id=each) for letter, each in zip("fF", ids, strict=True))
    item = known(decide(Item(), first, Rules()).item)

    assert decide(item, replace(second, at=second.at - earlier), Rules()).turn is Turn.FINISHED
    assert decide(item, replace(second, at=second.at - 1), Rules()).turn is Turn.LATE


def test_the_failure_of_a_deployment_is_not_the_end_of_its_rollback() -> None:
    """The rollback is another deployment, and places without threads are told when it is over."""
    rolling_back = replace(entry(0, "f", 0), operation="old")
    item = known(decide(Item(), rolling_back, Rules()).item)

    assert decide(item, replace(entry(1, "F", 1), operation="new"), Rules()).turn is Turn.UPDATED


def test_an_incident_keeps_its_id_and_counts_its_turns() -> None:
    """The id is that of the event that opened it; what is told late has no number."""
    incidents = [each.entry.incident for each in play([("F", 10), ("P", 11), ("F", 12), ("F", 5), ("S", 13)])]

    assert [each and (each.id, each.number) for each in incidents] == [
        ("e0", 1),
        ("e0", 2),
        ("e0", 3),
        ("e0", None),
        ("e0", 5),
    ]
    assert [each and each.opened_at and each.opened_at.minute for each in incidents] == [56, 56, 56, 51, 51]


@pytest.mark.parametrize(("minute", "broadcast"), [(59, False), (60, True)])
def test_a_repeated_failure_is_shown_to_the_channel_once_an_hour(minute: int, broadcast: bool) -> None:  # noqa: FBT001
    """The rest is in the thread."""
    item = play([("F", 0), ("P", 1)])[-1].item
    shown = replace(item, incident=item.incident and replace(item.incident, recipients=("slack",), broadcast_at=1e6))

    incident = decide(shown, entry(2, "F", minute), Rules()).entry.incident

    assert (incident and incident.turn, incident and incident.broadcast) == (Turn.AGAIN, broadcast)


@pytest.mark.parametrize(("flapping", "turn"), [(True, Turn.FLAPPING), (False, Turn.OPENED)])
def test_the_third_opening_within_an_hour_is_flapping(flapping: bool, turn: Turn) -> None:  # noqa: FBT001
    """It is said once; later changes are counted."""
    decisions = play([("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 48)], Rules(flapping=flapping))

    assert decisions[-1].turn is turn
    assert (decisions[-1].entry.incident or decisions[0].entry.incident).state is (  # type: ignore[union-attr]
        State.FLAPPING if flapping else State.FAILING
    )


@pytest.mark.parametrize(("late", "turn"), [([("F", 12)], Turn.FLAPPING), ([("F", 7)], Turn.OPENED)])
def test_a_failure_that_is_told_late_counts_as_an_opening(late: Steps, turn: Turn) -> None:
    """But not another failure before the same success."""
    assert play([("F", 0), ("S", 10), ("S", 15), *late, ("F", 20)])[-1].turn is turn


def test_repeated_failures_of_which_nobody_was_told_are_no_flapping() -> None:
    """It began to fail twice."""
    item = Item()
    for number, (letter, minute) in enumerate([("F", 0), ("P", 1), ("F", 2), ("S", 3), ("F", 4)]):
        decision = decide(item, entry(number, letter, minute), Rules())
        item = decision.item

    assert decision.turn is Turn.OPENED


def test_a_late_failure_while_it_is_flapping_is_counted_as_the_others() -> None:
    """The order in which they come adds no message."""
    decisions = play([("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 20), ("S", 30), ("F", 29)])

    assert (decisions[-1].turn, decisions[-1].entry.ignored) == (None, True)


def test_while_it_is_flapping_changes_are_counted_once_a_minute() -> None:
    """No destination gets a message of them."""
    flapping = [("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 20)]
    decisions = play([*flapping, ("S", 21), ("F", 21), ("S", 30), ("G", 31)])

    assert [each.turn for each in decisions[5:]] == [Turn.COUNTED, None, Turn.COUNTED, Turn.ENDED]
    assert decisions[6].entry.ignored


@pytest.mark.parametrize(("seconds", "turn"), [(59, None), (60, Turn.COUNTED)])
def test_a_minute_is_the_least_between_two_counts(seconds: int, turn: Turn | None) -> None:
    """To the second."""
    flapping = play([("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 20), ("S", 21)])[-1]
    assert flapping.turn is Turn.COUNTED
    later = Entry("later", flapping.entry.at + seconds, Kind.FAILURE)

    assert decide(flapping.item, later, Rules()).turn is turn


def test_openings_that_lie_further_apart_do_not_flap() -> None:
    """The window is an hour."""
    decisions = play([("F", 0), ("S", 5), ("F", 10), ("S", 15), ("F", 60)])

    assert decisions[-1].turn is Turn.OPENED


def of_execution(number: int, letter: str, minute: int, began: int) -> Entry:
    """Make an entry of the execution that began in the minute *began*, which only some events say."""
    began_at = 1_000_000.0 + began * MINUTE if letter.isupper() else 0
    return replace(entry(number, letter.upper(), minute), operation=f"execution {began}", began=began_at, status="")


@pytest.mark.parametrize(
    ("steps", "turn", "condition"),
    [
        ([("P", 0, 0), ("P", 1, 1), ("S", 5, 1), ("F", 6, 0)], Turn.LATE, Condition.WELL),
        ([("P", 0, 0), ("P", 1, 1), ("S", 5, 1), ("f", 6, 0)], Turn.LATE, Condition.WELL),
        ([("P", 0, 0), ("F", 6, 0), ("S", 5, 1)], Turn.RECOVERED, Condition.WELL),
        ([("F", 3, 0), ("F", 5, 1), ("P", 6, 0), ("S", 7, 0)], None, Condition.FAILING),
        ([("F", 3, 0), ("P", 5, 1), ("P", 6, 0), ("S", 7, 0)], Turn.RECOVERED, Condition.WELL),
        ([("S", 5, 1), ("P", 6, 2), ("F", 7, 2)], Turn.OPENED, Condition.FAILING),
    ],
    ids=["late", "of a part", "success late", "older success", "superseded", "newer"],
)
def test_an_older_execution_says_nothing_about_a_newer_one(
    steps: list[tuple[str, int, int]], turn: Turn | None, condition: Condition
) -> None:
    """Its failure is told late, whatever its time is, and its success ends nothing."""
    item = Item()
    for number, step in enumerate(steps):
        decision = decide(item, of_execution(number, *step), Rules())
        item = known(decision.item)

    assert (decision.turn, item.summary.condition) == (turn, condition)


@pytest.mark.parametrize("order", [*permutations([("P", 0, 0), ("S", 5, 1), ("f", 6, 0)])])
def test_whatever_comes_first_an_older_execution_is_older(order: tuple[tuple[str, int, int], ...]) -> None:
    """The event that says when it began may come after its failure."""
    item = Item()
    for step in order:
        item = known(decide(item, of_execution(step[1], *step), Rules()).item)

    assert item.summary.condition == Condition.WELL


def test_a_failure_of_which_nobody_was_told_is_told_as_the_first() -> None:
    """Its incident began with a status that only the next event named."""
    unseen = replace(entry(0, "P", 0), before=Kind.FAILURE)
    first = decide(Item(), unseen, Rules())
    second = decide(first.item, entry(1, "F", 5), Rules())
    recovered = decide(first.item, entry(1, "S", 5), Rules())

    assert first.item.incident
    assert first.turn is None
    assert (second.turn, second.entry.incident and second.entry.incident.id) == (Turn.OPENED, "e0")
    assert (recovered.turn, recovered.entry.incident and recovered.entry.incident.opened_at) == (Turn.RECOVERED, None)


def test_a_success_that_only_the_next_event_names_ends_the_incident() -> None:
    """Its own event was lost."""
    opened = decide(Item(), entry(0, "F", 0), Rules())
    ended = decide(opened.item, replace(entry(1, "P", 5), before=Kind.SUCCESS), Rules())

    assert (ended.turn, ended.item.incident) == (Turn.RECOVERED, None)


def test_a_failure_before_a_success_that_a_later_event_names_is_late() -> None:
    """It is over, though the success's own event was lost."""
    later = decide(Item(), replace(entry(0, "P", 5), before=Kind.SUCCESS), Rules())

    late = decide(later.item, entry(1, "F", 0), Rules())

    assert (late.turn, late.item.incident) == (Turn.LATE, None)
    assert late.entry.incident
    assert late.entry.incident.opened_at == datetime.fromtimestamp(1_000_000, UTC)


def test_only_an_opening_is_put_into_a_thread() -> None:
    """Progress of what is well has no incident."""
    decision = decide(Item(), entry(0, "P", 0), Rules())

    assert in_thread(decision, Family("e9", 0, "another")) is decision


@pytest.mark.parametrize("action", [False, True])
def test_a_rollback_does_not_recover_a_service(action: bool) -> None:  # noqa: FBT001 - a table
    """Its end reads like a success of the old deployment, also if a person had to act in between."""
    item = Item()
    story = [("P", "1"), ("R", "1"), ("A" if action else "P", "2"), ("F", "2"), ("P", "1"), ("R", "1")]
    for number, (letter, operation) in enumerate(story):
        item = decide(known(item), replace(entry(number, letter, number), operation=operation), Rules()).item

    turns = [each.incident and each.incident.turn for each in item.log]
    assert turns[3:] == [Turn.AGAIN if action else Turn.OPENED, Turn.PROGRESS, Turn.FINISHED]


@pytest.mark.parametrize(
    ("steps", "turn"),
    [
        ([("F", 5)], Turn.UPDATED),
        ([("F", -5), ("S", 5), ("F", 10)], Turn.LATE),
        ([("F", -5), ("P", 5), ("F", 10)], Turn.LATE),
        ([("f", -5)], Turn.UPDATED),
    ],
    ids=["its cause", "before a success", "before another attempt", "during a rollback"],
)
def test_the_failure_of_a_part_is_the_same_in_other_words(steps: Steps, turn: Turn) -> None:
    """It is late only if the whole was well, or tried again, in between; and it ends no rollback."""
    item = known(play(steps)[-1].item)

    decision = decide(item, replace(entry(9, "F", 0), part=True), Rules())

    assert decision.turn is turn


@pytest.mark.parametrize(("letter", "withheld"), [("F", True), ("A", False)])
def test_a_call_to_act_is_not_held_back(letter: str, withheld: bool) -> None:  # noqa: FBT001 - a table
    """Nothing else would say so."""
    item = play([("F", 0)])[-1].item
    held_back = replace(item, incident=item.incident and replace(item.incident, silenced=True, withheld_for="whole"))

    assert decide(held_back, entry(1, letter, 5), Rules()).entry.withheld == withheld


def test_what_waits_for_a_person_waits_whatever_it_was_before() -> None:
    """The success before the call to act is no answer to it."""
    waiting = decide(Item(), entry(0, "A", 0), Rules())
    after = decide(known(waiting.item), replace(entry(1, "P", 5), before=Kind.SUCCESS), Rules())

    assert (after.turn, after.item.summary.condition) == (Turn.PROGRESS, Condition.WAITING)


def test_a_failure_that_names_a_failure_before_it_is_one_attempt() -> None:
    """Nobody tried in between, as far as is known."""
    failed = decide(Item(), replace(entry(0, "F", 0), before=Kind.FAILURE), Rules())

    assert failed.item.summary.attempts == 1


def test_what_is_older_than_the_log_is_told_late_and_changes_nothing() -> None:
    """A redrive after weeks."""
    steps = [(letter, minute) for minute in range(40, 61, 2) for letter in "PS"]
    item = play(steps)[-1].item

    decision = decide(item, entry(99, "F", 0), Rules())

    assert decision.turn is Turn.LATE
    assert decision.item is item
    assert item.with_entry(decision.entry) is item
