"""The history of a resource, and the state that follows from it.

Events come late, twice and in any order. So the state is a fold over the changes in the order of their times, and
everything that was decided about a change is kept with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from notifier.model.incident import Turn
from notifier.model.notification import Notification

# The changes that are kept one by one; older ones are summed up.
LOG_LIMIT: Final = 20


class Kind(StrEnum):
    """The effect of a change on its resource; within one second, the later one in this list counts as the later."""

    PROGRESS = "P"
    INFO = "I"
    DONE = "D"  # a person did what was asked for
    SUCCESS = "S"
    GONE = "G"
    ACTION = "A"
    FAILURE = "F"


RANKS: Final = {kind: rank for rank, kind in enumerate(Kind)}
# Their absence from this list means that a later one of them does not make another change late.
RESULTS: Final = frozenset({Kind.SUCCESS, Kind.GONE, Kind.ACTION, Kind.FAILURE})


class Condition(StrEnum):
    """The condition of a resource."""

    UNKNOWN = "unknown"
    WELL = "well"
    GONE = "gone"
    FAILING = "failing"
    WAITING = "waiting"  # for a person to act


OPEN: Final = frozenset({Condition.FAILING, Condition.WAITING})


class OrderKey(NamedTuple):
    """The place of a change in the history; *at* is in seconds since 1970."""

    at: float
    rank: int
    id: str


BEGINNING: Final = OrderKey(0, -1, "")


@dataclass(frozen=True, slots=True)
class Entry:
    """A change and the decision about it: *turn* of *incident*, none if it was told without one or not at all."""

    id: str
    at: float
    kind: Kind
    status: str = ""
    operation: str = ""
    turn: Turn | None = None
    incident: str = ""
    number: int | None = None

    @property
    def key(self) -> OrderKey:
        """The place in the history."""
        return OrderKey(self.at, RANKS[self.kind], self.id)


@dataclass(frozen=True, slots=True)
class Summary:
    """The state after some changes: *attempted* is true if somebody tried again since the last failure."""

    condition: Condition = Condition.UNKNOWN
    opened_at: float = 0
    attempts: int = 0
    attempted: bool = True

    @property
    def is_open(self) -> bool:
        """True while the resource is failing or waits for a person."""
        return self.condition in OPEN


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """The incident that is open, and what has been said about it.

    *recipients* are the destinations that know of it. *notification* is the last one that says how bad it is. *reminders*
    counts those that were sent. *spoke_at* is the time of the last message, *broadcast_at* of the last one to a whole
    channel. *silenced* is true until somebody is told. *flapping_since* is 0 unless it is flapping.
    """

    id: str
    thread: str
    notification: Notification
    recipients: tuple[str, ...] = ()
    reminders: int = 0
    spoke_at: float = 0
    broadcast_at: float = 0
    silenced: bool = False
    flapping_since: float = 0


@dataclass(frozen=True, slots=True)
class Family:
    """The thread that the resources of one family share until a time, and the keys of those that have failed in it."""

    thread: str
    until: float
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """The memory of one resource.

    *version* counts the writes. *base* sums up the changes up to *horizon*, *log* has those after it. *due_at* is the
    time at which something is to be said without an event, 0 for never.
    """

    version: int = 0
    base: Summary = Summary()
    horizon: OrderKey = BEGINNING
    log: tuple[Entry, ...] = ()
    incident: OpenIncident | None = None
    family: Family | None = None
    due_at: float = 0

    @property
    def summary(self) -> Summary:
        """The state now."""
        return fold(self.base, self.log)

    @property
    def last_result(self) -> OrderKey:
        """The place of the last result; a change before it is late."""
        return max((entry.key for entry in self.log if entry.kind in RESULTS), default=self.horizon)

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event that came before."""
        return next((entry for entry in self.log if entry.id == event_id), None)

    def with_entry(self, entry: Entry) -> "Item":
        """Add *entry* to the log, and sum up the oldest one if there are too many."""
        log = tuple(sorted((*self.log, entry), key=lambda each: each.key))
        if len(log) <= LOG_LIMIT:
            return replace(self, log=log)
        return replace(self, base=fold(self.base, log[:1]), horizon=log[0].key, log=log[1:])


def fold(base: Summary, entries: Iterable[Entry]) -> Summary:
    """Apply the changes of *entries* to *base*, in the order of their times."""
    state = base
    for entry in sorted(entries, key=lambda each: each.key):
        match entry.kind:
            case Kind.PROGRESS:
                state = replace(state, attempted=True)
            case Kind.SUCCESS:
                state = Summary(Condition.WELL)
            case Kind.GONE:
                state = Summary(Condition.GONE)
            case Kind.DONE if state.condition is Condition.WAITING:
                state = Summary(Condition.WELL)
            case Kind.ACTION if not state.is_open:
                state = Summary(Condition.WAITING, entry.at, 0, attempted=True)
            case Kind.FAILURE:
                state = _failed(state, entry.at)
    return state


def _failed(state: Summary, at: float) -> Summary:
    opened_at = state.opened_at if state.is_open else at
    attempts = state.attempts + state.attempted if state.condition is Condition.FAILING else 1
    return Summary(Condition.FAILING, opened_at, attempts, attempted=False)
