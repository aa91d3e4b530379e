"""An event that names the status before it tells of changes whose own events are late or lost."""

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations, product
from typing import Final

import pytest

from notifier.memory.decisions import IncidentDecision, decide
from notifier.memory.history import Entry, Kind
from notifier.memory.items import Item
from notifier.memory.rules import Rules
from notifier.model.incident import Turn

LENGTH: Final = int(os.environ.get("HISTORY_LENGTH", "4")) - 1
RULES: Final = Rules(flapping=False)
# The kind of an event, then that of the status before it.
CHANGES: Final = ("P", "PF", "PS", "S", "F", "FS", "A")


def entry(number: int, change: str, at: float) -> Entry:
    """Make the entry of a *change*."""
    return Entry(f"e{number}", at, Kind(change[0]), before=Kind(change[1]) if change[1:] else None)


def play(entries: Iterable[Entry]) -> list[IncidentDecision]:
    """Decide about each of *entries*; one destination is told of each turn."""
    item, decisions = Item(), []
    for each in entries:
        decision = decide(item, each, RULES)
        incident = decision.item.incident
        told = decision.turn is not None
        item = replace(decision.item, incident=incident and replace(incident, recipients=("slack",) if told else ()))
        decisions.append(decision)
    return decisions


@pytest.mark.uncounted
def test_in_every_order_nothing_fails_unsaid_and_nothing_recovers_that_fails() -> None:
    """All orders of all short histories."""
    for changes in product(CHANGES, repeat=LENGTH):
        entries = [entry(number, change, 60.0 * number + 1) for number, change in enumerate(changes)]
        for order in permutations(entries):
            for decision in play(order):
                item = decision.item
                assert bool(item.incident) == item.summary.is_open
                assert decision.turn or decision.entry.kind not in {Kind.ACTION, Kind.FAILURE}
                assert decision.turn is not Turn.RECOVERED or not item.summary.is_open


@pytest.mark.parametrize(
    ("order", "turn", "ignored"),
    [
        ([("F", 0), ("PF", 10), ("S", 5)], None, True),
        ([("PS", 10), ("F", 5)], Turn.LATE, False),
        ([("F", 0), ("FS", 5)], Turn.AGAIN, False),
        ([("F", 0), ("PS", 10), ("S", 5)], Turn.NOTED, False),
        ([("F", 0), ("PS", 10), ("S", 5), ("S", 6)], None, False),
        ([("F", 0), ("PS", 10), ("F", 12), ("S", 5)], None, True),
    ],
    ids=[
        "a success before a lost failure",
        "a failure before a lost success",
        "a failure after a lost success",
        "a success that was named before",
        "another success",
        "a success before a new failure",
    ],
)
def test_a_lost_event_changes_what_is_said(order: list[tuple[str, float]], turn: Turn | None, *, ignored: bool) -> None:
    """It counts as if it had come."""
    last = play(entry(number, change, at + 1) for number, (change, at) in enumerate(order))[-1]

    assert (last.turn, last.entry.ignored) == (turn, ignored)
