"""CloudFormation: stacks, drift, StackSets, and the resources and hooks of a stack.

Fields are those of "Managing events with CloudFormation and Amazon EventBridge" in the CloudFormation User Guide.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from notifier.sources.arns import part
from notifier.sources.cloudformation.statuses import DRIFT, HOOK, RESOURCE, STACK, STACK_INSTANCE, STACK_SET
from notifier.sources.envelope import Event
from notifier.sources.reader import EventType, Field, Page, reader

PATTERN: Final = {
    "source": ["aws.cloudformation"],
    "$or": [
        {
            "detail-type": ["CloudFormation Stack Status Change"],
            "detail": {"status-details": {"status": [{"anything-but": ["REVIEW_IN_PROGRESS"]}]}},
        },
        {
            "detail-type": [
                "CloudFormation Drift Detection Status Change",
                "CloudFormation StackSet Operation Status Change",
            ],
        },
        {
            "detail-type": ["CloudFormation StackSet StackInstance Status Change"],
            "detail": {"status-details": {"detailed-status": ["FAILED", "FAILED_IMPORT", "INOPERABLE"]}},
        },
    ],
}

# A nested stack is called ROOT-LOGICALID-, and 12 or 13 capitals and digits; no event says that it is nested.
NESTED: Final = re.compile(r"(?P<root>.+)-[A-Za-z0-9]+-[A-Z0-9]{12,13}")
# Proton cuts the names in its stacks' names: AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ.
PROTON: Final = re.compile(r"AWSProton-(?P<name>.+?)-{1,2}cloudformation-{1,2}[A-Z0-9]+")
STACK_SET_INSTANCE: Final = re.compile(r"StackSet-(?P<name>.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# CloudFormation's words for an ordinary failure, though no user did anything; the causes stand before them.
NO_REASON: Final = re.compile(r"(\s*\.)*\s*((Rollback|Delete) requested by user|User Initiated)\.?\s*$")
# The reason of resources that were stopped because another one failed.
CANCELLED: Final = re.compile(r"Resource (creation|update) cancelled")


def _stack_name(event: Event) -> str | None:
    resource = part(_stack_arn(event), "resource")
    return resource.split("/")[1] if resource and resource.startswith("stack/") else None


def _stack_arn(event: Event) -> str | None:
    return event.text("stack-id") or next(iter(event.resources), None)


def _reason(event: Event) -> str | None:
    return NO_REASON.sub("", event.text("status-details.status-reason") or "")


def _within(pattern: re.Pattern[str], group: str) -> Callable[[Event], str | None]:
    """Make a field of what *pattern* finds in the stack's name."""

    def field(event: Event) -> str | None:
        found = pattern.fullmatch(_stack_name(event) or "")
        return found and found[group]

    return field


def _stack_set_name(event: Event) -> str | None:
    resource = part(event.text("stack-set-arn"), "resource")
    return resource.removeprefix("stackset/").split(":")[0] if resource else None


def _target(group: str) -> Callable[[Event], str | None]:
    return lambda event: part(event.text("stack-id"), group)


def _drift(event: Event) -> str | None:
    detected = event.text("status-details.detection-status")
    drift = event.text("status-details.stack-drift-status")
    return drift if drift and detected == "DETECTION_COMPLETE" else detected


def _resource(event: Event) -> str | None:
    status, reason = event.text("status-details.status"), event.text("status-details.status-reason")
    return "CANCELLED" if status and reason and CANCELLED.match(reason) else status


def _hook(event: Event) -> str | None:
    warns = event.text("hook-detail.failure-mode") == "WARN" and event.text("status") == "HOOK_COMPLETE_FAILED"
    return "HOOK_COMPLETE_FAILED WARN" if warns else event.text("status")


def _instance(event: Event) -> str | None:
    """Tell a stack instance by its detailed status; without one, by its status."""
    return event.text("status-details.detailed-status") or event.text("status-details.status")


