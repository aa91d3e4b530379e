"""CloudFormation: stacks, drift, StackSets, and the resources and hooks of a stack.

Statuses are those of botocore's CloudFormation model; fields are those of "Managing events with CloudFormation and
Amazon EventBridge" in the CloudFormation User Guide.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.arns import part
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

FAILURE, PROGRESS, SUCCESS, INFO = Severity.FAILURE, Severity.PROGRESS, Severity.SUCCESS, Severity.INFO

DELETE_STACK: Final = "aws cloudformation delete-stack --stack-name {arn} --region {region}"
CONTINUE_ROLLBACK: Final = "aws cloudformation continue-update-rollback --stack-name {arn} --region {region}"
LIST_RESULTS: Final = (
    "aws cloudformation list-stack-set-operation-results --stack-set-name {name} --operation-id {operation} "
    "--region {region}"
)

FIX: Final = "Fix the first failed resource in its events, "
NO_ROLLBACK: Final = "Rollback is off: fix the first failed resource in its events, then "
FIRST_FAILED: Final = "Read the first failed resource in its events."
DELETE_ONLY: Final = "Read the first CREATE_FAILED in its events. After the rollback the stack can only be deleted."
OLD_VERSION: Final = f"The old version runs. {FIX}then update again."
STUCK: Final = (
    "It is stuck: fix the resource that its events name, then continue the rollback, or skip the resource there."
)
NOT_EMPTY: Final = (
    "Empty or detach the resource that its events name, then delete the stack again, or retain the resource."
)
STACK: Final[Mapping[str, Meaning]] = {
    "CREATE_COMPLETE": Meaning(SUCCESS, "was created"),
    "CREATE_FAILED": Meaning(FAILURE, "could not be created", f"{NO_ROLLBACK}roll back or delete the stack."),
    "CREATE_IN_PROGRESS": Meaning(PROGRESS, "is being created"),
    "DELETE_COMPLETE": Meaning(INFO, "was deleted"),
    "DELETE_FAILED": Meaning(FAILURE, "could not be deleted", NOT_EMPTY, DELETE_STACK),
    "DELETE_IN_PROGRESS": Meaning(PROGRESS, "is being deleted"),
    "IMPORT_COMPLETE": Meaning(SUCCESS, "imported its resources"),
    "IMPORT_IN_PROGRESS": Meaning(PROGRESS, "is importing resources"),
    "IMPORT_ROLLBACK_COMPLETE": Meaning(
        FAILURE, "could not import resources, and was rolled back", f"{FIX}then retry."
    ),
    "IMPORT_ROLLBACK_FAILED": Meaning(
        FAILURE, "could not import resources, and the rollback failed", STUCK, CONTINUE_ROLLBACK
    ),
    "IMPORT_ROLLBACK_IN_PROGRESS": Meaning(FAILURE, "could not import resources, and is rolling back", FIRST_FAILED),
    "REVIEW_IN_PROGRESS": Meaning(INFO, "waits for its first change set"),
    "ROLLBACK_COMPLETE": Meaning(
        FAILURE,
        "could not be created, and was rolled back",
        f"{FIX}delete the stack, then create it again.",
        DELETE_STACK,
    ),
    "ROLLBACK_FAILED": Meaning(
        FAILURE,
        "could not be created, and the rollback failed",
        f"{FIX}delete the stack, and retain the rest.",
        DELETE_STACK,
    ),
    "ROLLBACK_IN_PROGRESS": Meaning(FAILURE, "could not be created, and is rolling back", DELETE_ONLY),
    "UPDATE_COMPLETE": Meaning(SUCCESS, "was updated"),
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Meaning(PROGRESS, "was updated, and old resources are being removed"),
    "UPDATE_FAILED": Meaning(FAILURE, "could not be updated", f"{NO_ROLLBACK}update again or roll back."),
    "UPDATE_IN_PROGRESS": Meaning(PROGRESS, "is being updated"),
    "UPDATE_ROLLBACK_COMPLETE": Meaning(FAILURE, "could not be updated, and was rolled back", OLD_VERSION),
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Meaning(
        FAILURE, "could not be updated; the old version is back, and new resources are being removed", OLD_VERSION
    ),
    "UPDATE_ROLLBACK_FAILED": Meaning(
        FAILURE, "could not be updated, and the rollback failed", STUCK, CONTINUE_ROLLBACK
    ),
    "UPDATE_ROLLBACK_IN_PROGRESS": Meaning(FAILURE, "could not be updated, and is rolling back", FIRST_FAILED),
}

COMPARE: Final = "Compare the drift results; then update the template, or import the change."
UNREADABLE: Final = "Usually a permission to read the resources is missing."
DRIFT: Final[Mapping[str, Meaning]] = {
    "DETECTION_COMPLETE": Meaning(INFO, "was checked for drift"),
    "DETECTION_FAILED": Meaning(FAILURE, "could not be checked for drift", UNREADABLE),
    "DETECTION_IN_PROGRESS": Meaning(PROGRESS, "is being checked for drift"),
    "DRIFTED": Meaning(Severity.ACTION, "has drifted ({drifted} resources)", COMPARE),
    "IN_SYNC": Meaning(SUCCESS, "has not drifted"),
    "NOT_CHECKED": Meaning(INFO, "was not checked for drift"),
    "UNKNOWN": Meaning(INFO, "has an unknown drift status"),
}

TOLERANCE: Final = "More stack instances failed than its tolerance allows: read their reasons, then run it again."
STACK_SET: Final[Mapping[str, Meaning]] = {
    "ACTIVE": Meaning(INFO, "is active"),
    "DELETED": Meaning(INFO, "was deleted"),
    "FAILED": Meaning(FAILURE, "could not be rolled out everywhere", TOLERANCE, LIST_RESULTS),
    "QUEUED": Meaning(PROGRESS, "is queued to be rolled out"),
    "RUNNING": Meaning(PROGRESS, "is being rolled out"),
    "STOPPED": Meaning(INFO, "was stopped from being rolled out"),
    "STOPPING": Meaning(PROGRESS, "is being stopped from being rolled out"),
    "SUCCEEDED": Meaning(SUCCESS, "was rolled out"),
}

RUN_AGAIN: Final = "Fix the cause in that account, then run the operation again."
BY_HAND: Final = "Delete the stack instance and retain its stack, then delete the stack by hand."
# By the detailed status, which decides.
STACK_INSTANCE: Final[Mapping[str, Meaning]] = {
    "CANCELLED": Meaning(INFO, "was left out, because the operation was cancelled"),
    "FAILED": Meaning(FAILURE, "could not be rolled out", RUN_AGAIN),
    "FAILED_IMPORT": Meaning(FAILURE, "could not be imported", RUN_AGAIN),
    "INOPERABLE": Meaning(FAILURE, "cannot be managed any more", BY_HAND),
    "PENDING": Meaning(PROGRESS, "waits to be rolled out"),
    "RUNNING": Meaning(PROGRESS, "is being rolled out"),
    "SKIPPED_SUSPENDED_ACCOUNT": Meaning(INFO, "was left out, because the account is suspended"),
    "SUCCEEDED": Meaning(SUCCESS, "was rolled out"),
}

CHANGE_TEMPLATE: Final = "Change the template until it meets the hook's rule, then deploy again."
HOOK: Final[Mapping[str, Meaning]] = {
    "HOOK_COMPLETE_FAILED": Meaning(FAILURE, "blocked the operation", CHANGE_TEMPLATE),
    "HOOK_COMPLETE_FAILED WARN": Meaning(INFO, "warns, and lets the operation go on"),
    "HOOK_COMPLETE_SUCCEEDED": Meaning(INFO, "found nothing to object to"),
    "HOOK_FAILED": Meaning(FAILURE, "could not run", "Check the hook's role and its log."),
    "HOOK_IN_PROGRESS": Meaning(PROGRESS, "is running"),
}


def _resources() -> Mapping[str, Meaning]:
    """Build the meanings of a resource's statuses, which are an action and how far it is."""
    done = {"CREATE": "created", "DELETE": "deleted", "EXPORT": "exported", "IMPORT": "imported", "UPDATE": "updated"}
    rollbacks = [f"{action}_ROLLBACK" for action in ("EXPORT", "IMPORT", "UPDATE")]
    done |= dict.fromkeys([*rollbacks, "ROLLBACK"], "rolled back")
    endings = {
        "COMPLETE": (INFO, "was {}", None),
        "FAILED": (FAILURE, "could not be {}", "Fix what the reason names, then deploy again."),
        "IN_PROGRESS": (PROGRESS, "is being {}", None),
    }
    return {
        f"{action}_{ending}": Meaning(severity, headline.format(participle), step)
        for action, participle in done.items()
        for ending, (severity, headline, step) in endings.items()
    }


RESOURCE: Final[Mapping[str, Meaning]] = {
    **_resources(),
    "DELETE_SKIPPED": Meaning(INFO, "was retained"),
    "CANCELLED": Meaning(INFO, "was stopped, because another resource failed"),
}


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
