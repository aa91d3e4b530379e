"""The same history tells the same story: in every order, with duplicates, with a crash at each step."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import accumulate, pairwise, product
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.memory.decisions import CLOSING, OPENINGS, decide
from notifier.memory.history import RANKS, Entry, Kind, Summary, fold
from notifier.memory.items import LOG_LIMIT, Item
from notifier.memory.rules import Rules
from notifier.model.incident import Turn

# In `.ci/run`, one event more.
LENGTH = int(os.environ.get("HISTORY_LENGTH", "4"))
APART = 40 * 60
# By kinds and length, their number.
HISTORIES = {("PSF", 4): 354, ("PSF", 5): 1_716, ("PSFAGDIR", 3): 1_208, ("PSFAGDIR", 4): 14_554}
RULES = Rules(flapping=False)
URGENT = frozenset({Kind.ACTION, Kind.FAILURE})


@dataclass(frozen=True, slots=True)
class Story:
    """A resource with one destination; *decided* are the entries that reached the queue."""

    item: Item = field(default_factory=Item)
    decided: tuple[Entry, ...] = ()

    def take(self, entry: Entry) -> "Story":
        """Decide about *entry*, write the decision and enqueue it; a retry after a crash in between repeats it.

        A crash before the write leaves nothing, as a decision changes nothing.
        """
        decision = decide(self.item, entry, RULES)
        if decision.item is self.item:
            assert decision.repeated or entry.key < self.item.horizon
            return replace(self, decided=(*self.decided, decision.entry))
        assert decision.item.version == self.item.version + 1
        item = decision.item
        # The destination knows of the open incident.
        item = replace(item, incident=item.incident and replace(item.incident, recipients=("slack",)))
        again = decide(item, entry, RULES)
        assert again.item is item
        assert again.entry == decision.entry
        return Story(item, (*self.decided, decision.entry))


def check(truth: Summary, story: Story) -> None:
    """Compare the decisions with *truth*, which is the fold of all events in the order of their times."""
    item = story.item
    assert item.summary == truth
    assert bool(item.incident) == truth.is_open

    decided: dict[str, Entry] = {}
    opened, closed, followed = [], [], set()
    for entry in story.decided:
        if entry.id in decided:
            assert decided[entry.id] == entry
            continue
        decided[entry.id] = entry
        incident = entry.incident
        assert incident or entry.kind not in URGENT
        if incident and incident.turn is not Turn.LATE:
            followed.add(incident.id)
            if incident.turn in OPENINGS:
                opened.append(incident.id)
            if incident.turn in CLOSING:
                closed.append(incident.id)
    assert followed <= {*opened}
    assert len(closed) == len({*closed})
    still_open = [item.incident.id] if item.incident else []
    assert {*opened} == {*closed, *still_open}


class Histories:
    """All histories of events of *kinds* at *times*, in every order in which they can arrive.

    Orders that begin in the same way share the work of their beginning. Events of the same second are alike but for
    their ids, so that only one arrangement of their kinds is tried.
    """

    def __init__(self, kinds: str, times: Sequence[float]) -> None:
        self.kinds = sorted(map(Kind, kinds), key=RANKS.__getitem__)
        self.times = times
        self.number = 0
        self.truths: dict[tuple[Entry, ...], Summary] = {}

    def run(self, story: Story, came: Mapping[int, Entry]) -> None:
        """Let each event come that has not come, of each kind."""
        if len(came) == len(self.times):
            self._end(story, came)
            return
        for place, at in enumerate(self.times):
            if place not in came:
                same = {other: RANKS[entry.kind] for other, entry in came.items() if entry.at == at}
                low = max((rank for other, rank in same.items() if other < place), default=0)
                high = min((rank for other, rank in same.items() if other > place), default=len(RANKS))
                for kind in self.kinds:
                    if low <= RANKS[kind] <= high:
                        entry = Entry(f"e{place}", at, kind, operation=f"o{place % 2}", part=place == 1)
                        self.run(story.take(entry), {**came, place: entry})

    def _end(self, story: Story, came: Mapping[int, Entry]) -> None:
        """Let every event come a second time, and compare."""
        events = tuple(came[place] for place in range(len(came)))
        if events not in self.truths:
            self.truths[events] = fold(Summary(), events)
        for entry in events:
            story = story.take(entry)
        check(self.truths[events], story)
        self.number += 1


def times(length: int) -> Iterable[tuple[float, ...]]:
    """Make the times of *length* events, each within the same second as the one before or later."""
    for gaps in product((0, APART), repeat=length - 1):
        yield tuple(accumulate(gaps, initial=1.0))


@pytest.mark.uncounted
@pytest.mark.parametrize(("kinds", "length"), [("PSF", LENGTH), ("PSFAGDIR", LENGTH - 1)])
def test_every_order_tells_the_same_story(kinds: str, length: int) -> None:
    """All orders of all short histories, with a duplicate of each event."""
    found = 0
    for each in times(length):
        histories = Histories(kinds, each)
        histories.run(Story(), {})
        found += histories.number

    assert found == HISTORIES[kinds, length] * factorial(length)


ENTRIES = st.lists(st.tuples(st.sampled_from("PSFAGDI"), st.sampled_from([0, 1, APART])), min_size=20, max_size=40)


@given(ENTRIES, st.data())
def test_a_long_history_outlives_its_log(changes: list[tuple[str, int]], data: st.DataObject) -> None:
    """Changes that are summed up still count, if no event is later than the log is long."""
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

    story = reduce(Story.take, duplicated, Story())

    check(fold(Summary(), events), story)
    assert len(story.item.log) <= LOG_LIMIT
