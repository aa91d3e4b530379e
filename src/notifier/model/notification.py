"""The notification about a status change, ready for any channel to render."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Meta

from notifier.model.incident import Incident, Turn
from notifier.model.sanitize import cut, title_within
from notifier.model.status_change import TEST, Fact, Link, Severity

HEADLINE_LIMIT: Final = 100
# For the account's name, and for the region, in a title.
PLACE_LIMIT: Final = 40
# A longer command is left out, because a cut command would do something else. Slack's code blocks take as much.
COMMAND_LIMIT: Final = 500
# DynamoDB takes keys of up to 2,048 bytes.
KEY_LIMIT: Final = 500
# Every channel begins the title of a test with it, so that nobody takes a test for an alert.
TEST_MARK: Final = "TEST, nothing is wrong:"
# The space after a sentence of a next step.
SENTENCE: Final = re.compile(r"(?<=\.) ")
# At other severities, a reason only repeats the headline.
EXPLAINED: Final = frozenset({Severity.ACTION, Severity.FAILURE})
# The label of the link that a route adds.
RUNBOOK: Final = "Runbook"
# The label of the reference that is the resource's ARN.
RESOURCE: Final = "Resource"
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and value for machines: subscribers' filters, routes, metrics."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A status change in words, ready for any channel to render; every text in it is one tidy line.

    *facts* are in reading order, *references* are for looking things up. *place* is the account, then the region, if
    known. *recognised* is false if a part of the event is in no table; then the severity is a guess.
    *reason* is the cause of a failure in the service's own words. A person can paste *command* as a part of the next
    step. Notifications with the same *key* are about the same resource. *custom_title* and *custom_body* (which may
    have several lines) are a route's own texts and replace title, next step, command and facts. *mention* is alerted in
    Slack: `@here`, `@channel`, or the id of a user or a group. *incident* is absent without a memory, and in deliveries
    of older versions. A resource that is *named_alone* has no kind before its name in a title.
    """

    event_id: str
    resource_type: str
    severity: Severity
    kind: str
    name: str
    headline: str
    status: str | None
    previous_status: str | None
    next_step: str | None
    facts: tuple[Fact, ...]
    place: tuple[str, ...]
    occurred_at: Annotated[datetime, Meta(tz=True)] | None
    links: tuple[Link, ...]
    references: tuple[Fact, ...]
    attributes: tuple[Attribute, ...]
    recognised: bool
    reason: str | None = None
    command: str | None = None
    key: str = ""
    custom_title: str | None = None
    custom_body: str | None = None
    mention: str | None = None
    incident: Incident | None = None
    named_alone: bool = False

    @property
    def turn(self) -> Turn | None:
        """The turn of the incident that the notification reports, if any."""
        return self.incident.turn if self.incident else None

    @property
    def is_test(self) -> bool:
        """True for a test message, which is about the notifier alone."""
        return self.resource_type == TEST

    @property
    def title_parts(self) -> tuple[str, str, str]:
        """The beginning of the title, its middle, which may be cut, and its end."""
        mark = TEST_MARK if self.is_test else ""
        if self.custom_title:
            return mark, self.custom_title, ""
        place = tuple(cut(each, PLACE_LIMIT) for each in self.place)
        account, region = (place[:1], place[1:]) if "account" in self.values else ((), place)
        kind = "" if self.is_test or self.named_alone else self.kind
        beginning = (mark, *(f"{each}:" for each in account), kind)
        end = (self.headline, *(f"({each})" for each in region))
        return " ".join(filter(None, beginning)), self.name, " ".join(end)

    @property
    def title(self) -> str:
        """The status change as one sentence without a full stop: where, what, what happened."""
        return " ".join(filter(None, self.title_parts))

    def heading(self, limit: int = 1_000) -> tuple[str, str]:
        """Write the title with the reason in *limit* characters; if there is no room, return title and reason apart.

        The region is left out to make room for the reason. A route's own title stays as it is. A reason that a route's
        own text contains is not repeated.
        """
        reason = self.reason_beside(f"{self.title}\n{self.custom_body}") if self.reason else ""
        if reason and not self.custom_title:
            headline = f"{self.headline}: {reason.removesuffix('.')}"
            for place in (self.place, self.place[:1]):
                explained = replace(self, place=place, headline=headline).title
                if len(explained) <= limit:
                    return explained, ""
        return title_within(limit, *self.title_parts), reason

    def reason_beside(self, text: str) -> str:
        """Return the reason; empty if there is none or *text* contains it."""
        return self.reason if self.reason and self.reason not in text else ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The next step in at most two lines; in one line if a command follows."""
        if self.custom_body or not self.next_step:
            return ()
        return (self.next_step,) if self.command else tuple(SENTENCE.split(self.next_step, 1))

    @property
    def statuses(self) -> tuple[str, ...]:
        """The previous status, then the new one, if known."""
        return tuple(filter(None, (self.previous_status, self.status)))

    @property
    def time(self) -> str:
        """The time of the change, for people; empty if unknown."""
        return f"{self.occurred_at:%Y-%m-%d %H:%M:%S UTC}" if self.occurred_at else ""

    @property
    def runbook(self) -> str | None:
        """The address of the route's runbook, if it names one."""
        return next((link.url for link in self.links if link.label == RUNBOOK), None)

    @property
    def arn(self) -> str | None:
        """The resource's ARN, if it is known."""
        return next((reference.value for reference in self.references if reference.label == RESOURCE), None)

    def with_severity(self, severity: Severity) -> "Notification":
        """Return the notification with another severity."""
        rest = (attribute for attribute in self.attributes if attribute.name != "severity")
        return replace(self, severity=severity, attributes=(Attribute("severity", severity), *rest))

    @property
    def values(self) -> dict[str, str]:
        """The attributes by name."""
        return {attribute.name: attribute.value for attribute in self.attributes}


def occurrence(notification: Notification) -> datetime:
    """Return the sort key for the time of the event; an event without time comes last."""
    return notification.occurred_at or NEVER
