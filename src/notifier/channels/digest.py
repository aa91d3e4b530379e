"""Several notifications as one message, so that a storm stays readable."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from notifier.model.notification import Notification
from notifier.model.status_change import Severity

Message = TypeVar("Message")

# Fewer notifications stay messages of their own.
DIGEST_MINIMUM: Final = 3
# A person reads so many line by line; further notifications are counted by kind.
LISTED_LIMIT: Final = 30
# Rarer kinds are counted by severity alone.
KINDS_LIMIT: Final = 20

URGENCY: Final = {severity: urgency for urgency, severity in enumerate(Severity)}
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Count:
    """The number of notifications of one severity and kind that a digest does not list."""

    severity: Severity
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Digest:
    """Notifications, most urgent first: *listed* one by one, the rest *counted* by kind; *counts* is of all."""

    notifications: tuple[Notification, ...]
    counts: tuple[tuple[Severity, int], ...]
    listed: tuple[Notification, ...]
    counted: tuple[Count, ...]

    @property
    def severity(self) -> Severity:
        """The most urgent severity."""
        return self.counts[0][0]

    @property
    def title(self) -> str:
        """The number of notifications in words."""
        return f"{len(self.notifications)} status changes"

    @property
    def summary(self) -> str:
        """The number of notifications of each severity in words."""
        return ", ".join(f"{number} {severity}" for severity, number in self.counts)


def render_one_or_digest(
    notifications: tuple[Notification, ...],
    render: Callable[[Notification], Message],
    render_digest: Callable[[Digest], Message],
) -> Message:
    """Render a single notification as itself, several as a digest: the one place that decides between the two."""
    return render(notifications[0]) if len(notifications) == 1 else render_digest(compose_digest(notifications))


def occurrence(notification: Notification) -> datetime:
    """Return the sort key for the time of the event; an event without time comes last."""
    return notification.occurred_at or NEVER


def compose_digest(notifications: Iterable[Notification], listed_limit: int = LISTED_LIMIT) -> Digest:
    """Sort *notifications* by urgency, then by time, and count those beyond *listed_limit*."""
    by_time = sorted(notifications, key=occurrence)
    ordered = tuple(sorted(by_time, key=lambda notification: URGENCY[notification.severity]))
    totals = Counter(notification.severity for notification in ordered)
    kinds = Counter((each.severity, f"{each.kind} {each.headline}") for each in ordered[listed_limit:])
    common = Counter(dict(kinds.most_common(KINDS_LIMIT)))
    for (severity, _), number in (kinds - common).items():
        common[severity, "other changes"] += number
    counts = (Count(severity, kind, number) for (severity, kind), number in common.items())
    return Digest(
        notifications=ordered,
        counts=tuple((severity, totals[severity]) for severity in Severity if totals[severity]),
        listed=ordered[:listed_limit],
        counted=tuple(sorted(counts, key=lambda count: (URGENCY[count.severity], -count.number))),
    )
