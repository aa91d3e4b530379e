"""The history of a resource, and the state that follows from it.

Events come late, twice and in any order. So the state is a fold over the changes in the order of their times, and
each change is stored with the decision about it, which a retry repeats.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from notifier.model.incident import Incident

# Limits the item of a resource that never succeeds or fails.
OPERATIONS_LIMIT: Final = 20
# A failure whose status ends with it is followed by another status: a rollback or clean-up is running.
UNFINISHED: Final = "IN_PROGRESS"


class Kind(StrEnum):
    """The effect of a change on its resource; of two changes at the same time, the kind listed later is the later."""

    PROGRESS = "P"
    INFO = "I"
    DONE = "D"  # a person did what was asked for
    SUCCESS = "S"
    RESTORED = "R"  # a success, or the end of a rollback if its operation began before the failure
    GONE = "G"
    ACTION = "A"
    FAILURE = "F"


RANKS: Final = {kind: rank for rank, kind in enumerate(Kind)}
# A change is late if it is older than one of these.
RESULTS: Final = frozenset({Kind.DONE, Kind.SUCCESS, Kind.RESTORED, Kind.GONE, Kind.ACTION, Kind.FAILURE})


class Condition(StrEnum):
    """The condition of a resource after some changes."""

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
    """A change and the decision about it.

    *before* is the kind of the previous status, if the event names one. The change may concern a *part* of the
    resource. *began* is the start of its operation, 0 if unknown. *incident* is the incident after the change; an entry
    without one was sent by the routes, or not at all if it is *ignored*. A *withheld* entry was sent to nobody, because
    the parent was failing. *followers* knew of the incident before, *recipients* are the destinations that received
    this change.
    """

    id: str
    at: float
    kind: Kind
    status: str = ""
    operation: str = ""
    before: Kind | None = None
    incident: Incident | None = None
    ignored: bool = False
    withheld: bool = False
    followers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    part: bool = False
    began: float = 0

    @property
    def key(self) -> OrderKey:
        """The place in the history."""
        return OrderKey(self.at, RANKS[self.kind], self.id)

    @property
    def is_unfinished(self) -> bool:
        """True of a failure while a rollback or clean-up is running."""
        return self.status.endswith(UNFINISHED)


@dataclass(frozen=True, slots=True)
class Summary:
    """The state after some changes.

    *opened_at* is 0 if the first failure is unknown. *attempts* counts failures that had a new attempt before them;
    *attempted* is true if a new attempt was made since the last failure. *operations* began since then; *healthy* is
    the last operation that succeeded, to which a rollback returns. *openings* counts how often the resource
    began to fail. *began* is the start of the latest operation that has a result. *failed_at* is 0 unless the
    resource waited before it failed. *failed* are the operations that failed since the opening.
    """

    condition: Condition = Condition.UNKNOWN
    opened_at: float = 0
    attempts: int = 0
    attempted: bool = True
    operations: tuple[str, ...] = ()
    healthy: str = ""
    openings: int = 0
    began: float = 0
    failed_at: float = 0
    failed: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """True while the resource is failing or waits for a person."""
        return self.condition in OPEN


NO_CHANGES: Final = Summary()


def fold(base: Summary, entries: Iterable[Entry]) -> Summary:
    """Apply the changes of *entries*, in the order of their times, to *base*.

    The result of an operation changes nothing if a later operation has a result.
    """
    state = base
    for entry in sorted(entries, key=lambda each: each.key):
        is_result = entry.kind in RESULTS
        if is_result and 0 < entry.began < state.began:
            continue
        before = _previous(state, entry.before)
        opens = entry.kind is Kind.FAILURE and not (state.is_open and before.is_open)
        began = max(state.began, entry.began) if is_result else state.began
        state = replace(_apply(before, entry), openings=state.openings + opens, began=began)
    return state


def _previous(state: Summary, before: Kind | None) -> Summary:
    """Correct *state* by the previous status that an event names, whose own event may be lost or late."""
    if before is Kind.FAILURE and state.condition is not Condition.FAILING:
        return Summary(Condition.FAILING, attempts=1, attempted=False)
    if before is Kind.SUCCESS and state.condition is Condition.FAILING:
        return Summary(Condition.WELL)
    return state


def _apply(state: Summary, entry: Entry) -> Summary:
    match entry.kind:
        case Kind.PROGRESS:
            operations = tuple(dict.fromkeys((*state.operations, entry.operation)))[-OPERATIONS_LIMIT:]
            state = replace(state, attempted=True, operations=operations)
        case Kind.RESTORED if _is_rollback(state, entry.operation):
            pass
        case Kind.SUCCESS | Kind.RESTORED:
            state = Summary(Condition.WELL, healthy=entry.operation)
        case Kind.GONE:
            state = Summary(Condition.GONE)
        case Kind.DONE if state.condition is Condition.WAITING:
            state = Summary(Condition.WELL)
        case Kind.ACTION if not state.is_open:
            state = Summary(Condition.WAITING, entry.at, healthy=state.healthy)
        case Kind.FAILURE:
            opened_at = state.opened_at if state.is_open else entry.at
            attempted = state.attempted or _is_another(state, entry.operation)
            attempts = state.attempts + attempted if state.condition is Condition.FAILING else 1
            failed_at = entry.at if state.condition is Condition.WAITING else state.failed_at
            failed = tuple(dict.fromkeys((*state.failed, entry.operation)))[-OPERATIONS_LIMIT:]
            state = Summary(Condition.FAILING, opened_at, attempts, attempted=False, healthy=state.healthy)
            state = replace(state, failed_at=failed_at, failed=failed)
    return state


def _is_another(state: Summary, operation: str) -> bool:
    """Check whether a failure is of another attempt, whose start is unknown: its *operation* did not fail before."""
    return state.began > 0 and bool(operation) and operation not in state.failed


def _is_rollback(state: Summary, operation: str) -> bool:
    """Check whether a success ends a rollback: its operation is the old one, or did not begin after the failure."""
    began = operation in state.operations and (operation != state.healthy or not operation)
    return state.condition is Condition.FAILING and not began
