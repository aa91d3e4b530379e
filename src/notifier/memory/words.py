"""The wording of incidents: durations, attempts and times of recovery."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from notifier.memory.decisions import NEAR_SECONDS, URGENT, IncidentDecision, openings
from notifier.memory.history import Condition, Kind, fold
from notifier.memory.items import Item, OpenIncident
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import HEADLINE_LIMIT, Notification
from notifier.model.sanitize import cut
from notifier.model.status_change import RECOVERY, Fact, Meaning, Reading, Severity, StatusChange

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# A longer duration is written without minutes.
EXACT_HOURS: Final = 10 * HOUR
ORDINALS: Final = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd"}


def duration(seconds: float) -> str:
    """Write a duration in at most two units."""
    minutes = round(seconds / MINUTE)
    if seconds < MINUTE:
        return f"{max(round(seconds), 0)} s"
    if minutes < 2 * HOUR / MINUTE:
        return f"{minutes} min"
    if seconds < EXACT_HOURS:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    hours = round(seconds / HOUR)
    return f"{hours} h" if seconds < 2 * DAY else f"{round(seconds / DAY)} days"


def clock(moment: float, now: float) -> str:
    """Write the time *moment*, in seconds since 1970, with its date unless it is on the day of *now*."""
    time, today = datetime.fromtimestamp(moment, UTC), datetime.fromtimestamp(now, UTC)
    return f"{time:%H:%M} UTC" if time.date() == today.date() else f"{time:%Y-%m-%d %H:%M} UTC"


def with_story(reading: Reading, decision: IncidentDecision) -> Reading:
    """Add the words of the decided turn to *reading*."""
    incident = decision.entry.incident
    if incident is None:
        return reading
    meaning, change = _turn_meaning(reading.meaning, decision, incident), reading.change
    words = (*change.facts, *facts(incident, decision.entry.at))
    last = decision.item.last_notification
    if last and _is_overtaken(decision):
        meaning = replace(meaning, headline=last.headline, next_step=last.next_step, command=last.command)
        change = replace(change, status=last.status)
    return replace(reading, meaning=meaning, change=replace(change, facts=words, reason=_cause(change, decision)))


def _is_overtaken(decision: IncidentDecision) -> bool:
    """Check whether a rollback or clean-up is reported as running after its end, which has the same time."""
    entry = decision.entry
    if decision.turn is not Turn.UPDATED or not entry.is_unfinished or entry.before is Kind.FAILURE:
        return False
    near = (each for each in decision.found.log if abs(each.at - entry.at) < NEAR_SECONDS)
    return any(
        each.kind is Kind.FAILURE and each.operation == entry.operation and not each.is_unfinished for each in near
    )


def _cause(change: StatusChange, decision: IncidentDecision) -> str | None:
    """Return the reason of *change*, or the reason of the last failure if that was of a part, which is the cause."""
    last, entry = decision.item.last_notification, decision.entry
    if decision.turn not in {Turn.FINISHED, Turn.UPDATED} or last is None:
        return change.reason
    if entry.kind is Kind.RESTORED:
        return last.reason
    is_of_part = last.resource_type != change.resource_type and not entry.part
    return (is_of_part and last.reason) or change.reason or last.reason


def facts(incident: Incident, now: float) -> tuple[Fact, ...]:
    """List the facts about the *incident* that a message adds to those of the change."""
    since = incident.since.timestamp() if incident.since else now
    return (
        *([Fact("First failed" if incident.attempts else "Waiting since", clock(since, now))] if since < now else []),
        *([Fact("Failed attempts", str(incident.attempts))] if incident.attempts > 1 else []),
    )


def with_facts(last: Notification, incident: Incident | None, now: float) -> Notification:
    """Update the facts about its *incident* in *last*."""
    present = facts(incident, now) if incident else ()
    labels = {fact.label for fact in present}
    others = (fact for fact in last.facts if fact.label not in labels)
    return replace(last, facts=(*others, *present), incident=incident)


def with_end(headline: str, end: str) -> str:
    """Join *headline*, which may be cut, and *end*."""
    return f"{cut(headline, HEADLINE_LIMIT - len(end))}{end}"


def lasted(incident: Incident, now: float) -> str:
    """Write the duration of the *incident* until *now*, without a wait before it; empty if unknown."""
    return duration(now - incident.since.timestamp()) if incident.since else ""


def flaps(item: Item, incident: OpenIncident) -> str:
    """Write how often the resource of *item* failed while flapping, and within which time."""
    return f"{item.summary.openings - incident.openings} times in {duration(item.changed_at - incident.flapping_since)}"


def attempt(incident: Incident, now: float) -> str:
    """Write which attempt has failed."""
    number = ORDINALS.get(incident.attempts, f"{incident.attempts}th")
    time = lasted(incident, now)
    return f"{number} attempt in {time}" if time else f"{number} attempt"


def _turn_meaning(meaning: Meaning, decision: IncidentDecision, incident: Incident) -> Meaning:
    # A person did what was asked for.
    is_done = incident.turn is Turn.ENDED and meaning.severity is Severity.SUCCESS
    severity = Severity.RECOVERED if is_done or incident.turn is Turn.RECOVERED else meaning.severity
    if incident.turn is Turn.FLAPPING:
        at = decision.entry.at
        times = openings(decision.item, at)
        return replace(meaning, headline=f"is flapping: {len(times)} failures in {duration(at - min(times))}")
    if decision.entry.kind is Kind.RESTORED and incident.turn is Turn.FINISHED:
        return replace(meaning, severity=Severity.INFO, headline="was rolled back: the old version runs")
    headline = meaning.headline.removesuffix(RECOVERY)
    return replace(meaning, severity=severity, headline=with_end(headline, _end(decision, incident)))


def _end(decision: IncidentDecision, incident: Incident) -> str:
    """Write the end that the turn adds to a headline."""
    entry, was_waiting, current = decision.entry, not incident.attempts, decision.found.incident
    time = lasted(incident, entry.at)
    end = ""
    match incident.turn:
        case Turn.COUNTED if current:
            end = f", flapping: failed {flaps(decision.item, current)}"
        case Turn.ENDED if current and current.flapping_since:
            end = f" after failing {flaps(decision.item, current)}"
        case Turn.PROGRESS if incident.since:
            end = f", {'waiting' if was_waiting else 'failing'} since {clock(incident.since.timestamp(), entry.at)}"
        case Turn.AGAIN if incident.attempts > 1:
            end = f": {attempt(incident, entry.at)}"
        case Turn.RECOVERED if entry.kind in URGENT:
            end = _late(decision, incident)
        case Turn.RECOVERED | Turn.ENDED if was_waiting:
            end = f" after {time}"
        case Turn.RECOVERED | Turn.NOTED if incident.state is State.CLOSED:
            number = f", {incident.attempts} attempts" if incident.attempts > 1 else ""
            since = well_since(decision.item)
            known = incident.since and since >= incident.since.timestamp()
            end = f", recovered after {lasted(incident, since)}{number}" if known else ", recovered, time unknown"
        case Turn.ENDED if time:
            end = f" after failing for {time}"
        case Turn.LATE:
            end = _late(decision, incident)
    return end


def _late(decision: IncidentDecision, incident: Incident) -> str:
    """Write the time of a late failure, and the time since which its resource is well."""
    at = decision.entry.at
    text = f" at {clock(at, decision.item.last_result.at)}, told late"
    since = well_since(decision.item)
    return f"{text}; well since {clock(since, at)}" if incident.state is State.CLOSED and since else text


def well_since(item: Item) -> float:
    """Find the time since which the resource is well; 0 if unknown."""
    state, since = item.base, 0.0
    for entry in item.log:
        state = fold(state, (entry,))
        if state.condition is not Condition.WELL:
            since = 0
        elif entry.kind in {Kind.SUCCESS, Kind.RESTORED}:
            since = since or entry.at
    return since


def with_parent(last: Notification, decision: IncidentDecision, parent: Notification) -> Notification:
    """Write that a part, whose failure is *last*, has recovered, or is gone, with its *parent*."""
    at, incident, is_gone = decision.entry.at, decision.entry.incident, decision.turn is Turn.ENDED
    time = lasted(incident, at) if incident else ""
    long = f" after {'failing for ' * is_gone}{time}{',' * is_gone}" if time else ""
    headline = f"{'gone' if is_gone else 'recovered'}{long} with the {parent.kind} {parent.name}"
    return replace(
        with_facts(last, incident, at).with_severity(Severity.RECOVERED),
        event_id=decision.entry.id,
        headline=cut(headline, HEADLINE_LIMIT),
        status=None,
        next_step=None,
        command=None,
        reason=None,
        occurred_at=datetime.fromtimestamp(at, UTC),
    )
