"""What is said about a status change, ready for any channel to render."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from notifier.model.sanitize import tidy
from notifier.model.status_change import TEST, Fact, Link, Meaning, Severity, StatusChange

HEADLINE_LIMIT: Final = 100
LABEL_LIMIT: Final = 40
# What the title of a test begins with in every channel: whoever is woken by it reads no further.
TEST_MARK: Final = "TEST, nothing is wrong:"
# The label of the reference that is the resource's ARN.
RESOURCE: Final = "Resource"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and value for machines: subscribers' filters, routes, metrics."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What happened, ready for any channel to render; every text in it is one tidy line.

    *facts* are in reading order, *references* are for looking things up. *place* is the account, then the
    region, as far as they are known. *recognised* is false where the
    event was in part new to this program; then the severity is a guess. *custom_title* and *custom_body*, which is of
    lines, are what a route says in place of title, next step and facts; *mention* is whom it wants alerted in Slack:
    `@here`, `@channel`, or the id of a user or a group.
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
    custom_title: str | None = None
    custom_body: str | None = None
    mention: str | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is about the notifier alone, which somebody tries out."""
        return self.resource_type == TEST

    @property
    def title_parts(self) -> tuple[str, str, str]:
        """What the title begins with, what may be cut, and what it ends with."""
        if self.custom_title:
            return (TEST_MARK if self.is_test else "", self.custom_title, "")
        return (TEST_MARK if self.is_test else self.kind, self.name, self.headline)

    @property
    def title(self) -> str:
        """What happened, as one sentence without its full stop."""
        return " ".join(filter(None, self.title_parts))

    @property
    def statuses(self) -> tuple[str, ...]:
        """The previous status, then the new one, as far as they are known."""
        return tuple(filter(None, (self.previous_status, self.status)))

    @property
    def time(self) -> str:
        """When it happened, for people; empty if that is not known."""
        return f"{self.occurred_at:%Y-%m-%d %H:%M:%S UTC}" if self.occurred_at else ""

    @property
    def arn(self) -> str | None:
        """The resource's ARN, if it is known."""
        return next((reference.value for reference in self.references if reference.label == RESOURCE), None)

    @property
    def values(self) -> dict[str, str]:
        """The attributes by name."""
        return {attribute.name: attribute.value for attribute in self.attributes}


def compose(change: StatusChange, meaning: Meaning, account_names: Mapping[str, str]) -> Notification:
    """Put *change* and its *meaning* into words; *account_names* are friendly names by account id."""
    account = tidy(change.account)
    account_name = tidy(account_names.get(account))
    region = tidy(change.region)
    kind = tidy(change.kind)
    return Notification(
        event_id=change.event_id,
        resource_type=tidy(change.resource_type),
        severity=meaning.severity,
        kind=kind[:1].upper() + kind[1:],
        name=tidy(change.name) or "(unnamed)",
        headline=tidy(meaning.headline, HEADLINE_LIMIT),
        status=tidy(change.status) or None,
        previous_status=tidy(change.previous_status) or None,
        next_step=meaning.next_step,
        facts=_told(
            *change.facts,
            Fact("Account", f"{account_name} ({account})" if account_name else account),
            Fact("Region", region),
            Fact("Not in the event", ", ".join(change.missing)),
        ),
        place=tuple(filter(None, (account_name or account, region))),
        occurred_at=change.occurred_at,
        links=change.links,
        references=_told(Fact(RESOURCE, change.arn or ""), Fact("Event", change.event_id)),
        attributes=_attributes(
            severity=meaning.severity,
            resource_type=change.resource_type,
            name=change.name,
            status=change.status,
            account=account,
            region=region,
            environment=change.environment,
            service=change.service,
        ),
        recognised=change.recognised and meaning.recognised,
    )


def _told(*facts: Fact) -> tuple[Fact, ...]:
    tidied = (Fact(tidy(fact.label, LABEL_LIMIT), tidy(fact.value)) for fact in facts)
    return tuple(fact for fact in tidied if fact.label and fact.value)


def _attributes(**values: str | None) -> tuple[Attribute, ...]:
    tidied = ((name, tidy(value)) for name, value in values.items())
    return tuple(Attribute(name, value) for name, value in tidied if value)
