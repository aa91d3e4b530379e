"""Notifications about open incidents without an event: reminders, escalations, ends of flapping and of silences."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from notifier.memory.decisions import IncidentDecision, state_of
from notifier.memory.history import Kind
from notifier.memory.items import Item, OpenIncident
from notifier.memory.rules import Escalation, Rules
from notifier.memory.words import HOUR, MINUTE, clock, duration, flaps, well_since, with_end, with_facts
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

QUIET_SECONDS: Final = 30 * MINUTE
# The time between two messages while a resource is flapping.
SILENCE_LIMIT_SECONDS: Final = 2 * HOUR
# A sweep runs every five minutes; a notification that is later than this was held back.
HELD_BACK_SECONDS: Final = 10 * MINUTE
# These turns describe the failure; a reminder repeats the last of them.
DESCRIBING: Final = frozenset({Turn.OPENED, Turn.UPDATED, Turn.FINISHED, Turn.AGAIN, Turn.FLAPPING})


@dataclass(frozen=True, slots=True)
class Due:
    """A due notification, and the *item* after it; an *escalation* has its own destinations."""

    notification: Notification
    item: Item
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """The sending of a *notification* to *recipients*; it is *silenced* if a silence or quiet hours left none.

    *escalations* are those of the routes that matched.
    """

    notification: Notification
    recipients: tuple[str, ...]
    silenced: bool = False
    escalations: tuple[Escalation, ...] = ()


def after(decision: IncidentDecision, sending: Sending, rules: Rules) -> Item:
    """Return the item of *decision* after its *sending*."""
    entry, turn = replace(decision.entry, recipients=sending.recipients), decision.turn
    item = decision.item.with_entry(entry)
    incident = item.incident
    if incident is None or turn is None:
        return replace(item, due_at=due_at(item, rules))
    broadcast = entry.incident is not None and (entry.incident.broadcast or turn is Turn.OPENED)
    # A reminder is a failure, even if the last turn was the end of a rollback.
    severity = Severity.FAILURE if entry.kind is Kind.RESTORED else sending.notification.severity
    last = sending.notification.with_severity(severity)
    bare = replace(last, incident=None, mention=None, custom_title=None, custom_body=None)
    incident = replace(
        incident,
        notification=bare if turn in DESCRIBING else incident.notification,
        spoke_at=entry.at if sending.recipients else incident.spoke_at,
        broadcast_at=entry.at if broadcast else incident.broadcast_at,
        silenced=sending.silenced or incident.silenced or bool(incident.withheld_for),
    )
    return _notified(item, incident, sending.recipients, sending.escalations, rules)


def _notified(
    item: Item, incident: OpenIncident, recipients: tuple[str, ...], escalations: tuple[Escalation, ...], rules: Rules
) -> Item:
    """Record in *item* that *recipients* know of its *incident*, by routes with *escalations*."""
    known = tuple(dict.fromkeys((*incident.recipients, *recipients)))
    incident = replace(
        incident,
        recipients=known,
        silenced=incident.silenced and not known,
        escalations=incident.escalations or escalations,
        withheld_for="" if known else incident.withheld_for,
    )
    item = replace(item, incident=incident)
    return replace(item, due_at=due_at(item, rules))


def due_at(item: Item, rules: Rules) -> float:
    """Compute the time of the next notification about *item*; 0 for never."""
    incident = item.incident
    if incident is None or incident.notification is None:
        return 0
    if incident.silenced:
        return incident.spoke_at or 1
    opened_at = _opened_at(item, incident)
    if incident.flapping_since:
        times = [item.changed_at + QUIET_SECONDS, incident.spoke_at + SILENCE_LIMIT_SECONDS]
    else:
        times = [opened_at + after for after in rules.remind[incident.reminders :][:1]]
    return min((*times, *(opened_at + each.after for each in incident.escalations)), default=0)


def due(item: Item, now: float, rules: Rules) -> Due | None:
    """Write the notification that is due about *item* at the time *now*, if any."""
    incident = item.incident
    if incident is None or incident.notification is None or not 0 < due_at(item, rules) <= now:
        return None
    opened_at = _opened_at(item, incident)
    escalation = next((each for each in incident.escalations if opened_at + each.after <= now), None)
    reached = [each for each in rules.remind if opened_at + each <= now]
    marked = replace(incident, spoke_at=now)
    turn, late = Turn.REMINDER, None
    # By the mark, the next sweep makes the same id if writing the memory fails after this one.
    if incident.flapping_since and now >= item.changed_at + QUIET_SECONDS:
        failed = f"failed {flaps(item, incident)}"
        marked = replace(marked, flapping_since=0, notification=replace(incident.notification, headline=failed))
        how = _still(marked, item) if item.summary.is_open else f"well since {clock(well_since(item), now)}"
        turn, mark, end = Turn.SETTLED, int(item.changed_at), f"settled: {how}, {failed}"
    elif incident.silenced:
        turn, mark, end = Turn.OPENED, 0, f", {'held back' if incident.withheld_for else 'silenced'} until now"
        marked = replace(marked, reminders=len(reached))
    elif escalation:
        mark, late = escalation.after, escalation
        end = f", {_still(incident, item)} after {_elapsed(mark, opened_at, item, now)}"
        marked = replace(incident, escalations=tuple(each for each in incident.escalations if each is not escalation))
    elif incident.flapping_since:
        failures = item.summary.openings - incident.openings
        mark, end = int(incident.spoke_at), f"is still flapping: {failures} failures"
    else:
        mark = reached[-1]
        end = f", {_still(incident, item)} after {_elapsed(mark, opened_at, item, now)}"
        marked = replace(marked, reminders=len(reached))
    present = Incident(
        id=incident.id,
        thread=incident.thread,
        turn=turn,
        state=state_of(marked, item.summary),
        number=item.version + 1,
        opened_at=datetime.fromtimestamp(item.summary.opened_at or now, UTC),
        attempts=item.summary.attempts,
        broadcast=turn is not Turn.OPENED or incident.thread != incident.id,
        failed_at=datetime.fromtimestamp(item.summary.failed_at, UTC) if item.summary.failed_at else None,
    )
    last = with_facts(incident.notification, present, now)
    notification = replace(
        last.with_severity(Severity.RECOVERED) if present.state is State.CLOSED else last,
        event_id=f"{turn.name.lower()}/{incident.id}/{mark}",
        headline=with_end(last.headline, end) if end.startswith(",") else end,
    )
    open_still = None if present.state is State.CLOSED else marked
    item = replace(item, version=item.version + 1, incident=open_still, due_at=0)
    return Due(notification, item, late)


def after_due(due: Due, recipients: tuple[str, ...], rules: Rules, escalations: tuple[Escalation, ...] = ()) -> Item:
    """Return the item after *due* was sent to *recipients*, by routes with *escalations* if it is an opening."""
    incident = due.item.incident
    return _notified(due.item, incident, recipients, escalations, rules) if incident else due.item


def _opened_at(item: Item, incident: OpenIncident) -> float:
    return incident.flapping_since or item.summary.opened_at or incident.spoke_at


def _still(incident: OpenIncident, item: Item) -> str:
    return f"still {state_of(incident, item.summary)}"


def _elapsed(after: float, opened_at: float, item: Item, now: float) -> str:
    """Write the planned time of a reminder, or the real time if the reminder was held back."""
    since = item.summary.failed_at or opened_at
    planned = opened_at + after - since
    return duration(planned if now - since < planned + HELD_BACK_SECONDS else now - since)
