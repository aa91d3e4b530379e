"""CloudFormation: stacks, drift, StackSets, and the resources and hooks of a stack.

Fields are those of "Managing events with CloudFormation and Amazon EventBridge" in the CloudFormation User Guide.
"""

import re
from dataclasses import replace
from typing import Final

from notifier.model.status_change import Recovery
from notifier.sources.cloudformation.statuses import DRIFT, HOOK, RESOURCE, STACK, STACK_INSTANCE, STACK_SET
from notifier.sources.envelope import Event
from notifier.sources.fields import Fields, first, in_arn, marked, matched, part
from notifier.sources.reader import EventType, Page

# The name of a nested stack is ROOT-LOGICALID- and 12 or 13 capitals and digits; no event says that a stack is nested.
# Digits alone are an account or a date, and the names of Proton's stacks end like those of nested stacks.
NESTED: Final = r"stack/([^/]+)-(?!cloudformation-)[A-Za-z0-9]+-(?=\d*[A-Z])[A-Z0-9]{12,13}(/|$)"
# Proton's stacks have cut names: AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ.
PROTON: Final = r"stack/AWSProton-([^/]+?)-{1,2}cloudformation-{1,2}[A-Z0-9]+(/|$)"
# CloudFormation ends the reason of an ordinary failure with this, although no user did anything.
NO_REASON: Final = re.compile(r"((Rollback|Delete) requested by user|User Initiated)\.?$")
# The reason of resources that were stopped because another resource failed.
CANCELLED: Final = re.compile(r"Resource (creation|update|deletion) cancelled")
# The number is -1 while it is unknown.
DRIFTED: Final = matched(r"([1-9]\d{0,5}\Z)", "drift-detection-details.drifted-stack-resource-count")
# The only sign that a stack with OnFailure=DELETE could not be created.
NOT_CREATED: Final = matched(r"(?s)(?=.*Delete requested by user)(.*failed to create)", "status-details.status-reason")


def _reason(event: Event) -> str | None:
    reason = event.text("status-details.status-reason") or ""
    found = NO_REASON.search(reason)
    return reason[: found.start()].rstrip(" .") if found else reason


def _drifted(event: Event) -> str:
    count = DRIFTED(event) or "some"
    return "1 resource" if count == "1" else f"{count} resources"


def _drift(event: Event) -> str | None:
    detected = event.text("status-details.detection-status")
    drift = event.text("status-details.stack-drift-status")
    return drift if drift and detected in {None, "DETECTION_COMPLETE"} else detected


def _resource(event: Event) -> str | None:
    status, reason = event.text("status-details.status"), event.text("status-details.status-reason")
    return "CANCELLED" if status and CANCELLED.match(reason or "") else status


def _stack(event: Event) -> str | None:
    outcome = UNLESS_CREATED(event)
    nested = f"{outcome} NESTED"
    return nested if nested in STACK and NESTED_IN(event) else outcome


# The detailed status decides; old events have only the status.
DETAILED_STATUS: Final = first("status-details.detailed-status", "status-details.status")


def _instance(event: Event) -> str | None:
    """Return the status, with the action before it if the operation is no roll-out."""
    status = DETAILED_STATUS(event)
    detailed = f"{event.text('action')} {status}"
    return detailed if detailed in STACK_INSTANCE else status


UNLESS_CREATED: Final = marked("status-details.status", "DELETE_IN_PROGRESS", "NOT CREATED", NOT_CREATED)
WARNS: Final = marked("status", "HOOK_COMPLETE_FAILED", "WARN", "hook-detail.failure-mode", {"WARN"})
STACK_NAME: Final = in_arn("stack/([^/]+)", "stack-id")
NESTED_IN: Final = in_arn(NESTED, "stack-id")
PROTON_NAME: Final = in_arn(PROTON, "stack-id")
OF_A_STACK: Final[Fields] = {
    "arn": "stack-id",
    "stack": STACK_NAME,
    "name": first(PROTON_NAME, STACK_NAME),
    "nested_in": NESTED_IN,
    "status": "status-details.status",
    "reason": _reason,
    "operation": "client-request-token",
}
STACK_FACTS: Final[Fields] = {
    "Stack": lambda event: STACK_NAME(event) if PROTON_NAME(event) else None,
    "Nested in": "nested_in",
    "StackSet": in_arn(r"stack/StackSet-([^/]+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/|$)", "stack-id"),
}
STACK_KEY: Final = "CloudFormationStack/{account}/{region}/{stack}"
STACK_PAGE: Final = Page("Open the stack", "/cloudformation/home?region={region}#/stacks/stackinfo?stackId={arn}")

