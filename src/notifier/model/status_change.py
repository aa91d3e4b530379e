"""A status change and what it means, whichever service reported it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

# The resource type of what is about the notifier alone, which somebody tries out.
TEST: Final = "NotifierTest"


class Severity(StrEnum):
    """How much a status change matters to a person, most first."""

    FAILURE = "failure"
    ACTION = "action"
    RECOVERED = "recovered"
    SUCCESS = "success"
    PROGRESS = "progress"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value, such as *Service* and its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a person can look further."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A resource that went from one status to another.

    *kind* and *resource_type* are the same thing for a sentence ("service instance") and for a filter
    ("ServiceInstance"). *name* is what people call the resource, *facts* what else identifies it.
    *missing* names what the event should have said and did not. *recognised* is false where the event
    is of a type that is new to this program or says too little to be judged.
    """

    event_id: str
    resource_type: str
    kind: str
    name: str | None
    status: str | None
    previous_status: str | None
    facts: tuple[Fact, ...]
    account: str | None
    region: str | None
    occurred_at: datetime | None
    environment: str | None
    service: str | None
    arn: str | None
    links: tuple[Link, ...]
    missing: tuple[str, ...]
    recognised: bool


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status change means for a person.

    *headline* completes a sentence that begins with the resource ("could not be deleted").
    *recognised* is false where the severity is a guess from a status that nobody listed.
    """

    severity: Severity
    headline: str
    next_step: str | None = None
    recognised: bool = True
