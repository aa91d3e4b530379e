"""The story of a simulation: the events, and the resulting acts and failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from notifier.channels.digest import ICONS
from notifier.model.status_change import Severity
from proton_notifier.common.rules import NO_RULE, drop_reason
from proton_notifier.gallery.exhibits import ERROR_ICON
from proton_notifier.replay.acts import Act
from proton_notifier.replay.history import Arrival

if TYPE_CHECKING:
    from notifier.model.incident import Incident


@dataclass(frozen=True, slots=True)
class Notice:
    """A change outside the stack, described by *text*."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class EventReceived:
    """An event came in; *response* is the events function's, *error* the reason of its failure.

    An event with neither matches no rule.
    """

    at: datetime
    name: str
    response: Mapping[str, Any] | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """A destination did not accept deliveries for the *reason*.

    Each is redelivered after its number of *seconds*; if *seconds* is empty, all were dead-lettered.
    """

    at: datetime
    destination: str
    event_ids: tuple[str, ...]
    reason: str
    seconds: tuple[int, ...] = ()


TimelineEntry = Notice | EventReceived | Act | NotDelivered


@dataclass(frozen=True, slots=True)
class Story:
    """The *arrivals* of a replay, and the *entries* that followed.

    *turns* are those of the incidents, by event id; *open* is the number of open incidents at the end. *rejections* say
    why Teams would not show cards that it accepted.
    """

    arrivals: Sequence[Arrival]
    entries: Sequence[TimelineEntry]
    turns: "Mapping[str, Incident]"
    open: int
    rejections: Sequence[str]

    @property
    def acts(self) -> list[Act]:
        """The acts at destinations."""
        return [entry for entry in self.entries if isinstance(entry, Act)]

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        """The events by the names of their entries."""
        return {arrival.place: arrival.event for arrival in self.arrivals}

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of events, messages, incidents, and open incidents at the end."""
        return {
            "events": len(self.arrivals),
            "messages": len(self.acts),
            "incidents": len({incident.id for incident in self.turns.values()}),
            "open": self.open,
        }

    def describe(self, entry: TimelineEntry) -> tuple[str, str]:
        """Return the place of *entry* and its description, with the decision if it is an event."""
        match entry:
            case Act():
                return f"{entry.destination} {entry.name}", f"{ICONS[entry.severity]} {entry.title}"
            case EventReceived(response={"id": event_id, "severity": severity, "title": title, "destinations": names}):
                turn = f"{self.turns[event_id].turn}, " if event_id in self.turns else ""
                return entry.name, f"{ICONS[Severity(severity)]} {title}; {turn}to {', '.join(names) or 'nobody'}"
            case EventReceived():
                error = entry.error or drop_reason(self.events[entry.name]) or NO_RULE
                return entry.name, f"{ERROR_ICON} {error}"
            case NotDelivered(seconds=[_, *_]):
                return entry.destination, f"later, because of {entry.reason}"
            case NotDelivered():
                events = ", ".join(entry.event_ids)
                return entry.destination, f"{ERROR_ICON} not delivered: {entry.reason}: {events}"
            case Notice():
                return "", entry.text

    def threads(self, entry: TimelineEntry) -> list[str]:
        """List the threads of *entry*: those of its incidents, or the id of an event without an incident."""
        match entry:
            case Act():
                turns = {each.event_id: each.incident or self.turns.get(each.event_id) for each in entry.notifications}
            case EventReceived(response={"id": event_id}):
                turns = {event_id: self.turns.get(event_id)}
            case EventReceived():
                turns = {entry.name: None}
            case NotDelivered():
                turns = {event_id: self.turns.get(event_id) for event_id in entry.event_ids}
            case Notice():
                turns = {}
        return [turn.thread if turn else event_id for event_id, turn in turns.items()]
