"""What is said about a status change, ready for any channel to render."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from notifier.changes import Fact, Link, Meaning, Severity, StatusChange

# Longer than any legal name, short enough that one odd value does not bury the others.
VALUE_LIMIT: Final = 300
HEADLINE_LIMIT: Final = 100
# A name cut to less than this is of no use.
NAME_MINIMUM: Final = 12

# White space, control characters, and what is invisible or reorders the text around it.
BLANK: Final = re.compile("[\\s\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


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
    event was in part new to this program; then the severity is a guess.
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
    occurred_at: datetime | None
    links: tuple[Link, ...]
    references: tuple[Fact, ...]
    attributes: tuple[Attribute, ...]
    recognised: bool

    @property
    def title(self) -> str:
        """What happened, as one sentence without its full stop."""
        return f"{self.kind} {self.name} {self.headline}"


def compose(change: StatusChange, meaning: Meaning, account_names: Mapping[str, str]) -> Notification:
    """Put *change* and its *meaning* into words; *account_names* are friendly names by account id."""
    account = tidy(change.account)
    account_name = tidy(account_names.get(account))
    region = tidy(change.region)
    kind = tidy(change.kind)
    return Notification(
        event_id=change.event_id,
        resource_type=change.resource_type,
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
        references=_told(Fact("Resource", change.arn or ""), Fact("Event", change.event_id)),
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


def title_within(limit: int, kind: str, name: str, headline: str, mark: str = "…") -> str:
    """Join the parts of a title in at most *limit* characters, cutting the middle of *name* first."""
    room = limit - len(f"{kind}  {headline}")
    if len(name) > room >= NAME_MINIMUM:
        head = (room - len(mark) + 1) // 2
        tail = room - len(mark) - head
        name = f"{name[:head]}{mark}{name[-tail:]}"
    return cut(f"{kind} {name} {headline}", limit, mark)


def tidy(text: str | None, limit: int = VALUE_LIMIT) -> str:
    """Make *text* one visible line of at most *limit* characters; empty if there is nothing to see."""
    return cut(BLANK.sub(" ", text or "").strip(), limit)


def cut(text: str, limit: int, mark: str = "…") -> str:
    """Shorten *text* to *limit* characters, the *mark* that tells so included."""
    return text if len(text) <= limit else text[: limit - len(mark)].rstrip() + mark


def _told(*facts: Fact) -> tuple[Fact, ...]:
    tidied = (Fact(tidy(fact.label), tidy(fact.value)) for fact in facts)
    return tuple(fact for fact in tidied if fact.label and fact.value)


def _attributes(**values: str | None) -> tuple[Attribute, ...]:
    tidied = ((name, tidy(value)) for name, value in values.items())
    return tuple(Attribute(name, value) for name, value in tidied if value)
