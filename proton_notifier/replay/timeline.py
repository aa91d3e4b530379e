"""The entries of a simulation's timeline; their times are seconds after the simulation's start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifier.model.notification import Notification
from proton_notifier.gallery.exhibits import Message


@dataclass(frozen=True, slots=True)
class Notice:
    """A change outside the stack, described by *text*."""

    at_seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class EventReceived:
    """An event came in; *summary* is the first function's response, *error* the reason of its failure.

    An event with neither does not match the rule.
    """

    at_seconds: float
    name: str
    summary: Mapping[str, Any] | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A destination accepted *messages*, which are about *notifications* according to the function's log."""

    at_seconds: float
    destination: str
    notifications: tuple[Notification, ...]
    messages: tuple[Message, ...]

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The ids of the notifications' events."""
        return tuple(notification.event_id for notification in self.notifications)


@dataclass(frozen=True, slots=True)
class _NotDelivered:
    at_seconds: float
    destination: str
    event_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Deferred(_NotDelivered):
    """A destination did not accept deliveries for the *reason*; each is redelivered after its number of *seconds*."""

    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeadLettered(_NotDelivered):
    """Deliveries went to the dead-letter queue for the *reason*."""


TimelineEntry = Notice | EventReceived | Delivered | Deferred | DeadLettered
