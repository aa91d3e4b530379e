"""Several notifications as one message, so that a storm stays readable."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from notifier.model.incident import State, Turn
from notifier.model.notification import EXPLAINED, HEADLINE_LIMIT, Notification, occurrence
from notifier.model.sanitize import cut
from notifier.model.status_change import Fact, Severity

Rendered = TypeVar("Rendered")

# Fewer notifications stay separate messages.
DIGEST_MINIMUM: Final = 3
# A person reads at most this many lines; further notifications are counted by kind.
LISTED_LIMIT: Final = 30
# Rarer kinds are counted by severity alone.
KINDS_LIMIT: Final = 20
# The services that a title names, and the length of a name in it.
NAMED_LIMIT: Final = 3
NAME_LIMIT: Final = 40

URGENCY: Final = {severity: urgency for urgency, severity in enumerate(Severity)}
ICONS: Final = {
    Severity.ACTION: "🟠",
    Severity.FAILURE: "🔴",
    Severity.INFO: "⚪",
    Severity.PROGRESS: "🔵",
    Severity.RECOVERED: "🟢",
    Severity.SUCCESS: "✅",
}
TEST_ICON: Final = "🧪"
WORDS: Final = {
    Severity.ACTION: "waiting for action",
    Severity.FAILURE: "failed",
    Severity.INFO: "changed",
    Severity.PROGRESS: "in progress",
    Severity.RECOVERED: "recovered",
    Severity.SUCCESS: "succeeded",
}
# For a severity that only reminders have.
REMINDERS: Final = WORDS | {Severity.ACTION: "still waiting for action", Severity.FAILURE: "still failing"}
# The headlines of these turns contain a duration, so they are counted by turn.
COUNTED_BY_TURN: Final = frozenset({Turn.AGAIN, Turn.RECOVERED, Turn.ENDED, Turn.SETTLED})


@dataclass(frozen=True, slots=True)
class Digest:
    """Notifications, most urgent first, and their *lines*, one for each incident.

    The first lines are *listed*, the rest are *counted* by severity and kind. *counts* has all lines by severity.
    """

    notifications: tuple[Notification, ...]
    lines: tuple[Notification, ...]
    counts: tuple[tuple[Severity, int], ...]
    listed: tuple[Notification, ...]
    counted: tuple[tuple[Severity, str, int], ...]

    @property
    def severity(self) -> Severity:
        """The most urgent severity."""
        return self.counts[0][0]

    @property
    def urgent(self) -> tuple[Notification, ...]:
        """The lines of the most urgent severity."""
        return self.lines[: self.counts[0][1]]

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles, longest first: the number of urgent lines, their accounts and services, and the other numbers."""
        first, *others = (words for _, words in self._totals)
        here, rest = f"{first}{_places(self.urgent)}", "".join(f"; {other}" for other in others)
        services = Counter(map(_service, self.urgent))
        named = (f"{here}: {_names(services, number)}{rest}" for number in range(NAMED_LIMIT, 0, -1))
        return (*named, f"{here}{rest}", first)

    @property
    def size(self) -> str:
        """The number of events, as a text."""
        return f"{len(self.notifications)} events"

    def summary(self, *, icons: bool) -> str:
        """Write the number of lines of each severity, with *icons* for channels that show emoji."""
        totals = (f"{ICONS[severity]} {words}" if icons else words for severity, words in self._totals)
        return f"{', '.join(totals)} ({self.size})"

    @property
    def _totals(self) -> Iterator[tuple[Severity, str]]:
        for severity, number in self.counts:
            turns = {line.incident and line.incident.turn for line in self.lines if line.severity is severity}
            words = REMINDERS if turns == {Turn.REMINDER} else WORDS
            yield severity, f"{number} {words[severity]}"

    @property
    def advice(self) -> Fact | None:
        """The next step that most of the urgent lines share, if any."""
        steps = Counter(None if line.custom_body else line.next_step for line in self.urgent)
        ((step, number),) = steps.most_common(1)
        total = len(self.urgent)
        label = "What to do" if number == total else f"What to do for {number} of {total}"
        return Fact(label, step) if step and 2 * number > total else None


