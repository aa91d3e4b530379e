"""The same history tells the same story: in every order, with duplicates, with a crash at each step."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.memory.decisions import CLOSING, OPENINGS, Decision, decide
from notifier.memory.history import Entry, Kind, Summary, fold
from notifier.memory.items import LOG_LIMIT, Item
from notifier.memory.rules import Rules
from notifier.model.incident import Incident, Turn

# In `.ci/run`, one event more.
LENGTH = int(os.environ.get("HISTORY_LENGTH", "4"))
APART = 40 * 60
CRASHES = (None, "before the write", "after the write")


class CrashError(Exception):
    """The function ended here."""


class Resource:
    """A resource with one destination; *decisions* are those that reached the queue."""

    def __init__(self) -> None:
        self.item = Item()
        self.decisions: list[Decision] = []

    def take(self, entry: Entry, crash: str | None = None) -> None:
        """Decide about *entry*, write the decision and enqueue it, as the first function does."""
        decision = decide(self.item, entry, Rules(flapping=False))
        if crash == "before the write":
            raise CrashError
        if decision.item is not self.item:
            assert decision.item.version == self.item.version + 1
            self.item = known(decision.item)
        if crash == "after the write":
            raise CrashError
        self.decisions.append(decision)


def known(item: Item) -> Item:
    """Let the destination know of the open incident."""
    return replace(item, incident=item.incident and replace(item.incident, recipients=("slack",)))


def story(order: Iterable[Entry], crash: str | None = None) -> Resource:
    """Let events come in *order*; each of them ends the function at *crash* once, and is then retried."""
    resource = Resource()
    for entry in order:
        try:
            resource.take(entry, crash)
        except CrashError:
            resource.take(entry)
    return resource


def check(events: Sequence[Entry], resource: Resource) -> None:
    """Compare what was decided with the fold of all events in the order of their times."""
    truth = fold(Summary(), events)
    assert resource.item.summary == truth
    assert bool(resource.item.incident) == truth.is_open

    decided: dict[str, Entry] = {}
    for decision in resource.decisions:
        assert decided.setdefault(decision.entry.id, decision.entry) == decision.entry
    for event in events:
        assert decided[event.id].incident or event.kind not in {Kind.ACTION, Kind.FAILURE}

    incidents = [entry.incident for entry in decided.values() if entry.incident]
    opened = ids(incidents, OPENINGS)
    assert {each.id for each in incidents if each.turn is not Turn.LATE} <= {*opened}
    closed = ids(incidents, CLOSING)
    assert len(closed) == len({*closed})
    still_open = [resource.item.incident.id] if resource.item.incident else []
    assert {*opened} == {*closed, *still_open}


def ids(incidents: Sequence[Incident], turns: frozenset[Turn]) -> list[str]:
    """List the ids of the incidents that took one of *turns*."""
    return [each.id for each in incidents if each.turn in turns]


def histories(kinds: str, length: int) -> Iterable[tuple[Entry, ...]]:
    """Make all histories of *length* events of *kinds*, each within the same second as the one before or later."""
    for chosen in product(map(Kind, kinds), repeat=length):
        for gaps in product((0, APART), repeat=length - 1):
            times = [1.0]
            for gap in gaps:
                times.append(times[-1] + gap)
            yield tuple(
                Entry(f"e{number}", at, kind, operation=f"o{number % 2}", part=number == 1)
                for number, (kind, at) in enumerate(zip(chosen, times, strict=True))
            )


@pytest.mark.uncounted
@pytest.mark.parametrize(
    ("kinds", "length", "crash"),
    [
        ("PSF", LENGTH, None),
        ("PSF", LENGTH, "after the write"),
        ("PSF", LENGTH - 1, "before the write"),
        ("PSFAGDIR", LENGTH - 1, "after the write"),
    ],
)
def test_every_order_tells_the_same_story(kinds: str, length: int, crash: str | None) -> None:
    """All orders of all short histories, with two duplicates."""
    for events in histories(kinds, length):
        for order in permutations(events):
            check(events, story((*order, order[0], order[-1]), crash))


ENTRIES = st.lists(st.tuples(st.sampled_from("PSFAGDI"), st.sampled_from([0, 1, APART])), min_size=20, max_size=40)


@given(ENTRIES, st.data())
def test_a_long_history_outlives_its_log(changes: list[tuple[str, int]], data: st.DataObject) -> None:
    """What is summed up still counts, if no event is later than the log is long."""
    at, events = 1.0, []
    for number, (kind, gap) in enumerate(changes):
        at += gap
        events.append(Entry(f"e{number:02}", at, Kind(kind)))
    displaced = data.draw(st.lists(st.integers(0, 8), min_size=len(events), max_size=len(events)))
    order = [
        entry
        for _, entry in sorted(zip(displaced, events, strict=True), key=lambda pair: events.index(pair[1]) + pair[0])
    ]
    duplicated = [entry for pair in pairwise(order) for entry in pair]

    resource = story(duplicated, data.draw(st.sampled_from(CRASHES)))

    check(events, resource)
    assert len(resource.item.log) <= LOG_LIMIT
