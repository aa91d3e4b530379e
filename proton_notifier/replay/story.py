"""The story of a replay: what came in, and what was done about it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from notifier.channels.icons import ICONS
from notifier.model.incident import State
from notifier.model.status_change import Severity
from proton_notifier.common.rules import NO_RULE, drop_reason
from proton_notifier.demo.timeline import DeadLettered, Deferred, EventReceived, TimelineEntry
from proton_notifier.gallery.exhibits import ERROR_ICON
from proton_notifier.replay.acts import Act
from proton_notifier.replay.history import Arrival

Entry = Act | TimelineEntry


class Story:
    """The *arrivals* of a replay, and the entries that followed, each with its time."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.events = {arrival.place: arrival.event for arrival in arrivals}
        self._arrivals = arrivals
        self._entries: list[tuple[datetime, Entry]] = []

    def add(self, entry: Entry) -> None:
        """Add *entry*, which happens now."""
        self._entries.append((datetime.now(UTC), entry))

    @property
    def entries(self) -> list[tuple[datetime, Entry]]:
        """The entries by time, then by destination, because threads add those of one batch in any order."""
        return sorted(self._entries, key=lambda timed: (timed[0], getattr(timed[1], "destination", "")))

    @property
    def acts(self) -> list[Act]:
        """The acts at destinations."""
        return [entry for _, entry in self.entries if isinstance(entry, Act)]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of events, messages, and incidents, and how many of these are open at the end."""
        incidents = [notification.incident for act in self.acts for notification in act.notifications]
        states = {incident.id: incident.state for incident in incidents if incident}
        return {
            "events": len(self._arrivals),
            "messages": len(self.acts),
            "incidents": len(states),
            "open": sum(state is not State.CLOSED for state in states.values()),
        }

    def describe(self, entry: Entry) -> tuple[str, str] | None:
        """Describe *entry* by its place and what happened there, unless another entry tells the same."""
        match entry:
            case Act():
                return f"{entry.destination} {entry.name}", f"{ICONS[entry.severity]} {entry.title}"
            case EventReceived(summary={"severity": severity, "title": title, "destinations": names}):
                return entry.name, f"{ICONS[Severity(severity)]} {title}, to {', '.join(names) or 'nobody'}"
            case EventReceived():
                error = entry.error or drop_reason(self.events[entry.name]) or NO_RULE
                return entry.name, f"{ERROR_ICON} {error}"
            case Deferred():
                return entry.destination, f"later, because of {entry.reason}"
            case DeadLettered():
                return entry.destination, f"{ERROR_ICON} not delivered: {entry.reason}: {', '.join(entry.event_ids)}"
        return None
