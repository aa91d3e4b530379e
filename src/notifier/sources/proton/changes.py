"""Read a Proton event as a status change."""

import re
from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Fact, Link, Reading, Recovery, StatusChange
from notifier.sources.envelope import Event, texts
from notifier.sources.proton.resources import Resource, resource_of
from notifier.sources.proton.statuses import before, classify

# The regions that botocore's endpoints list for Proton; other regions have no console page to link to.
REGION: Final = re.compile("(ap-(north|south)east|eu-west|us-east)-[12]|(ca|eu)-central-1|us-west-2")

# Only addresses seen in AWS's own documentation and code; none are known for environments and connections.
HOME: Final = "https://{region}.console.aws.amazon.com/proton/home?region={region}#/"
CONSOLE_PAGES: Final[Mapping[str, str]] = {
    "Component": "https://console.aws.amazon.com/proton/#/components",
    **dict.fromkeys(
        ("EnvironmentTemplate", "EnvironmentTemplateVersion"), HOME + "templates/environments/detail/{own_name}"
    ),
    **dict.fromkeys(("Service", "ServiceInstance", "ServicePipeline"), HOME + "services/detail/{service}"),
    **dict.fromkeys(("ServiceTemplate", "ServiceTemplateVersion"), HOME + "templates/services/detail/{own_name}"),
}

# An undocumented detail may be long; more facts than this would bury the message.
OTHER_FACTS_LIMIT: Final = 6

ARN: Final = re.compile(r"arn:[^:]*:proton:(?P<region>[^:]*):(?P<account>[^:]*):.+", re.DOTALL)

# The ARN of a service, in that of an instance or pipeline of it.
PART: Final = re.compile("(arn:.+:service/[^/]+)/.+")
# A deployment, or a version that could not be registered, never succeeds later: there is a new one.
TOLD_ONCE: Final = frozenset({"Deployment", "EnvironmentTemplateVersion", "ServiceTemplateVersion"})

NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")


def read(event: Event) -> Reading:
    """Read *event* as a status change and its meaning."""
    change = status_change(event)
    return Reading(change, classify(change), before=before(change))


def status_change(event: Event) -> StatusChange:
    """Read *event* as a status change; account and region come from the ARN where the envelope lacks them."""
    resource = resource_of(event.detail_type)
    given = texts(event.detail)
    status, previous_status = given.pop("status", None), given.pop("previousStatus", None)
    # Unlisted fields are shown of an undocumented detail only.
    detail = {field: given[field] for field in resource.fields or given if field in given}
    own_name = detail.get("name") or detail.get("id")
    service = own_name if resource.name == "Service" else detail.get("serviceName")
    arn = next(iter([*filter(ARN.fullmatch, event.resources), *event.resources]), None)
    place = ARN.fullmatch(arn or "")
    account = event.account or (place and place["account"]) or None
    region = event.region or (place and place["region"]) or None
    absent = _absent({"status": status, **{field: detail.get(field) for field in resource.fields}})
    return StatusChange(
        event_id=event.id,
        source=event.source,
        resource_type=resource.name,
        kind=resource.kind,
        name=_called(resource, detail) or own_name,
        status=status,
        previous_status=previous_status,
        facts=_facts(resource, detail, own_name, service),
        account=account,
        region=region,
        occurred_at=event.time,
        environment=own_name if resource.name == "Environment" else None,
        service=service,
        arn=arn,
        parents=tuple(PART.findall(arn or "")),
        recovery=Recovery.NONE if resource.name in TOLD_ONCE else Recovery.OWN,
        links=_links(resource, {"region": region, "own_name": own_name, "service": service}),
        missing=(*absent, *_absent({"account": account, "region": region, "time": event.time})),
        recognised=resource.listed and not absent,
        named_alone=resource.named_alone,
    )


def _absent(fields: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name, value in fields.items() if value is None)


def _called(resource: Resource, detail: Mapping[str, str]) -> str:
    named = {**detail, "version": _version(detail)}
    return resource.joint.join(text for field in resource.called if (text := named.get(field)))


def _version(detail: Mapping[str, str]) -> str | None:
    """Join the version as *major.minor*, with a question mark for an absent part."""
    major, minor = detail.get("majorVersion"), detail.get("minorVersion")
    return f"{major or '?'}.{minor or '?'}" if major or minor else None


def _facts(
    resource: Resource, detail: Mapping[str, str], own_name: str | None, service: str | None
) -> tuple[Fact, ...]:
    label = resource.kind.removesuffix(" version").capitalize()
    labelled = {label: own_name, "Service": service, "Version": _version(detail)}
    facts = [Fact(label, text) for label, text in labelled.items() if text]
    if not resource.fields:
        shown = {fact.value for fact in facts}
        others = [Fact(f"detail.{field}", text) for field, text in detail.items() if text not in shown]
        facts += others[:OTHER_FACTS_LIMIT]
    return tuple(facts)


def _links(resource: Resource, names: Mapping[str, str | None]) -> tuple[Link, ...]:
    page = CONSOLE_PAGES.get(resource.name)
    if page is None or not REGION.fullmatch(names["region"] or ""):
        return ()
    try:
        url = page.format(**{key: name for key, name in names.items() if NAME.fullmatch(name or "")})
    except KeyError:
        return ()  # The event lacks the name that the page is found by, or the name cannot be Proton's.
    return (Link("Open in the Proton console", url),)