STACK_SET_NAME: Final = in_arn("stackset/([^:]+)", "stack-set-arn")
OF_A_STACK_SET: Final[Fields] = {
    "arn": "stack-set-arn",
    "name": STACK_SET_NAME,
    "stack_set": STACK_SET_NAME,
    "status": "status-details.status",
    "reason": _reason,
    "operation": "stack-set-operation-id",
}
STACK_SET_PAGE: Final = Page("Open the StackSet", "/cloudformation/home?region={region}#/stacksets/{stack_set}/stacks")

STACK_ROW: Final = EventType(
    "CloudFormationStack", "stack", OF_A_STACK, STACK, facts=STACK_FACTS, page=STACK_PAGE, key=STACK_KEY
)
STACK_SET_ROW: Final = EventType(
    "CloudFormationStackSet",
    "StackSet",
    OF_A_STACK_SET,
    STACK_SET,
    facts={"Operation": "operation"},
    page=STACK_SET_PAGE,
)

EVENT_TYPES: Final = {
    "CloudFormation Drift Detection Status Change": replace(
        STACK_ROW,
        resource_type="CloudFormationDrift",
        fields={**OF_A_STACK, "status": _drift, "drifted": _drifted, "operation": "stack-drift-detection-id"},
        meanings=DRIFT,
        key="CloudFormationDrift/{account}/{region}/{stack}",
    ),
    "CloudFormation Hook Invocation Progress": EventType(
        "CloudFormationHook",
        "hook",
        {"status": "status", "outcome": WARNS, "reason": "status-reason", "name": "hook-detail.hook-type-name"},
        HOOK,
        facts={
            "Target": "target-detail.target-name",
            "Type": "target-detail.target-type",
            "Action": "target-detail.target-action",
            "Message": "reason",
        },
        recovery=Recovery.NONE,
    ),
    "CloudFormation Resource Status Change": EventType(
        "CloudFormationResource",
        "stack resource",
        {**OF_A_STACK, "outcome": _resource, "resource": "logical-resource-id"},
        RESOURCE,
        ("name", "resource"),
        facts={"Type": "resource-type", "Physical id": "physical-resource-id", **STACK_FACTS},
        page=STACK_PAGE,
        key=STACK_KEY,
        recovery=Recovery.WHOLE,
    ),
    "CloudFormation Stack Status Change": replace(
        STACK_ROW,
        fields={**OF_A_STACK, "outcome": _stack},
        parents=("CloudFormationStack/{account}/{region}/{nested_in}",),
        recovery=Recovery.PARENT,
    ),
    "CloudFormation StackSet Operation Status Change": STACK_SET_ROW,
    "CloudFormation StackSet StackInstance Status Change": EventType(
        "CloudFormationStackInstance",
        "stack instance",
        {
            **OF_A_STACK_SET,
            "status": DETAILED_STATUS,
            "outcome": _instance,
            "target": lambda event: part(event.text("stack-id"), "account"),
            "target_region": lambda event: part(event.text("stack-id"), "region"),
            "stack": STACK_NAME,
        },
        STACK_INSTANCE,
        ("stack_set", "target", "target_region"),
        facts={"Action": "action"},
        page=STACK_SET_PAGE,
        parents=(
            "CloudFormationStackSet/{account}/{region}/{stack_set}",
            "CloudFormationStack/{target}/{target_region}/{stack}",
        ),
    ),
    "CloudFormation StackSet Status Change": STACK_SET_ROW,
}
