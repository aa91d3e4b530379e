"""Several notifications as one message, so that a storm stays readable."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from notifier.model.notification import Notification
from notifier.model.status_change import Severity

# One or two stay messages of their own.
DIGEST_MINIMUM: Final = 3
# What a person reads line by line; the others are counted.
TOLD_LIMIT: Final = 30
# Kinds of the others; what is rarer still is counted by severity alone.
KINDS_LIMIT: Final = 20

URGENCY: Final = {severity: urgency for urgency, severity in enumerate(Severity)}
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Count:
    """How many changes of a kind and severity are not told one by one."""

    severity: Severity
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What happened, most urgent first; *told* one by one, *rest* by kind, nothing left out of *counts*."""

    notifications: tuple[Notification, ...]
    counts: tuple[tuple[Severity, int], ...]
    told: tuple[Notification, ...]
    rest: tuple[Count, ...]

    @property
    def severity(self) -> Severity:
        """The most urgent of all."""
        return self.counts[0][0]


def occurrence(notification: Notification) -> datetime:
    """Say when the event happened, as something to sort by; an event without time comes last."""
    return notification.occurred_at or NEVER


def digest(notifications: Iterable[Notification], told_limit: int = TOLD_LIMIT) -> Digest:
    """Put *notifications* in the order in which a person wants to read them: urgency, then time."""
    in_time = sorted(notifications, key=occurrence)
    ordered = tuple(sorted(in_time, key=lambda notification: URGENCY[notification.severity]))
    numbers = Counter(notification.severity for notification in ordered)
    kinds = Counter(
        (notification.severity, f"{notification.kind} {notification.headline}") for notification in ordered[told_limit:]
    )
    rest = dict(kinds.most_common(KINDS_LIMIT))
    rarer: Counter[Severity] = Counter()
    for (severity, words), number in kinds.items():
        rarer[severity] += 0 if (severity, words) in rest else number
    rest |= {(severity, "other changes"): number for severity, number in rarer.items() if number}
    counted = (Count(severity, words, number) for (severity, words), number in rest.items())
    return Digest(
        notifications=ordered,
        counts=tuple((severity, numbers[severity]) for severity in Severity if numbers[severity]),
        told=ordered[:told_limit],
        rest=tuple(sorted(counted, key=lambda count: (URGENCY[count.severity], -count.number))),
    )