def render_one_or_digest(
    notifications: tuple[Notification, ...], one: Callable[[Notification], Rendered], many: Callable[[Digest], Rendered]
) -> Rendered:
    """Render a single notification by *one*, several by *many*."""
    return one(notifications[0]) if len(notifications) == 1 else many(compose_digest(notifications))


def icon(notification: Notification) -> str:
    """Choose the icon of a notification."""
    return TEST_ICON if notification.is_test else ICONS[notification.severity]


def compose_digest(notifications: Iterable[Notification], listed_limit: int = LISTED_LIMIT) -> Digest:
    """Sort *notifications* by urgency, then by time; list *listed_limit* lines, and count the rest."""
    ordered = _by_urgency(notifications)
    lines = _by_urgency(_lines(ordered))
    totals = Counter(line.severity for line in lines)
    kinds = Counter((line.severity, _kind(line)) for line in lines[listed_limit:])
    common = Counter(dict(kinds.most_common(KINDS_LIMIT)))
    for (severity, _), number in (kinds - common).items():
        common[severity, "other changes"] += number
    counted = ((severity, kind, number) for (severity, kind), number in common.items())
    return Digest(
        notifications=ordered,
        lines=lines,
        counts=tuple((severity, totals[severity]) for severity in Severity if totals[severity]),
        listed=lines[:listed_limit],
        counted=tuple(sorted(counted, key=lambda each: (URGENCY[each[0]], -each[2]))),
    )


def _by_urgency(notifications: Iterable[Notification]) -> tuple[Notification, ...]:
    return tuple(sorted(notifications, key=lambda each: (URGENCY[each.severity], occurrence(each))))


def _lines(notifications: Iterable[Notification]) -> Iterator[Notification]:
    """Join the notifications of each incident into one line; late turns and other notifications have their own."""
    incidents: dict[str, dict[int, Notification]] = {}
    for notification in notifications:
        incident = notification.incident
        if incident is None or incident.number is None:
            yield notification
        else:
            incidents.setdefault(incident.id, {})[incident.number] = notification
    for turns in incidents.values():
        yield _line([turns[number] for number in sorted(turns)])


def _line(turns: list[Notification]) -> Notification:
    """Write the *turns* of one incident as the newest turn; if that is no failure, add the failure to it."""
    newest = turns[-1]
    failures = [each for each in turns if each.severity in EXPLAINED]
    if not failures:
        return newest
    first, last = failures[0], failures[-1]
    if newest.incident and newest.incident.state is State.CLOSED:
        begun = "failed" if first.severity is Severity.FAILURE else "waited from"
        known = first.occurred_at and first.incident and first.incident.turn is Turn.OPENED
        return _after(f"{begun} {first.occurred_at:%H:%M} UTC", newest) if known else newest
    reason = next((each.reason for each in reversed(failures) if each.reason), None)
    line = newest if last is newest else _after(WORDS[last.severity], newest).with_severity(last.severity)
    return replace(line, reason=reason, next_step=last.next_step, command=last.command)


def _after(begun: str, newest: Notification) -> Notification:
    return replace(newest, headline=cut(f"{begun}, {newest.headline}", HEADLINE_LIMIT))


def _kind(line: Notification) -> str:
    turn = line.incident.turn if line.incident else None
    return f"{line.kind} {turn if turn in COUNTED_BY_TURN else line.headline}"


def _places(lines: Iterable[Notification]) -> str:
    """Name the account of *lines*, or count the accounts if several; empty if unknown."""
    accounts = {line.place[0] for line in lines if "account" in line.values}
    if len(accounts) > 1:
        return f" in {len(accounts)} accounts"
    return "".join(f" in {cut(account, NAME_LIMIT)}" for account in accounts)


def _service(line: Notification) -> str:
    values = line.values
    name = values.get("service") or values.get("environment") or line.name.partition("/")[0].strip() or line.name
    return cut(name, NAME_LIMIT)


def _names(services: Counter[str], limit: int) -> str:
    """Name at most *limit* of *services*, with their numbers, and count the rest."""
    alike = len(services) in {1, services.total()}
    names = [name if alike else f"{name} {number}" for name, number in services.most_common(limit)]
    rest = len(services) - len(names)
    return ", ".join([*names, f"and {rest} other{'s' * (rest > 1)}"] if rest else names)
