"""The content of the page: events, or stories of several events, with their messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from notifier.channels.digest import ICONS, URGENCY, compose_digest
from notifier.model.notification import Notification

# The severity of an exhibit without notifications.
ERROR: Final = "error"
ERROR_ICON: Final = "⚠️"


@dataclass(frozen=True, slots=True)
class Message:
    """The *payload* for a destination of the type *channel*; *destination* is its name in the routes, if any.

    In a story, the message was sent *at* a time. It is visible *since* the moment of that number, *until* an edit.
    """

    channel: str
    payload: Mapping[str, Any]
    destination: str = ""
    at: datetime | None = None
    since: int = 0
    until: int | None = None
    is_reply: bool = False
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a story; *lines* are its entries, each with the places."""

    at: datetime
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The *event* of the file *name*, its *notifications* and *messages*, and the *errors* that prevented some.

    An exhibit with *moments* is a story: its *event* is a list, and *latest* has the notifications of its last message.
    """

    name: str
    event: object
    notifications: tuple[Notification, ...] = ()
    messages: tuple[Message, ...] = ()
    errors: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    latest: tuple[Notification, ...] = ()

    @property
    def title(self) -> str:
        """The title of the notification or of the digest."""
        titles = {notification.title for notification in self._shown}
        return compose_digest(self._shown).titles[0] if len(titles) > 1 else next(iter(titles), self.name)

    @property
    def icon(self) -> str:
        """The icon of the most urgent severity."""
        return ICONS[compose_digest(self._shown).severity] if self._shown else ERROR_ICON

    @property
    def urgency(self) -> tuple[bool, int]:
        """The sort key of the page: stories first; then errors, failures, less urgent severities."""
        return not self.moments, min((1 + URGENCY[each.severity] for each in self.notifications), default=0)

    @property
    def subjects(self) -> list[tuple[str, str, str, str]]:
        """The severity, source, resource type and id of each event."""
        events = {each.event_id: each for each in self.notifications}
        return [
            (each.severity.value, each.values.get("source", ""), each.resource_type, event_id)
            for event_id, each in events.items()
        ] or [(ERROR, "", "", self.name)]

    @property
    def events(self) -> list[tuple[str, object]]:
        """The events with their titles; of several deliveries about one event, only the last."""
        if self.event is None:
            return []
        events = self.event if isinstance(self.event, list) else [self.event]
        if len(events) != len(self.notifications):
            return [(f"Event {number}", event) for number, event in enumerate(events, 1)]
        pairs = zip(self.notifications, events, strict=True)
        return list({notification.event_id: (notification.title, event) for notification, event in pairs}.values())

    @property
    def _shown(self) -> tuple[Notification, ...]:
        """The notifications of the last message, each event once."""
        return tuple({each.event_id: each for each in self.latest or self.notifications}.values())
