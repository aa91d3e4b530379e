"""Who is told of a notification, and why."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from notifier.channels.destination import Destination
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from notifier.routes.document import Condition, Document, Match, Route, Silence
from notifier.routes.matching import Mismatch, mismatch

NEVER_QUIET: Final = Severity.FAILURE


class Outcome(StrEnum):
    """What became of a notification at a route."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    QUIET = "quiet"
    SHADOWED = "shadowed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a notification at *route*; a *mismatch* says why it did not match."""

    route: Route
    outcome: Outcome
    mismatch: Mismatch | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A *destination* by name, the first *route* that leads there, and whom to *mention*."""

    destination: str
    route: Route
    mention: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a document makes of a notification: silenced, or a verdict for each route, and the recipients they make."""

    silenced_by: Silence | None
    verdicts: tuple[Verdict, ...]
    recipients: tuple[Recipient, ...]


def decide(document: Document, notification: Notification, now: datetime) -> Decision:
    """Decide what becomes of *notification* at the time *now*, which has a time zone.

    A notification that is in part new to the program may be worse than its severity says. So conditions on the
    severity neither keep it from a route nor silence it, no quiet hours delay it, and a route that asks for a severity
    does not keep it from later ones.
    """
    account_names = dict(document.accounts)
    for silence in document.silences:
        if now < silence.until and not mismatch(silence.match, notification, account_names, in_doubt=False):
            return Decision(silence, (), ())
    verdicts = tuple(_verdicts(document, notification, now))
    recipients: dict[str, Recipient] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.MATCHED:
            mention = dict(verdict.route.mentions).get(notification.severity)
            for name in verdict.route.to:
                recipients.setdefault(name, Recipient(name, verdict.route, mention))
    return Decision(None, verdicts, tuple(recipients.values()))


def bypass_routes(document: Document, names: Collection[str]) -> Decision:
    """Tell those of *names* that are destinations, past all routes and silences."""
    told = tuple(place.name for place in document.destinations if place.name in names)
    route = Route("past the routes", Match(), told)
    return Decision(None, (), tuple(Recipient(name, route, None) for name in told))


def as_json(decision: Decision) -> dict[str, Any]:
    """Write *decision* for programs, as docs/design.md says."""
    silence = decision.silenced_by
    return {
        "silenced_by": silence and {"until": silence.until.isoformat(), "reason": silence.reason, "by": silence.by},
        "routes": [
            {
                "name": verdict.route.name,
                "outcome": verdict.outcome,
                "key": verdict.mismatch.key if verdict.mismatch else None,
                "value": verdict.mismatch.value if verdict.mismatch else None,
            }
            for verdict in decision.verdicts
        ],
        "recipients": [
            {"destination": recipient.destination, "route": recipient.route.name, "mention": recipient.mention}
            for recipient in decision.recipients
        ],
    }


def defaults(
    destinations: tuple[Destination, ...], accounts: tuple[tuple[str, str], ...], severities: tuple[Severity, ...]
) -> Document:
    """Write the document of a stack that has none: what has one of *severities* goes to all *destinations*."""
    match = Match(every=(Condition("severity", tuple(severities)),))
    route = Route("default", match, tuple(destination.name for destination in destinations))
    return Document(destinations, accounts, (route,), ())


def _verdicts(document: Document, notification: Notification, now: datetime) -> Iterator[Verdict]:
    account_names = dict(document.accounts)
    stopped = False
    for route in document.routes:
        if stopped:
            yield Verdict(route, Outcome.SHADOWED)
        elif unmet := mismatch(route.match, notification, account_names, in_doubt=True):
            yield Verdict(route, Outcome.MISMATCHED, unmet)
        else:
            yield Verdict(route, Outcome.QUIET if _is_quiet(route, notification, now) else Outcome.MATCHED)
            stopped = route.final and (notification.recognised or not _asks_severity(route))


def _is_quiet(route: Route, notification: Notification, now: datetime) -> bool:
    urgent = notification.severity is NEVER_QUIET or not notification.recognised
    return not urgent and route.quiet_hours is not None and route.quiet_hours.cover(now)


def _asks_severity(route: Route) -> bool:
    return "severity" in {condition.key for condition in (*route.match.every, *route.match.none)}
