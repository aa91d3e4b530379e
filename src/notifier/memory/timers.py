"""Notifications about an open incident without an event: reminders, and the ends of flapping and of silences."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from notifier.memory.decisions import Decision, state_of
from notifier.memory.history import Condition
from notifier.memory.items import Item, OpenIncident
from notifier.memory.rules import Escalation, Rules
from notifier.memory.words import HOUR, MINUTE, clock, duration, facts, well_since, with_end
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

QUIET_SECONDS: Final = 30 * MINUTE
# While a resource is flapping, somebody hears of it this often.
SILENCE_LIMIT_SECONDS: Final = 2 * HOUR
# A sweep finds what is due within five minutes; what comes later than this was held back.
HELD_BACK_SECONDS: Final = 10 * MINUTE
# They say how bad it is; the last of them is repeated by a reminder.
DESCRIBING: Final = frozenset({Turn.OPENED, Turn.UPDATED, Turn.FINISHED, Turn.AGAIN, Turn.FLAPPING})


@dataclass(frozen=True, slots=True)
class Due:
    """A notification that is due, and the *item* after it; an *escalation* has destinations of its own."""

    notification: Notification
    item: Item
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """The sending of a *notification* to *recipients*; it is *silenced* if a silence or quiet hours left nobody.

    *escalations* are those of the routes that it took.
    """

    notification: Notification
    recipients: tuple[str, ...]
    silenced: bool = False
    escalations: tuple[Escalation, ...] = ()


def after(decision: Decision, sending: Sending, rules: Rules) -> Item:
    """Return the item of *decision* after its *sending*."""
    entry, turn = replace(decision.entry, recipients=sending.recipients), decision.turn
    item = decision.item.with_entry(entry)
    incident = item.incident
    if incident is None or turn is None:
        return replace(item, due_at=due_at(item, rules))
    broadcast = entry.incident is not None and (entry.incident.broadcast or turn is Turn.OPENED)
    bare = replace(sending.notification, incident=None, mention=None, custom_title=None, custom_body=None)
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
    """Note in *item* that *recipients* were told of its *incident* by routes with *escalations*."""
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
    """Compute when something is to be said of *item*; 0 for never."""
    incident = item.incident
    if incident is None or incident.notification is None:
        return 0
    if incident.silenced:
        return incident.spoke_at or 1
    if incident.flapping_since:
        return min(_last_change(item) + QUIET_SECONDS, incident.spoke_at + SILENCE_LIMIT_SECONDS)
    times = (*rules.remind[incident.reminders :][:1], *(each.after for each in incident.escalations))
    return _opened_at(item, incident) + min(times) if times else 0


def due(item: Item, now: float, rules: Rules) -> Due | None:
    """Write what is due about *item* at the time *now*."""
    incident = item.incident
    if incident is None or incident.notification is None or not 0 < due_at(item, rules) <= now:
        return None
    opened_at = _opened_at(item, incident)
    escalation = next((each for each in incident.escalations if opened_at + each.after <= now), None)
    reached = [each for each in rules.remind if opened_at + each <= now]
    marked = replace(incident, spoke_at=now)
    turn, late = Turn.REMINDER, None
    # The mark makes the notification's id the same in the next sweep, if the memory was not told of this one.
    if incident.flapping_since and now >= _last_change(item) + QUIET_SECONDS:
        turn, mark, end = Turn.SETTLED, int(_last_change(item)), _settled(item, incident, now)
        failed = replace(incident.notification, headline=_failed(item, incident))
        marked = replace(marked, flapping_since=0, notification=failed)
    elif incident.silenced:
        turn, mark, end = Turn.OPENED, 0, f", {'held back' if incident.withheld_for else 'silenced'} until now"
        marked = replace(marked, reminders=len(reached))
    elif incident.flapping_since:
        mark, end = int(incident.spoke_at), f"is still flapping: {_failures(item, incident)} failures"
    elif escalation:
        mark, late = escalation.after, escalation
        end = f", {_still(item)} after {_elapsed(mark, now - opened_at)}"
        marked = replace(marked, escalations=tuple(each for each in incident.escalations if each is not escalation))
    else:
        mark = reached[-1]
        end = f", {_still(item)} after {_elapsed(mark, now - opened_at)}"
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
    )
    last = incident.notification
    notification = replace(
        last.with_severity(Severity.RECOVERED) if present.state is State.CLOSED else last,
        event_id=f"{turn.name.lower()}/{incident.id}/{mark}",
        headline=with_end(last.headline, end) if end.startswith(",") else end,
        facts=(*last.facts, *facts(present, now)),
        incident=present,
    )
    open_still = None if present.state is State.CLOSED else marked
    item = replace(item, version=item.version + 1, incident=open_still, due_at=0)
    return Due(notification, item, late)


def after_due(due: Due, recipients: tuple[str, ...], rules: Rules, escalations: tuple[Escalation, ...] = ()) -> Item:
    """Return the item after what was *due* went to *recipients*, by routes with *escalations* if it is an opening."""
    incident = due.item.incident
    return _notified(due.item, incident, recipients, escalations, rules) if incident else due.item


def _opened_at(item: Item, incident: OpenIncident) -> float:
    return item.summary.opened_at or incident.spoke_at


def _last_change(item: Item) -> float:
    return max((entry.at for entry in item.log), default=0)


def _failures(item: Item, incident: OpenIncident) -> int:
    """Count how often the resource failed since it began to flap."""
    return item.summary.openings - incident.openings


def _failed(item: Item, incident: OpenIncident) -> str:
    time = duration(_last_change(item) - incident.flapping_since)
    return f"failed {_failures(item, incident)} times in {time}"


def _settled(item: Item, incident: OpenIncident, now: float) -> str:
    how = _still(item) if item.summary.is_open else f"well since {clock(well_since(item), now)}"
    return f"settled: {how}, {_failed(item, incident)}"


def _still(item: Item) -> str:
    return "still waiting" if item.summary.condition is Condition.WAITING else "still failing"


def _elapsed(planned: float, seconds: float) -> str:
    """Write the time that a reminder was *planned* for, or the real one if something has held it back."""
    return duration(planned if seconds < planned + HELD_BACK_SECONDS else seconds)
