"""What happens to a stack while events come in, in the order in which it happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifier.model.notification import Notification
from proton_notifier.gallery.exhibits import Message


@dataclass(frozen=True, slots=True)
class Turn:
    """Something outside changed, in *words*, so many seconds after the beginning."""

    at_seconds: float
    words: str


@dataclass(frozen=True, slots=True)
class Entered:
    """An event came in, and what the first function made of it, its *summary*.

    Without one there is a *problem*, or the rule does not match it.
    """

    at_seconds: float
    name: str
    summary: Mapping[str, Any] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A destination has *messages*, of which the function says that they tell of *told*."""

    at_seconds: float
    destination: str
    told: tuple[Notification, ...]
    messages: tuple[Message, ...]

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The events that are told of."""
        return tuple(notification.event_id for notification in self.told)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A destination did not take these deliveries, and *why*; each comes back after so many of *seconds*."""

    at_seconds: float
    destination: str
    event_ids: tuple[str, ...]
    why: str
    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """These deliveries lie where a person looks for them, and *why*."""

    at_seconds: float
    destination: str
    event_ids: tuple[str, ...]
    why: str


Happening = Turn | Entered | Arrived | Deferred | DeadLettered
