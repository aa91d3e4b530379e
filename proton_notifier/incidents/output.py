"""Incidents and changes in words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from notifier.memory.decisions import NOTHING, state_of
from notifier.memory.history import Entry
from notifier.memory.rows import KEY_LIMIT_BYTES, Row
from notifier.memory.words import duration
from notifier.model.incident import State
from notifier.model.sanitize import tidy


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """An open incident, as an object of the JSON output.

    *opened_at* is absent if it is unknown. *reminder_at* is the time of the next message without an event; it is now
    while a silence or quiet hours hold that back.
    """

    resource: str
    id: str
    state: State
    title: str
    opened_at: datetime | None
    attempts: int
    recipients: tuple[str, ...]
    reminder_at: datetime | None

    @classmethod
    def of(cls, row: Row, now: float) -> Self:
        """Describe the open incident of *row*."""
        item, incident, summary = row.item, row.item.incident or NOTHING, row.item.summary
        state, resource = state_of(incident, summary), readable(row.id)
        title = incident.notification.title if incident.notification else f"{resource} is {state}"
        opened_at = _time(incident.flapping_since or summary.opened_at)
        reminder_at = _time(item.due_at and max(item.due_at, now))
        return cls(resource, incident.id, state, title, opened_at, summary.attempts, incident.recipients, reminder_at)

    def text(self, now: float) -> str:
        """Describe it for a person."""
        lasted = f", for {duration(now - self.opened_at.timestamp())}" if self.opened_at else ""
        held = self.reminder_at == _time(now)
        reminder = "when nothing holds it back" if held else _stamp(self.reminder_at, "none")
        return (
            f"{self.title}\n"
            f"  {self.state} since {_stamp(self.opened_at, 'an unknown time')}{lasted}{_failures(self.attempts)}\n"
            f"  told: {_names(self.recipients)}; next reminder: {reminder}\n"
            f"  {self.resource}"
        )


def history(row: Row, now: float) -> str:
    """Describe the state of a resource, and then its last changes, the oldest first."""
    item, incident = row.item, row.item.incident
    lines = [ListedIncident.of(row, now).text(now) if incident else f"{readable(row.id)}\n  {item.summary.condition}"]
    if incident and incident.reminders:
        lines.append(f"  reminded: {'once' if incident.reminders == 1 else f'{incident.reminders} times'}")
    cells = [_cells(entry) for entry in item.log]
    if before := _time(item.horizon.at):
        earlier = f"{item.base.condition}{_failures(item.base.attempts)}"
        cells.insert(0, (_stamp(before), "earlier changes", earlier, ""))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join([*lines, *("  ".join(map(str.ljust, each, widths)).rstrip() for each in cells)])


def readable(key: str) -> str:
    """Write *key* as a terminal can show it."""
    return tidy(key, KEY_LIMIT_BYTES)


def _cells(entry: Entry) -> tuple[str, ...]:
    """Describe a change: its time, status, decision, recipients and failed attempts."""
    incident = entry.incident
    unspoken = "late or flapping, and nothing new" if entry.ignored else "as the routes say"
    turn = str(incident.turn) if incident else unspoken
    return (
        _stamp(_time(entry.at)),
        tidy(entry.status) or entry.kind.name.lower(),
        f"{turn}, held back" if entry.withheld else turn,
        f"to {_names(entry.recipients)}{_failures(incident.attempts if incident else 0)}",
    )


def _failures(attempts: int) -> str:
    return f", {attempts} failed attempts" if attempts > 1 else ""


def _names(recipients: tuple[str, ...]) -> str:
    return ", ".join(recipients) or "nobody"


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _stamp(at: datetime | None, unknown: str = "") -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else unknown
