"""The incident that a notification is about: from a resource's first failure, or call to act, until its recovery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta


class Turn(StrEnum):
    """The step that a notification adds to an incident."""

    OPENED = "opened"
    UPDATED = "updated"  # more about the same failure
    FINISHED = "finished"  # the rollback or clean-up after the failure is over
    PROGRESS = "progress"  # a new operation runs
    NOTED = "noted"  # a change that neither ends nor repeats the failure
    AGAIN = "failed again"
    RECOVERED = "recovered"
    ENDED = "ended"  # the resource was deleted, or somebody acted
    LATE = "told late"
    REMINDER = "reminder"
    FLAPPING = "flapping"
    COUNTED = "counted"  # one more change while the resource is flapping
    SETTLED = "settled"


class State(StrEnum):
    """The state of an incident."""

    FAILING = "failing"
    WAITING = "waiting"  # for a person to act
    FLAPPING = "flapping"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident after one *turn* of it.

    *id* is the id of the event that opened it. *thread* is the id of the incident in whose thread it is reported: its
    own, or that of the first incident of its family. *number* grows with each turn of one incident; a late turn has
    none, because it says nothing about the present. *attempts* counts the failures that had a new attempt before
    them. *broadcast* shows a reply in a thread to the whole channel, too. *depth* grows with each level of nesting,
    from 0. *failed_at* is the first failure of an incident that began with a call to act.
    """

    id: str
    thread: str
    turn: Turn
    state: State
    number: int | None
    opened_at: Annotated[datetime, Meta(tz=True)] | None
    attempts: int
    broadcast: bool = False
    depth: int = 0
    failed_at: Annotated[datetime, Meta(tz=True)] | None = None

    @property
    def since(self) -> datetime | None:
        """The time since which the resource is failing or waiting; None if unknown."""
        return self.failed_at or self.opened_at
