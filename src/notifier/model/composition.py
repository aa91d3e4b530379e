"""The composition of a notification from what a source has read."""

from collections.abc import Mapping
from typing import Final

from notifier.model.notification import (
    COMMAND_LIMIT,
    EXPLAINED,
    HEADLINE_LIMIT,
    KEY_LIMIT,
    RESOURCE,
    Attribute,
    Notification,
)
from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact, Reading

LABEL_LIMIT: Final = 40
# For a kind that no table lists; a title must have room for name and headline, too.
KIND_LIMIT: Final = 60


def compose(reading: Reading, account_names: Mapping[str, str]) -> Notification:
    """Write the notification about *reading*; *account_names* are friendly names by account id."""
    change, meaning = reading.change, reading.meaning
    account = tidy(change.account)
    account_name = tidy(account_names.get(account))
    region = tidy(change.region)
    reason = (tidy(change.reason) or None) if meaning.severity in EXPLAINED else None
    # A fact that repeats the reason or a part of the title, such as a code in the headline, is left out.
    name, headline = tidy(change.name), tidy(meaning.headline, HEADLINE_LIMIT)
    said = {
        name,
        region,
        reason,
        *name.replace("/", " ").split(),
        *filter(str.isupper, headline.replace(",", "").split()),
    }
    return Notification(
        event_id=change.event_id,
        resource_type=tidy(change.resource_type),
        severity=meaning.severity,
        kind=tidy(change.kind, KIND_LIMIT),
        name=name or "(unnamed)",
        headline=headline,
        status=tidy(change.status) or None,
        previous_status=tidy(change.previous_status) or None,
        next_step=meaning.next_step,
        facts=_tidied(
            *(fact for fact in change.facts if tidy(fact.value) not in said),
            Fact("Account", f"{account_name} ({account})" if account_name else account),
            Fact("Region", region),
            Fact("Not in the event", ", ".join(change.missing)),
        ),
        place=tuple(filter(None, (account_name or account, region))),
        occurred_at=change.occurred_at,
        links=change.links,
        references=_tidied(Fact(RESOURCE, change.arn or ""), Fact("Event", change.event_id)),
        command=meaning.command if len(meaning.command or "") <= COMMAND_LIMIT else None,
        reason=reason,
        key=tidy(change.key, KEY_LIMIT),
        attributes=_attributes(
            severity=meaning.severity,
            source=change.source,
            resource_type=change.resource_type,
            name=change.name,
            status=change.status,
            account=account,
            region=region,
            environment=change.environment,
            service=change.service,
            operation=change.operation,
        ),
        recognised=change.recognised and meaning.recognised,
        named_alone=change.named_alone,
    )


def _tidied(*facts: Fact) -> tuple[Fact, ...]:
    visible = (Fact(tidy(fact.label, LABEL_LIMIT), tidy(fact.value)) for fact in facts)
    return tuple(fact for fact in visible if fact.label and fact.value)


def _attributes(**values: str | None) -> tuple[Attribute, ...]:
    visible = ((name, tidy(value)) for name, value in values.items())
    return tuple(Attribute(name, value) for name, value in visible if value)
