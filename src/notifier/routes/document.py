"""What a routes document says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from notifier.channels.destination import Destination
from notifier.model.status_change import Severity
from notifier.routes.quiet_hours import QuietHours

# The attributes of a notification that a condition can ask for.
KEYS: Final = ("severity", "resource_type", "name", "service", "environment", "status", "account", "region")


@dataclass(frozen=True, slots=True)
class Condition:
    """One of *globs* is to match what a notification has under *key*."""

    key: str
    globs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What is asked of a notification: *every* condition, and *none* of the others."""

    every: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """What matches goes to the destinations named in *to*.

    *final* keeps it from later routes, in quiet hours too. *mentions* are by severity. *title* and *body* are templates
    that replace the usual texts.
    """

    name: str
    match: Match
    to: tuple[str, ...]
    final: bool = False
    mentions: tuple[tuple[Severity, str], ...] = ()
    quiet_hours: QuietHours | None = None
    title: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What matches is told to nobody *until* then; *reason* and *by* are for those who wonder."""

    match: Match
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; *destinations* has the stack's own, then those it declares, *accounts* names by account id."""

    destinations: tuple[Destination, ...]
    accounts: tuple[tuple[str, str], ...]
    routes: tuple[Route, ...]
    silences: tuple[Silence, ...]