OF_A_STACK: Final[Mapping[str, Field]] = {
    "arn": _stack_arn,
    "stack": _stack_name,
    "called": lambda event: _within(PROTON, "name")(event) or _stack_name(event),
    "proton_stack": lambda event: _stack_name(event) if _within(PROTON, "name")(event) else None,
    "nested_in": _within(NESTED, "root"),
    "stack_set": _within(STACK_SET_INSTANCE, "name"),
    "status": "status-details.status",
    "reason": _reason,
    "operation": "client-request-token",
}
STACK_FACTS: Final = {"Stack": "proton_stack", "Nested in": "nested_in", "StackSet": "stack_set"}
STACK_KEY: Final = "CloudFormationStack/{account}/{region}/{stack}"
STACK_PAGE: Final = Page("Open the stack", "/cloudformation/home?region={region}#/stacks/stackinfo?stackId={arn}")
OF_A_STACK_SET: Final[Mapping[str, Field]] = {
    "arn": "stack-set-arn",
    "stack_set": _stack_set_name,
    "status": "status-details.status",
    "reason": _reason,
    "operation": "stack-set-operation-id",
}
STACK_SET_KEY: Final = "CloudFormationStackSet/{account}/{region}/{stack_set}"
STACK_SET_PAGE: Final = Page("Open the StackSet", "/cloudformation/home?region={region}#/stacksets/{stack_set}/stacks")

EVENT_TYPES: Final = {
    "CloudFormation Drift Detection Status Change": EventType(
        resource_type="CloudFormationDrift",
        kind="stack",
        fields={
            **OF_A_STACK,
            "status": _drift,
            "drifted": "drift-detection-details.drifted-stack-resource-count",
            "operation": "stack-drift-detection-id",
        },
        name=("called",),
        key="CloudFormationDrift/{account}/{region}/{stack}",
        meanings=DRIFT,
        facts=STACK_FACTS,
        page=STACK_PAGE,
    ),
    "CloudFormation Hook Invocation Progress": EventType(
        resource_type="CloudFormationHook",
        kind="hook",
        fields={
            "status": "status",
            "outcome": _hook,
            "reason": "status-reason",
            "hook": "hook-detail.hook-type-name",
            "target": "target-detail.target-name",
            "target_type": "target-detail.target-type",
            "action": "target-detail.target-action",
        },
        name=("hook",),
        meanings=HOOK,
        facts={"Target": "target", "Type": "target_type", "Action": "action"},
    ),
    "CloudFormation Resource Status Change": EventType(
        resource_type="CloudFormationResource",
        kind="stack resource",
        fields={
            **OF_A_STACK,
            "outcome": _resource,
            "resource": "logical-resource-id",
            "type": "resource-type",
            "physical": "physical-resource-id",
        },
        name=("called", "resource"),
        key=STACK_KEY + "/{resource}",
        parents=(STACK_KEY,),
        meanings=RESOURCE,
        facts={"Type": "type", "Physical id": "physical", **STACK_FACTS},
        page=STACK_PAGE,
    ),
    "CloudFormation Stack Status Change": EventType(
        resource_type="CloudFormationStack",
        kind="stack",
        fields=OF_A_STACK,
        name=("called",),
        key=STACK_KEY,
        parents=("CloudFormationStack/{account}/{region}/{nested_in}",),
        meanings=STACK,
        facts=STACK_FACTS,
        page=STACK_PAGE,
    ),
    "CloudFormation StackSet Operation Status Change": EventType(
        resource_type="CloudFormationStackSet",
        kind="StackSet",
        fields=OF_A_STACK_SET,
        name=("stack_set",),
        meanings=STACK_SET,
        facts={"Operation": "operation"},
        page=STACK_SET_PAGE,
    ),
    "CloudFormation StackSet StackInstance Status Change": EventType(
        resource_type="CloudFormationStackInstance",
        kind="stack instance",
        fields={
            **OF_A_STACK_SET,
            "outcome": _instance,
            "target": _target("account"),
            "target_region": _target("region"),
        },
        name=("stack_set", "target", "target_region"),
        parents=(STACK_SET_KEY,),
        meanings=STACK_INSTANCE,
        page=STACK_SET_PAGE,
    ),
    "CloudFormation StackSet Status Change": EventType(
        resource_type="CloudFormationStackSet",
        kind="StackSet",
        fields=OF_A_STACK_SET,
        name=("stack_set",),
        meanings=STACK_SET,
        page=STACK_SET_PAGE,
    ),
}
read = reader(EVENT_TYPES)
