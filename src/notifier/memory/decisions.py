"""Decide which turn a change adds to the incident of its resource: the state table of docs/incidents.md."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from notifier.memory.history import Condition, Entry, Kind, Summary, fold
from notifier.memory.items import Item, OpenIncident
from notifier.memory.rules import Rules
from notifier.model.incident import Incident, State, Turn

FLAPPING_OPENINGS: Final = 3
FLAPPING_SECONDS: Final = 60 * 60
# The minimum time between two broadcasts of a repeated failure.
BROADCAST_SECONDS: Final = 60 * 60
# The minimum time between two edits of the message of a flapping resource.
COUNT_SECONDS: Final = 60
# Two events about one failure can arrive in the wrong order within this time.
NEAR_SECONDS: Final = 1

OPENINGS: Final = frozenset({Turn.OPENED, Turn.FLAPPING})
FLAPS: Final = frozenset({*OPENINGS, Turn.LATE})
BROADCAST: Final = frozenset({Turn.RECOVERED, Turn.ENDED, Turn.REMINDER, Turn.SETTLED})
CLOSING: Final = frozenset({Turn.RECOVERED, Turn.ENDED})
NOTHING: Final = OpenIncident("", "")
URGENT: Final = frozenset({Kind.ACTION, Kind.FAILURE})
STATES: Final = {Condition.FAILING: State.FAILING, Condition.WAITING: State.WAITING}
# By the kind of a change that is not late, while the incident of the resource is open.
WHILE_OPEN: Final = {
    Kind.PROGRESS: Turn.PROGRESS,
    Kind.INFO: Turn.NOTED,
    Kind.DONE: Turn.NOTED,
    Kind.SUCCESS: Turn.RECOVERED,
    Kind.RESTORED: Turn.FINISHED,
    Kind.GONE: Turn.ENDED,
}


@dataclass(frozen=True, slots=True)
class IncidentDecision:
    """The decision about a change: its *entry*, and the *item* with it, which is unchanged if *repeated*.

    *found* is the item before the decision.
    """

    item: Item
    entry: Entry
    found: Item
    repeated: bool = False

    @property
    def turn(self) -> Turn | None:
        """The turn of the incident, if any."""
        return self.entry.incident.turn if self.entry.incident else None


def decide(item: Item, entry: Entry, rules: Rules) -> IncidentDecision:
    """Decide about the change of *entry*; if *item* has a decision about it, repeat that decision."""
    if known := item.entry(entry.id):
        return IncidentDecision(item, known, item, repeated=True)
    if decided := _correction(item, entry):
        return IncidentDecision(replace(item.with_entry(decided), version=item.version + 1), decided, item)
    before = item.summary
    beyond = entry.key < item.horizon
    grown = item if beyond else item.with_entry(entry)
    after = before if beyond else grown.summary
    # A later event may name a success as its previous status.
    over = entry.kind in URGENT and not after.is_open
    late = over or (entry.key < item.last_result and not (after.is_open and _explains(entry, item)))
    turn = _late_turn(item, entry) if late else _turn(item, entry, before, after)
    opens = after.is_open and item.incident is None
    if opens:
        turn = _opening(item, entry, rules) if entry.kind in URGENT else None
    elif item.incident and not after.is_open and turn is not Turn.ENDED and not item.incident.flapping_since:
        turn = Turn.RECOVERED
    elif turn in CLOSING and after.is_open:
        turn, late = None, True  # a later event names a failure as its previous status
    current = item.incident or (OpenIncident(entry.id, entry.id) if turn or opens else None)
    if turn is Turn.FLAPPING and current:
        times = openings(item, entry.at)
        current = replace(current, flapping_since=min(times), openings=before.openings - len(times))
    decided = replace(
        entry,
        ignored=turn is None and (late or (item.incident or NOTHING).flapping_since > 0),
        # A person has to act even if the parent is failing.
        withheld=bool((item.incident or NOTHING).withheld_for) and entry.kind is not Kind.ACTION,
    )
    if turn and current:
        incident = _incident(item.version + 1, current, decided, turn, (before, after))
        decided = replace(decided, incident=incident, followers=item.recipients)
    if turn in CLOSING or (turn is Turn.LATE and item.incident is None):
        current = None
    if beyond:
        return IncidentDecision(item, decided, item)
    return IncidentDecision(
        replace(grown.with_entry(decided), version=item.version + 1, incident=current), decided, item
    )


def _correction(item: Item, entry: Entry) -> Entry | None:
    """Decide about the late success that ended an incident: a later event, which named it, has closed that already."""
    later = (each for each in item.log if each.key > entry.key and each.before is Kind.SUCCESS)
    ended = next((each for each in later if each.incident and each.incident.turn is Turn.RECOVERED), None)
    failing = fold(item.base, (each for each in item.log if each.key < entry.key)).condition is Condition.FAILING
    if entry.kind is not Kind.SUCCESS or item.incident or not (failing and ended and ended.incident):
        return None
    incident = replace(ended.incident, turn=Turn.NOTED, number=item.version + 1, broadcast=False)
    return replace(entry, incident=incident, followers=(*ended.followers, *ended.recipients))


def _explains(entry: Entry, item: Item) -> bool:
    """Check whether a late failure explains the last one: it is of a part, or nearly at the same time."""
    since = [each for each in item.log if each.key > entry.key]
    is_near = all(each.at - entry.at < NEAR_SECONDS for each in since)
    return (entry.part or is_near) and {entry.kind, *(each.kind for each in since)} <= {Kind.FAILURE, Kind.INFO}


def _late_turn(item: Item, entry: Entry) -> Turn | None:
    flapping_since = (item.incident or NOTHING).flapping_since
    is_counted = entry.kind is Kind.FAILURE and 0 < flapping_since <= entry.at
    return Turn.LATE if entry.kind in URGENT and not is_counted else None


def _turn(item: Item, entry: Entry, before: Summary, after: Summary) -> Turn | None:
    if item.incident is None:
        return None
    # A person has to act whether or not the resource is flapping.
    if item.incident.flapping_since and entry.kind is not Kind.ACTION:
        return Turn.ENDED if entry.kind is Kind.GONE else _counted(item, entry)
    if entry.kind is Kind.DONE and before.condition is Condition.WAITING:
        return Turn.ENDED
    return WHILE_OPEN.get(entry.kind) or _failed(item, item.incident, entry, before, after)


def _failed(item: Item, incident: OpenIncident, entry: Entry, before: Summary, after: Summary) -> Turn:
    if not (incident.recipients or incident.silenced):
        return Turn.OPENED  # nobody has been notified
    if entry.kind is Kind.ACTION:
        return Turn.UPDATED if before.condition is Condition.WAITING else Turn.AGAIN
    is_anew = after.attempts > before.attempts or entry.before is Kind.SUCCESS
    if before.condition is Condition.WAITING or is_anew:
        return Turn.AGAIN
    last = max((each for each in item.log if each.kind is Kind.FAILURE), key=lambda each: each.key, default=entry)
    # The failure of a deployment is not the end of the rollback, which is another operation.
    is_over = not (entry.is_unfinished or entry.part) and entry.operation == last.operation
    return Turn.FINISHED if last.is_unfinished and is_over else Turn.UPDATED


def _counted(item: Item, entry: Entry) -> Turn | None:
    """Count a change while the resource is flapping; most changes edit no message."""
    shown = (each.at for each in item.log if each.incident and each.incident.turn is Turn.COUNTED)
    return Turn.COUNTED if entry.at - max(shown, default=0) >= COUNT_SECONDS else None


def _opening(item: Item, entry: Entry, rules: Rules) -> Turn:
    flaps = rules.flapping and entry.kind is Kind.FAILURE and len(openings(item, entry.at)) + 1 >= FLAPPING_OPENINGS
    return Turn.FLAPPING if flaps else Turn.OPENED


def openings(item: Item, until: float) -> tuple[float, ...]:
    """List the times within the hour before *until* at which the resource began to fail without flapping."""
    state, times = item.base, []
    for entry in item.log:
        before, state = state, fold(state, (entry,))
        if state.openings > before.openings and entry.incident and entry.incident.turn in FLAPS:
            times.append(entry.at)
    return tuple(at for at in times if until - FLAPPING_SECONDS < at <= until)


def _incident(
    number: int, current: OpenIncident, entry: Entry, turn: Turn, states: tuple[Summary, Summary]
) -> Incident:
    """Make the incident after *turn*, which led from the first of *states* to the second."""
    before, after = states
    closed = turn in CLOSING or not (after.is_open or current.flapping_since)
    summary = before if closed and before.is_open else after
    opened_at = summary.opened_at or (entry.at if turn in {Turn.OPENED, Turn.LATE} else 0)
    loud = turn is Turn.AGAIN and entry.at - current.broadcast_at >= BROADCAST_SECONDS
    return Incident(
        id=current.id,
        thread=current.thread,
        turn=turn,
        state=State.CLOSED if closed else state_of(current, after),
        number=None if turn is Turn.LATE else number,
        opened_at=datetime.fromtimestamp(opened_at, UTC) if opened_at else None,
        attempts=summary.attempts,
        broadcast=loud or turn in BROADCAST,
        failed_at=datetime.fromtimestamp(summary.failed_at, UTC) if summary.failed_at else None,
    )


def state_of(incident: OpenIncident, summary: Summary) -> State:
    """Return the state of *incident* while its resource has the state *summary*."""
    return State.FLAPPING if incident.flapping_since else STATES.get(summary.condition, State.CLOSED)
