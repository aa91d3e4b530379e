"""Decide which destinations get a notification, and record why."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from notifier.channels import channel_type
from notifier.memory.rules import Escalation
from notifier.model.incident import Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from notifier.routes.document import Document, Match, Route, Silence, find_mismatch

# These turns edit the message of an incident, and have no message of their own.
ROOT_ONLY: Final = frozenset({Turn.COUNTED, Turn.NOTED, Turn.PROGRESS})
# These turns are no news for a person who knows of the incident.
REPEATED: Final = frozenset({Turn.COUNTED, Turn.FINISHED, Turn.UPDATED})
RECIPIENT_BEFORE: Final = Route("told of the incident before", Match(), ())
NEVER_QUIET: Final = Severity.FAILURE


class RouteOutcome(StrEnum):
    """The outcome for a notification at a route."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    QUIET = "quiet"
    SHADOWED = "shadowed"


@dataclass(frozen=True, slots=True)
class RouteResult:
    """The *outcome* at *route*; *key* names the matcher that failed, *value* is the notification's value of it."""

    route: Route
    outcome: RouteOutcome
    key: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A *destination* by name, the first *route* that leads there, and the *mention* of that route.

    With *root_only*, an existing message is edited and no new one is sent. *first* is true if the destination does not
    know of the incident yet.
    """

    destination: str
    route: Route
    mention: str | None
    root_only: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """The active silence, or the result of each route and the resulting recipients."""

    silenced_by: Silence | None
    results: tuple[RouteResult, ...]
    recipients: tuple[Recipient, ...]

    @property
    def holds_back(self) -> bool:
        """True if a silence, or quiet hours alone, keep the notification from everybody."""
        quiet = any(result.outcome is RouteOutcome.QUIET for result in self.results)
        return self.silenced_by is not None or (quiet and not self.recipients)


def decide_routes(document: Document, notification: Notification, now: datetime) -> RoutingDecision:
    """Decide about *notification* at the time *now*, which has a time zone.

    An unrecognised notification may be more severe than its severity says. So matchers on the severity neither
    exclude it from a route nor silence it, no quiet hours hold it back, and a final route with such matchers does
    not stop later routes.
    """
    names = dict(document.accounts)
    for silence in document.silences:
        if now < silence.until and not find_mismatch(silence.match, notification, names, if_unknown=False):
            return RoutingDecision(silence, (), ())
    results = tuple(_route_results(document, notification, now))
    recipients: dict[str, Recipient] = {}
    for result in results:
        if result.outcome is RouteOutcome.MATCHED:
            mention = dict(result.route.mentions).get(notification.severity)
            for name in result.route.to:
                recipients.setdefault(name, Recipient(name, result.route, mention))
    return RoutingDecision(None, results, tuple(recipients.values()))


def bypass_routes(
    document: Document, names: Collection[str], mention: str | None = None, runbook: str | None = None
) -> RoutingDecision:
    """Send to the destinations among *names*, regardless of routes and silences."""
    to = tuple(destination.name for destination in document.destinations if destination.name in names)
    route = Route("past the routes", Match(), to, runbook=runbook)
    return RoutingDecision(None, (), tuple(Recipient(name, route, mention) for name in to))


def decide_incident(
    document: Document, notification: Notification, followers: Collection[str], now: datetime
) -> RoutingDecision:
    """Decide about a turn of an incident: send it by the routes, and to *followers* regardless of routes and silences.

    A repeated failure is no news, so the routes get it only if it is unrecognised.
    """
    turn = notification.turn
    routed = RoutingDecision(None, (), ())
    if turn not in REPEATED or not notification.recognised:
        routed = decide_routes(document, notification, now)
    if turn is Turn.LATE:
        routed = replace(routed, recipients=tuple(replace(each, mention=None) for each in routed.recipients))
    routed = first_of(routed, followers)
    known = {recipient.destination for recipient in routed.recipients}
    following = decide_followers(document, notification, followers).recipients
    others = tuple(recipient for recipient in following if recipient.destination not in known)
    return replace(routed, recipients=(*routed.recipients, *others))


def first_of(decision: RoutingDecision, followers: Collection[str]) -> RoutingDecision:
    """Mark the recipients that are not among the *followers*: they get the first message about the incident."""
    recipients = (replace(each, first=each.destination not in followers) for each in decision.recipients)
    return replace(decision, recipients=tuple(recipients))


def escalations(decision: RoutingDecision) -> tuple[Escalation, ...]:
    """List the escalations of the routes that matched."""
    taken = (each.route.escalation for each in decision.results if each.outcome is RouteOutcome.MATCHED)
    return tuple(filter(None, taken))


def decide_followers(document: Document, notification: Notification, followers: Collection[str]) -> RoutingDecision:
    """Decide which of *followers* get a turn of their incident."""
    turn = notification.turn
    recipients = tuple(
        Recipient(
            destination.name,
            replace(RECIPIENT_BEFORE, runbook=_runbook(document, notification, destination.name)),
            None,
            root_only=turn in ROOT_ONLY,
        )
        for destination in document.destinations
        if turn and destination.name in followers and turn in channel_type(destination.channel).follows(destination)
    )
    return RoutingDecision(None, (), recipients)


def _runbook(document: Document, notification: Notification, destination: str) -> str | None:
    """Find the runbook of the first route that leads *notification*, at any severity, to *destination*."""
    at_any_severity = replace(notification, recognised=False)
    for route in document.routes:
        escalated = route.escalation.destinations if route.escalation else ()
        leads_there = destination in (*route.to, *escalated)
        if leads_there and not find_mismatch(route.match, at_any_severity, dict(document.accounts), if_unknown=True):
            return route.runbook
    return None


def as_json(decision: RoutingDecision) -> dict[str, Any]:
    """Write *decision* as JSON; docs/design.md describes the fields."""
    silence = decision.silenced_by
    return {
        "silenced_by": silence and {"until": silence.until.isoformat(), "reason": silence.reason, "by": silence.by},
        "routes": [
            {"name": result.route.name, "outcome": result.outcome, "key": result.key, "value": result.value}
            for result in decision.results
        ],
        "recipients": [
            {"destination": recipient.destination, "route": recipient.route.name, "mention": recipient.mention}
            for recipient in decision.recipients
        ],
    }


def _route_results(document: Document, notification: Notification, now: datetime) -> Iterator[RouteResult]:
    account_names = dict(document.accounts)
    stopped = False
    for route in document.routes:
        if stopped:
            yield RouteResult(route, RouteOutcome.SHADOWED)
        elif mismatch := find_mismatch(route.match, notification, account_names, if_unknown=True):
            yield RouteResult(route, RouteOutcome.MISMATCHED, *mismatch)
        else:
            # A reminder is no news, and waits for the end of the quiet hours.
            is_news = notification.turn is not Turn.REMINDER
            urgent = (notification.severity is NEVER_QUIET and is_news) or not notification.recognised
            quiet = not urgent and route.quiet_hours is not None and route.quiet_hours.cover(now)
            yield RouteResult(route, RouteOutcome.QUIET if quiet else RouteOutcome.MATCHED)
            stopped = route.final and (notification.recognised or not route.match.has_severity)
