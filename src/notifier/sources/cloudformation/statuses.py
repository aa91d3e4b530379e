"""The meaning of each status of CloudFormation for a person.

Statuses are those of botocore's CloudFormation model.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity

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
