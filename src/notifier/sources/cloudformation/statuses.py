"""The meaning of each status of CloudFormation for a person.

Statuses are those of botocore's CloudFormation model.
"""

from typing import Final

from notifier.model.status_change import ACTION, FAILURE, INFO, PROGRESS, SUCCESS, Ending, Meaning, Meanings

DELETE_STACK: Final = "aws cloudformation delete-stack --stack-name {whole_stack}"
CONTINUE_ROLLBACK: Final = "aws cloudformation continue-update-rollback --stack-name {whole_stack}"
LIST_RESULTS: Final = (
    "aws cloudformation list-stack-set-operation-results --stack-set-name {name} --operation-id {operation}"
)

FIX: Final = "Fix the first failed resource in its events, "
FIRST_FAILED: Final = "Read the first failed resource in its events."
DELETE_ONLY: Final = (
    "Read the first CREATE_FAILED in its events. Delete the stack after its rollback: nothing else is possible."
)
CREATE_AGAIN: Final = f"{FIX}delete the stack, then create it again."
DELETE_REST: Final = f"{FIX}delete the stack, and retain the rest."
OLD_VERSION: Final = f"{FIX}then update again: until then, the old version runs."
DELETED: Final = f"{FIX}which AWS shows for 90 days, then create the stack again."
STUCK: Final = "Fix the resource that its events name, then continue the rollback, or skip the resource there."
NO_CONTINUE: Final = (
    "Fix the resource that its events name. Ask AWS Support if it stays: this rollback cannot be continued."
)
NOT_EMPTY: Final = "Empty or detach the resource that its events name, then delete again, or retain the resource."
NO_CREATE: Final = "could not be created"
NO_IMPORT: Final = "could not import resources"
NO_UPDATE: Final = "could not be updated"
STACK: Final[Meanings] = {
    "CREATE_COMPLETE": Meaning(SUCCESS, "was created"),
    "CREATE_FAILED": Meaning(FAILURE, NO_CREATE, f"{FIX}then roll back or delete the stack: rollback is off."),
    "CREATE_IN_PROGRESS": Meaning(PROGRESS, "is being created"),
    "DELETE_COMPLETE": Meaning(INFO, "was deleted", ending=Ending.GONE),
    "DELETE_FAILED": Meaning(FAILURE, "could not be deleted", NOT_EMPTY, DELETE_STACK),
    "DELETE_IN_PROGRESS": Meaning(PROGRESS, "is being deleted"),
    "DELETE_IN_PROGRESS NOT CREATED": Meaning(FAILURE, f"{NO_CREATE}, and is being deleted", DELETED),
    "IMPORT_COMPLETE": Meaning(SUCCESS, "imported its resources"),
    "IMPORT_IN_PROGRESS": Meaning(PROGRESS, "is importing resources"),
    "IMPORT_ROLLBACK_COMPLETE": Meaning(FAILURE, f"{NO_IMPORT}, and was rolled back", f"{FIX}then retry."),
    "IMPORT_ROLLBACK_FAILED": Meaning(FAILURE, f"{NO_IMPORT}, and the rollback failed", NO_CONTINUE),
    "IMPORT_ROLLBACK_IN_PROGRESS": Meaning(FAILURE, f"{NO_IMPORT}, and is rolling back", FIRST_FAILED),
    "REVIEW_IN_PROGRESS": Meaning(INFO, "waits for its first change set"),
    "ROLLBACK_COMPLETE": Meaning(FAILURE, f"{NO_CREATE}, and was rolled back", CREATE_AGAIN, DELETE_STACK),
    "ROLLBACK_FAILED": Meaning(FAILURE, f"{NO_CREATE}, and the rollback failed", DELETE_REST, DELETE_STACK),
    "ROLLBACK_IN_PROGRESS": Meaning(FAILURE, f"{NO_CREATE}, and is rolling back", DELETE_ONLY),
    "UPDATE_COMPLETE": Meaning(SUCCESS, "was updated"),
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Meaning(PROGRESS, "was updated, and old resources are being removed"),
    "UPDATE_FAILED": Meaning(FAILURE, NO_UPDATE, f"{FIX}then update again or roll back: rollback is off."),
    "UPDATE_IN_PROGRESS": Meaning(PROGRESS, "is being updated"),
    "UPDATE_ROLLBACK_COMPLETE": Meaning(FAILURE, f"{NO_UPDATE}, and was rolled back", OLD_VERSION),
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Meaning(
        FAILURE, f"{NO_UPDATE}; the old version is back, and new resources are being removed", OLD_VERSION
    ),
    "UPDATE_ROLLBACK_FAILED": Meaning(FAILURE, f"{NO_UPDATE}, and the rollback failed", STUCK, CONTINUE_ROLLBACK),
    "UPDATE_ROLLBACK_IN_PROGRESS": Meaning(FAILURE, f"{NO_UPDATE}, and is rolling back", FIRST_FAILED),
}

