"""The story of a replay: what came in, and what was done about it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from notifier.channels.icons import ICONS
from notifier.memory.items import Item
from notifier.model.status_change import Severity
from proton_notifier.common.rules import NO_RULE, drop_reason
from proton_notifier.gallery.exhibits import ERROR_ICON
from proton_notifier.replay.acts import Act
from proton_notifier.replay.history import Arrival
from proton_notifier.replay.timeline import DeadLettered, Deferred, Delivered, EventReceived, Notice, TimelineEntry

if TYPE_CHECKING:
    from notifier.model.incident import Incident

Entry = Act | EventReceived | Deferred | DeadLettered | Notice


class Description(NamedTuple):
    """An entry in words: its *place*, what happened there, and what was decided about it, if it is an event."""

    place: str
    text: str
    decision: str = ""


class Story:
    """The *arrivals* of a replay, and the entries that followed, each with its time."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.events = {arrival.place: arrival.event for arrival in arrivals}
        # Why Teams would not show cards that it accepted.
        self.rejections: list[str] = []
        self._arrivals = arrivals
        self.entries: list[tuple[datetime, Entry]] = []
        self._items: dict[str, Item] = {}
        # By the id of the event that the turn is about.
        self._turns: dict[str, Incident] = {}

    def add(self, entry: TimelineEntry) -> None:
        """Add *entry*, which happens now."""
        self.entries.append((datetime.now(UTC), entry.act if isinstance(entry, Delivered) else entry))

    def remember(self, key: str, item: Item) -> None:
        """Take note of the memory of a resource, which has changed to *item*."""
        self._items[key] = item
        self._turns |= {entry.id: entry.incident for entry in item.log if entry.incident}

    @property
    def acts(self) -> list[Act]:
        """The acts at destinations."""
        return [entry for _, entry in self.entries if isinstance(entry, Act)]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of events, messages, and incidents, and how many of these are open at the end."""
        return {
            "events": len(self._arrivals),
            "messages": len(self.acts),
            "incidents": len({incident.id for incident in self._turns.values()}),
            "open": sum(item.incident is not None for item in self._items.values()),
        }

    def describe(self, entry: Entry) -> Description | None:
        """Describe *entry*, unless another entry tells the same."""
        match entry:
            case Act():
                place = f"{entry.destination} {entry.name}"
                return Description(place, f"{ICONS[entry.severity]} {entry.title}")
            case EventReceived(summary={"id": event_id, "severity": severity, "title": title, "destinations": names}):
                turn = f"{self._turns[event_id].turn}, " if event_id in self._turns else ""
                decision = f"{turn}to {', '.join(names) or 'nobody'}"
                return Description(entry.name, f"{ICONS[Severity(severity)]} {title}", decision)
            case EventReceived():
                error = entry.error or drop_reason(self.events[entry.name]) or NO_RULE
                return Description(entry.name, f"{ERROR_ICON} {error}")
            case Deferred():
                return Description(entry.destination, f"later, because of {entry.reason}")
            case DeadLettered():
                events = ", ".join(entry.event_ids)
                return Description(entry.destination, f"{ERROR_ICON} not delivered: {entry.reason}: {events}")
        return None

    def threads(self, entry: Entry) -> list[str]:
        """Name the threads that *entry* belongs to: those of incidents, or the event itself if it has none."""
        match entry:
            case Act():
                turns = {each.event_id: each.incident or self._turns.get(each.event_id) for each in entry.notifications}
            case EventReceived(summary={"id": event_id}):
                turns = {event_id: self._turns.get(event_id)}
            case EventReceived():
                turns = {entry.name: None}
            case Deferred() | DeadLettered():
                turns = {event_id: self._turns.get(event_id) for event_id in entry.event_ids}
            case _:
                turns = {}
        return [turn.thread if turn else event_id for event_id, turn in turns.items()]
