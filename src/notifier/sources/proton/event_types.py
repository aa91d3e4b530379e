"""Proton: environments, services, components, their templates and deployments.

Detail-types and fields are those of "Automate AWS Proton with EventBridge" in the AWS Proton User Guide; the type
Deployment is from the EventBridge events reference.
"""

import re
from dataclasses import replace
from typing import Final

from notifier.model.status_change import Meanings, Reading, Recovery
from notifier.sources.envelope import Event
from notifier.sources.fields import Fields, Find, first, matched
from notifier.sources.proton import statuses
from notifier.sources.reader import EventType, Page, read_as
from notifier.sources.unlisted import type_of, unlisted_status, words_of

ARN: Final = re.compile(r"arn:[^:]*:proton:(?P<region>[^:]*):(?P<account>[^:]*):.+", re.DOTALL)
# The regions that botocore's endpoints list for Proton; other regions have no console page to link to.
REGION: Final = r"((?:ap-(?:north|south)east|eu-west|us-east)-[12]|(?:ca|eu)-central-1|us-west-2)\Z"
NAME: Final = r"([0-9A-Za-z][0-9A-Za-z_-]{0,99})\Z"
# Only URLs from AWS's own documentation and code; there are none for environments and connections.
COMPONENTS: Final = "https://console.aws.amazon.com/proton/#/components"
OPEN: Final = "Open in the Proton console"
PATH: Final = "/proton/home?region={proton_region}#/"


def _place(part: str) -> Find:
    """Make a field of the account or region in the envelope, or else in the ARN."""

    def find(event: Event) -> str | None:
        arn = ARN.fullmatch(next(iter(event.resources), ""))
        return getattr(event, part) or (arn and arn[part])

    return find


def _version(event: Event) -> str | None:
    """Join the version as *major.minor*, with a question mark for an absent part."""
    major, minor = event.text("majorVersion"), event.text("minorVersion")
    return f"{major or '?'}.{minor or '?'}" if major or minor else None


PROTON_REGION: Final = matched(REGION, _place("region"))
OF_A_RESOURCE: Final[Fields] = {
    "status": "status",
    "previous_status": "previousStatus",
    "account": _place("account"),
    "region": _place("region"),
    # The service of an instance or pipeline.
    "parent": matched("(arn:.+:service/[^/]+)/.+", lambda event: next(iter(event.resources), None)),
    "proton_region": PROTON_REGION,
}
TEMPLATE: Final[Fields] = {"name": "name", "legal_name": matched(NAME, "name")}
VERSION: Final[Fields] = {**TEMPLATE, "major": "majorVersion", "minor": "minorVersion", "version": _version}
OF_A_SERVICE: Final[Fields] = {"service": "serviceName", "legal_name": matched(NAME, "serviceName")}
UNDOCUMENTED: Final[Fields] = {"name": first("name", "id"), "service": "serviceName", "version": _version}


def _row(kind: str, meanings: Meanings, fields: Fields, page: str = "", recovery: Recovery = Recovery.OWN) -> EventType:
    """Make the row of a resource type; its status is looked up with the previous status first, then alone."""

    def outcome(event: Event) -> str | None:
        status = event.text("status")
        changed = f"{event.text('previousStatus')} {status}"
        return changed if changed in meanings else status

    labels = {kind.removesuffix(" version").capitalize(): "name", "Service": "service", "Version": "version"}
    return EventType(
        type_of(kind),
        kind,
        {**OF_A_RESOURCE, "outcome": outcome, **fields},
        meanings,
        facts={label: name for label, name in labels.items() if name in fields},
        links={OPEN: "page"},
        page=Page(OPEN, PATH + page) if page else None,
        key="",
        parents=("{parent}",),
        recovery=recovery,
        unlisted=statuses.ENDINGS,
    )


def _template_rows(kind: str) -> tuple[EventType, EventType]:
    """Make the rows of templates and of their versions; no event ends the failure of a version."""
    page = f"templates/{kind}s/detail/{{legal_name}}"
    versions = _row(f"{kind} template version", statuses.TEMPLATE_VERSIONS, VERSION, page, Recovery.NONE)
    versions = replace(versions, name=("name", "version"), joint=" ", required=("name", "major", "minor"))
    return _row(f"{kind} template", statuses.TEMPLATES, TEMPLATE, page), versions


def _undocumented_row(kind: str, meanings: Meanings, recovery: Recovery = Recovery.OWN) -> EventType:
    return replace(_row(kind, meanings, UNDOCUMENTED, recovery=recovery), required=())


SERVICE_PAGE: Final = "services/detail/{legal_name}"
INSTANCE: Final = _row("service instance", statuses.DEPLOYED, {"name": "name", **OF_A_SERVICE}, SERVICE_PAGE)
PIPELINE: Final = _row("service pipeline", statuses.DEPLOYED, OF_A_SERVICE, SERVICE_PAGE)
EVENT_TYPES: Final = {
    f"AWS Proton {row.kind.title()} Status Change": row
    for row in (
        _row(
            "component",
            statuses.DEPLOYED,
            {"name": "name", "page": lambda event: COMPONENTS if PROTON_REGION(event) else None},
        ),
        # A failed deployment never succeeds; the next attempt is a new deployment.
        _undocumented_row("deployment", statuses.DEPLOYMENTS, Recovery.NONE),
        _row("environment", statuses.DEPLOYED, {"name": "name", "environment": "name"}),
        _row("environment account connection", statuses.CONNECTIONS, {"name": "id"}),
        *_template_rows("environment"),
        _row("service", statuses.SERVICES, {**TEMPLATE, "service": "name"}, SERVICE_PAGE),
        replace(INSTANCE, name=("service", "name"), required=("name", "service"), named_alone=True),
        replace(PIPELINE, name=("service",)),
        *_template_rows("service"),
    )
}


def read(event: Event) -> Reading:
    """Read *event* by its row, or else as an undocumented event."""
    own_first = sorted(event.resources, key=lambda arn: not ARN.fullmatch(arn))
    listed = EVENT_TYPES.get(event.detail_type)
    row = listed or _undocumented_row(words_of(event.detail_type.removeprefix("AWS Proton ")), {})
    reading = read_as(event.model_copy(update={"resources": own_first}), row)
    change = replace(reading.change, recognised=reading.change.recognised and listed is not None)
    # An unlisted previous status can be a failure, too.
    before = unlisted_status(change.previous_status or "", statuses.ENDINGS)
    return replace(reading, change=change, meaning=reading.meaning.after(reading.before or before))