COMPARE: Final = "Compare the drift results; then update the template, or import the change."
UNREADABLE: Final = "Add the permission to read its resources, which is what is usually missing."
DRIFT: Final[Meanings] = {
    "DETECTION_COMPLETE": Meaning(INFO, "was checked for drift"),
    "DETECTION_FAILED": Meaning(FAILURE, "could not be checked for drift", UNREADABLE),
    "DETECTION_IN_PROGRESS": Meaning(PROGRESS, "is being checked for drift"),
    "DRIFTED": Meaning(ACTION, "has drifted ({drifted})", COMPARE),
    "IN_SYNC": Meaning(SUCCESS, "has not drifted"),
    "NOT_CHECKED": Meaning(INFO, "was not checked for drift"),
    "UNKNOWN": Meaning(INFO, "has an unknown drift status"),
}

TOLERANCE: Final = "More stack instances failed than its tolerance allows: read their reasons, then run it again."
STACK_SET: Final[Meanings] = {
    "ACTIVE": Meaning(INFO, "is active"),
    "DELETED": Meaning(INFO, "was deleted", ending=Ending.GONE),
    "FAILED": Meaning(FAILURE, "could not be rolled out everywhere", TOLERANCE, LIST_RESULTS),
    "QUEUED": Meaning(PROGRESS, "is queued to be rolled out"),
    "RUNNING": Meaning(PROGRESS, "is being rolled out"),
    "STOPPED": Meaning(INFO, "was stopped from being rolled out"),
    "STOPPING": Meaning(PROGRESS, "is being stopped from being rolled out"),
    "SUCCEEDED": Meaning(SUCCESS, "was rolled out"),
}

RUN_AGAIN: Final = "Fix the cause in that account, then run the operation again."
BY_HAND: Final = "Delete the stack instance and retain its stack, then delete the stack by hand."
# By the detailed status, which decides, and the action of some successes; old events have the status alone.
STACK_INSTANCE: Final[Meanings] = {
    "CANCELLED": Meaning(INFO, "was left out, because the operation was cancelled"),
    "CURRENT": Meaning(INFO, "is up to date"),
    "DELETE SUCCEEDED": Meaning(INFO, "was removed", ending=Ending.GONE),
    "DETECT_DRIFT SUCCEEDED": Meaning(INFO, "was checked for drift"),
    "FAILED": Meaning(FAILURE, "could not be rolled out", RUN_AGAIN),
    "FAILED_IMPORT": Meaning(FAILURE, "could not be imported", RUN_AGAIN),
    "INOPERABLE": Meaning(FAILURE, "cannot be managed any more", BY_HAND),
    "OUTDATED": Meaning(INFO, "is out of date"),
    "PENDING": Meaning(PROGRESS, "waits to be rolled out"),
    "RUNNING": Meaning(PROGRESS, "is being rolled out"),
    "SKIPPED_SUSPENDED_ACCOUNT": Meaning(INFO, "was left out, because the account is suspended"),
    "SUCCEEDED": Meaning(SUCCESS, "was rolled out"),
}

CHANGE_TEMPLATE: Final = "Change the template until it meets the hook's rule, then deploy again."
HOOK: Final[Meanings] = {
    "HOOK_COMPLETE_FAILED": Meaning(FAILURE, "blocked the operation", CHANGE_TEMPLATE),
    "HOOK_COMPLETE_FAILED WARN": Meaning(INFO, "warns, and lets the operation go on"),
    "HOOK_COMPLETE_SUCCEEDED": Meaning(INFO, "found nothing to object to"),
    "HOOK_FAILED": Meaning(FAILURE, "could not run", "Check the hook's role and its log."),
    "HOOK_IN_PROGRESS": Meaning(PROGRESS, "is running"),
}

# A resource's status is an action and its progress.
ROLLBACKS: Final = ("EXPORT_ROLLBACK", "IMPORT_ROLLBACK", "ROLLBACK", "UPDATE_ROLLBACK")
ACTIONS: Final = {
    "CREATE": "created",
    "DELETE": "deleted",
    "EXPORT": "exported",
    "IMPORT": "imported",
    "UPDATE": "updated",
    **dict.fromkeys(ROLLBACKS, "rolled back"),
}
DEPLOY_AGAIN: Final = "Fix what the reason names, then deploy again."
RESOURCE: Final[Meanings] = {
    **{f"{action}_COMPLETE": Meaning(INFO, f"was {done}") for action, done in ACTIONS.items()},
    **{f"{action}_FAILED": Meaning(FAILURE, f"could not be {done}", DEPLOY_AGAIN) for action, done in ACTIONS.items()},
    **{f"{action}_IN_PROGRESS": Meaning(PROGRESS, f"is being {done}") for action, done in ACTIONS.items()},
    "CANCELLED": Meaning(INFO, "was stopped, because another resource failed"),
    "DELETE_SKIPPED": Meaning(INFO, "was retained"),
}
