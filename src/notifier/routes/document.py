"""A routes document as data: destinations, account names, routes and silences, and what their matchers match."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from notifier.channels.destination import Destination
from notifier.memory.rules import DEFAULT_RULES, Escalation, Rules
from notifier.model.status_change import Severity

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notifier.model.notification import Notification  # would load msgspec for the help of a command

# The attributes of a notification that a matcher can ask for.
KEYS: Final = (
    "severity",
    "source",
    "resource_type",
    "name",
    "service",
    "environment",
    "status",
    "account",
    "region",
    "operation",
)
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Matcher:
    """Requires that one of *globs* matches the notification's value of *key*."""

    key: str
    globs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Matchers of a route or silence: all of *every* must hold, and none of *none*."""

    every: tuple[Matcher, ...] = ()
    none: tuple[Matcher, ...] = ()

    @property
    def has_severity(self) -> bool:
        """True if a matcher is about the severity, which is a guess for an unrecognised notification."""
        return any(each.key == "severity" for each in (*self.every, *self.none))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The time from *begin* to *end*, over midnight if *end* is earlier, and the whole of *days*, in *time_zone*.

    If *begin* equals *end*, only the days are quiet.
    """

    begin: time
    end: time
    days: frozenset[str]
    time_zone: "ZoneInfo"

    def cover(self, moment: datetime) -> bool:
        """Check whether *moment* is within the quiet hours."""
        local = moment.astimezone(self.time_zone)
        clock = local.time()
        within = self.begin <= clock < self.end
        over_midnight = self.end < self.begin and not self.end <= clock < self.begin
        return within or over_midnight or DAYS[local.weekday()] in self.days


@dataclass(frozen=True, slots=True)
class Route:
    """A route sends matching notifications to the destinations named in *to*.

    A *final* route keeps them from later routes, also in quiet hours. *mentions* are by severity. *title* and *body*
    are templates that replace the usual texts. *escalation* is for incidents that stay open. *runbook* is an https
    URL.
    """

    name: str
    match: Match
    to: tuple[str, ...]
    final: bool = False
    mentions: tuple[tuple[Severity, str], ...] = ()
    quiet_hours: QuietHours | None = None
    title: str | None = None
    body: str | None = None
    escalation: Escalation | None = None
    runbook: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence drops matching notifications *until* a time; *reason* and *by* explain it to people."""

    match: Match
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document: *destinations* begin with the stack's own, *accounts* are pairs of account id and name."""

    destinations: tuple[Destination, ...]
    accounts: tuple[tuple[str, str], ...]
    routes: tuple[Route, ...]
    silences: tuple[Silence, ...]
    rules: Rules = DEFAULT_RULES


def default_document(
    destinations: tuple[Destination, ...], accounts: tuple[tuple[str, str], ...], severities: tuple[Severity, ...]
) -> Document:
    """Make the default document, whose one route sends notifications of *severities* to all *destinations*."""
    match = Match(every=(Matcher("severity", tuple(severities)),))
    route = Route("default", match, tuple(destination.name for destination in destinations))
    return Document(destinations, accounts, (route,), ())


def matches(glob: str, text: str) -> bool:
    """Check whether *glob* matches all of *text*, case-sensitively; * stands for any text, ? for any character."""
    return _compiled(glob).match(text) is not None


def find_mismatch(
    match: Match, notification: "Notification", account_names: Mapping[str, str], *, if_unknown: bool
) -> tuple[str, str | None] | None:
    """Find the first matcher that excludes *notification*: its key, like match.service or not.service, and the value.

    The severity of an unrecognised notification is a guess. If *if_unknown*, matchers on the severity never exclude
    such a notification; otherwise they always do.
    """
    values = notification.values
    for side, matchers, required in (("match", match.every, True), ("not", match.none, False)):
        for matcher in matchers:
            value = values.get(matcher.key)
            if matcher.key == "severity" and not notification.recognised:
                excluded = not if_unknown
            else:
                names = filter(None, (value, account_names.get(value or "") if matcher.key == "account" else None))
                excluded = required is not any(matches(glob, name) for name in names for glob in matcher.globs)
            if excluded:
                return f"{side}.{matcher.key}", value
    return None


@lru_cache(maxsize=1_024)
def _compiled(glob: str) -> re.Pattern[str]:
    # The standard library's translation of * does not backtrack. Our globs have no character classes.
    return re.compile(fnmatch.translate(glob.replace("[", "[[]")))
