"""What a Proton event says, in the words of the engine."""

import re
from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Fact, Link, StatusChange
from notifier.sources.envelope import ProtonEvent
from notifier.sources.proton.resources import OtherDetail

# The regions that botocore's endpoints list for Proton; no other has a console page to link to.
REGIONS: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)

# Only forms seen in AWS's own documentation and code; environments and connections have none.
HOME: Final = "https://{region}.console.aws.amazon.com/proton/home?region={region}#/"
CONSOLE_PAGES: Final[Mapping[str, str]] = {
    "Component": "https://console.aws.amazon.com/proton/#/components",
    "EnvironmentTemplate": HOME + "templates/environments/detail/{own_name}",
    "EnvironmentTemplateVersion": HOME + "templates/environments/detail/{own_name}",
    "Service": HOME + "services/detail/{service}",
    "ServiceInstance": HOME + "services/detail/{service}",
    "ServicePipeline": HOME + "services/detail/{service}",
    "ServiceTemplate": HOME + "templates/services/detail/{own_name}",
    "ServiceTemplateVersion": HOME + "templates/services/detail/{own_name}",
}

# An undocumented detail may be long; a message that lists this much of it is still read.
OTHER_FACTS_LIMIT: Final = 6

ARN: Final = re.compile(r"arn:[^:]*:proton:(?P<region>[^:]*):(?P<account>[^:]*):.+", re.DOTALL)

NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")


def status_change(event: ProtonEvent) -> StatusChange:
    """Read *event* as a status change; account and region come from the ARN where the envelope lacks them."""
    resource = event.resource
    detail = event.detail
    arns = [*filter(ARN.fullmatch, event.resources), *event.resources]
    arn = next(iter(arns), None)
    named = ARN.fullmatch(arn or "")
    account = event.account or (named and named["account"]) or None
    region = event.region or (named and named["region"]) or None
    envelope = {"account": account, "region": region, "time": event.time}
    return StatusChange(
        event_id=event.id,
        resource_type=resource.name,
        kind=resource.kind,
        name=detail.called,
        status=detail.status,
        previous_status=detail.previous_status,
        facts=_facts(event),
        account=account,
        region=region,
        occurred_at=event.time,
        environment=detail.called if resource.name == "Environment" else None,
        service=detail.service,
        arn=arn,
        links=_links(event, region),
        missing=(*detail.missing, *(field for field, value in envelope.items() if value is None)),
        recognised=resource.listed and not detail.missing,
    )


def _facts(event: ProtonEvent) -> tuple[Fact, ...]:
    detail = event.detail
    values = {
        event.resource.kind.removesuffix(" version").capitalize(): detail.own_name,
        "Service": detail.service,
        "Version": detail.version,
    }
    facts = [Fact(label, value) for label, value in values.items() if value]
    if isinstance(detail, OtherDetail):
        told = {fact.value for fact in facts}
        others = [Fact(f"detail.{key}", value) for key, value in detail.others.items() if value not in told]
        facts += others[:OTHER_FACTS_LIMIT]
    return tuple(facts)


def _links(event: ProtonEvent, region: str | None) -> tuple[Link, ...]:
    page = CONSOLE_PAGES.get(event.resource.name)
    if page is None or region not in REGIONS:
        return ()
    known = {"region": region, "own_name": event.detail.own_name, "service": event.detail.service}
    try:
        url = page.format(**{key: value for key, value in known.items() if NAME.fullmatch(value or "")})
    except KeyError:
        return ()  # The event lacks the name that the page is found by, or it is none of Proton's.
    return (Link("Open in the Proton console", url),)
