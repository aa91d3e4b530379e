"""The entries of a simulation's timeline; their times are seconds after the simulation's start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proton_notifier.replay.acts import Act


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
    """A destination accepted *act*."""

    at_seconds: float
    act: Act

    @property
    def destination(self) -> str:
        """The name of the destination."""
        return self.act.destination

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The ids of the events that the act shows."""
        return tuple(notification.event_id for notification in self.act.notifications)


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
