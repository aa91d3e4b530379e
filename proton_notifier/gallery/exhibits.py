"""What the gallery shows: an event, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from notifier.channels.digest import URGENCY, digest
from notifier.channels.slack.message import ICONS
from notifier.model.notification import Notification

# In place of a severity, where nothing could be said.
ERROR: Final = "error"
ERROR_ICON: Final = "⚠️"


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to a destination whose type is *channel*, and its name where routes led there."""

    channel: str
    payload: Mapping[str, Any]
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What the file *name* holds, and the *messages* that it became.

    *told* is what was said of it, by several deliveries about several events; *problems* are why something is missing.
    """

    name: str
    event: object
    told: tuple[Notification, ...] = ()
    messages: tuple[Message, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        titles = tuple(dict.fromkeys(notification.title for notification in self.told))
        return titles[0] if len(titles) == 1 else f"{len(titles)} status changes" if titles else self.name

    @property
    def icon(self) -> str:
        """The icon of the most urgent severity."""
        return ICONS[digest(self.told).severity] if self.told else ERROR_ICON

    @property
    def severities(self) -> tuple[str, ...]:
        """Every severity that occurs, most urgent first."""
        return tuple(str(severity) for severity, _ in digest(self.told).counts) if self.told else (ERROR,)

    @property
    def urgency(self) -> int:
        """How far down a reader expects it, who begins with what failed."""
        return 1 + URGENCY[digest(self.told).severity] if self.told else 0

    @property
    def resources(self) -> tuple[str, ...]:
        """Every type of resource that occurs."""
        return tuple(sorted({notification.resource_type for notification in self.told}))
