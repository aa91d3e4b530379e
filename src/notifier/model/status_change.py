"""A status change and its meaning, for any source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

# The end of a headline that is a recovery only because of the previous status.
RECOVERY: Final = " after a failure"
# The resource types of the notifier's own events.
HEARTBEAT: Final = "NotifierHeartbeat"
TEST: Final = "NotifierTest"


class Severity(StrEnum):
    """The importance of a status change to a person, highest first."""

    FAILURE = "failure"
    ACTION = "action"
    RECOVERED = "recovered"
    SUCCESS = "success"
    PROGRESS = "progress"
    INFO = "info"


class Recovery(StrEnum):
    """The event that ends a failure of a resource."""

    OWN = "own"  # the next success of the same key
    OPERATION = "operation"  # a success of an operation that began after the failure
    PARENT = "parent"  # as OWN, or a success of its first parent
    WHOLE = "whole"  # a success of the parent under the same key; a success of the part alone ends nothing
    NONE = "none"  # no event ends it, so a failure is reported once and opens no incident


class Ending(StrEnum):
    """The effect on an incident of a status that is no plain success or failure."""

    DONE = "done"  # somebody did what was asked for, or it is no longer needed
    GONE = "gone"  # the resource no longer exists
    ROLLED_BACK = "rolled back"  # the old version runs again
    WELL = "well"  # the resource is well, which is no news unless it was failing


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value, such as *Service* and its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page with more detail for a person."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A change of a resource from one status to another.

    *source* is the event's source. *kind* and *resource_type* name the type of the resource, for a sentence ("service
    instance") and for a filter ("ServiceInstance"). *name* is the name that people use, *facts* identify the resource
    further. *reason* is the cause of a failure in the service's own words, *operation* the id of the deployment or
    execution, *began_at* its start. Two events with the same *key* are about the same resource; *parents* are keys,
    too. *recovery* says which event ends an incident of the resource. *missing* lists expected fields that the event
    lacks. *recognised* is false if no table lists the event's type, or a missing field makes its meaning unclear.
    People call a resource that is *named_alone* by its name without the kind.
    """

    event_id: str
    source: str
    resource_type: str
    kind: str
    name: str | None
    account: str | None
    region: str | None
    occurred_at: datetime | None
    status: str | None = None
    previous_status: str | None = None
    reason: str | None = None
    operation: str | None = None
    began_at: datetime | None = None
    key: str = ""
    parents: tuple[str, ...] = ()
    recovery: Recovery = Recovery.OWN
    facts: tuple[Fact, ...] = ()
    environment: str | None = None
    service: str | None = None
    arn: str | None = None
    links: tuple[Link, ...] = ()
    missing: tuple[str, ...] = ()
    recognised: bool = True
    named_alone: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a status change for a person.

    *headline* completes a sentence that begins with the resource ("could not be deleted"). A *command* that a person
    can paste belongs to the *next_step*; in a source's table, headline, step and command may contain fields in braces.
    *ending* is the effect on an incident, if the severity does not say it.
    *recognised* is false if the severity is guessed, because no table lists the status.
    """

    severity: Severity
    headline: str
    next_step: str | None = None
    command: str | None = None
    ending: Ending | None = None
    recognised: bool = True

    def after(self, before: "Meaning | None") -> "Meaning":
        """Turn a success straight after a failure into a recovery."""
        if self.severity is not Severity.SUCCESS or before is None or before.severity is not Severity.FAILURE:
            return self
        return replace(self, severity=Severity.RECOVERED, headline=f"{self.headline}{RECOVERY}")


# Short names for tables.
failure, action, recovered, success, progress, info = (partial(Meaning, severity) for severity in Severity)
# By status.
Meanings = Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Reading:
    """An event as its source reads it; if *to* names destinations, they get it, and no route applies.

    *before* is the meaning of the previous status, if the event names a listed one.
    """

    change: StatusChange
    meaning: Meaning
    to: tuple[str, ...] = ()
    before: Meaning | None = None
