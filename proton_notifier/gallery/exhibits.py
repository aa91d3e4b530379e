"""An event beside its messages, as the gallery shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from notifier.channels.digest import URGENCY, compose_digest
from notifier.channels.icons import ICONS
from notifier.model.notification import Notification

# Stands in place of a severity where there is no notification.
ERROR: Final = "error"
ERROR_ICON: Final = "⚠️"


@dataclass(frozen=True, slots=True)
class Message:
    """The *payload* for a destination of the type *channel*; *destination* is its name in the routes, if any."""

    channel: str
    payload: Mapping[str, Any]
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The *event* of the file *name*, its *notifications* and *messages*, or the *errors* why some are missing."""

    name: str
    event: object
    notifications: tuple[Notification, ...] = ()
    messages: tuple[Message, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The title of the notification, or the number of them."""
        titles = tuple(dict.fromkeys(notification.title for notification in self.notifications))
        return titles[0] if len(titles) == 1 else f"{len(titles)} status changes" if titles else self.name

    @property
    def icon(self) -> str:
        """The icon of the most urgent severity."""
        return ICONS[compose_digest(self.notifications).severity] if self.notifications else ERROR_ICON

    @property
    def severities(self) -> tuple[str, ...]:
        """Each severity once, most urgent first."""
        if not self.notifications:
            return (ERROR,)
        return tuple(str(severity) for severity, _ in compose_digest(self.notifications).counts)

    @property
    def urgency(self) -> int:
        """The place in the page's order: errors, then failures, then less urgent severities."""
        return 1 + URGENCY[compose_digest(self.notifications).severity] if self.notifications else 0

    @property
    def sources(self) -> tuple[str, ...]:
        """Each source once, sorted."""
        values = (notification.values.get("source") for notification in self.notifications)
        return tuple(sorted({*filter(None, values)}))

    @property
    def resources(self) -> tuple[str, ...]:
        """Each type of resource once, sorted."""
        return tuple(sorted({notification.resource_type for notification in self.notifications}))
