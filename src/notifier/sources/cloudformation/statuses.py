"""The meaning of each status of CloudFormation for a person.

Statuses are those of botocore's CloudFormation model.
"""

from typing import Final

from notifier.model.status_change import Ending, Meanings, Severity, action, failure, info, progress, success

DELETE_STACK: Final = "aws cloudformation delete-stack --stack-name {arn}"
CONTINUE_ROLLBACK: Final = "aws cloudformation continue-update-rollback --stack-name {arn}"
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
ROOT_STACK: Final[Meanings] = {
    "CREATE_COMPLETE": success("was created"),
    "CREATE_FAILED": failure(NO_CREATE, f"{FIX}then roll back or delete the stack: rollback is off."),
    "CREATE_IN_PROGRESS": progress("is being created"),
    "DELETE_COMPLETE": info("was deleted", ending=Ending.GONE),
    "DELETE_FAILED": failure("could not be deleted", NOT_EMPTY, DELETE_STACK),
    "DELETE_IN_PROGRESS": progress("is being deleted"),
    "DELETE_IN_PROGRESS NOT CREATED": failure(f"{NO_CREATE}, and is being deleted", DELETED),
    "IMPORT_COMPLETE": success("imported its resources"),
    "IMPORT_IN_PROGRESS": progress("is importing resources"),
    "IMPORT_ROLLBACK_COMPLETE": failure(f"{NO_IMPORT}, and was rolled back", f"{FIX}then retry."),
    "IMPORT_ROLLBACK_FAILED": failure(f"{NO_IMPORT}, and the rollback failed", NO_CONTINUE),
    "IMPORT_ROLLBACK_IN_PROGRESS": failure(f"{NO_IMPORT}, and is rolling back", FIRST_FAILED),
    "REVIEW_IN_PROGRESS": info("waits for its first change set"),
    "ROLLBACK_COMPLETE": failure(f"{NO_CREATE}, and was rolled back", CREATE_AGAIN, DELETE_STACK),
    "ROLLBACK_FAILED": failure(f"{NO_CREATE}, and the rollback failed", DELETE_REST, DELETE_STACK),
    "ROLLBACK_IN_PROGRESS": failure(f"{NO_CREATE}, and is rolling back", DELETE_ONLY),
    "UPDATE_COMPLETE": success("was updated"),
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": progress("was updated, and old resources are being removed"),
    "UPDATE_FAILED": failure(NO_UPDATE, f"{FIX}then update again or roll back: rollback is off."),
    "UPDATE_IN_PROGRESS": progress("is being updated"),
    "UPDATE_ROLLBACK_COMPLETE": failure(f"{NO_UPDATE}, and was rolled back", OLD_VERSION),
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": failure(
        f"{NO_UPDATE}; the old version is back, and new resources are being removed", OLD_VERSION
    ),
    "UPDATE_ROLLBACK_FAILED": failure(f"{NO_UPDATE}, and the rollback failed", STUCK, CONTINUE_ROLLBACK),
    "UPDATE_ROLLBACK_IN_PROGRESS": failure(f"{NO_UPDATE}, and is rolling back", FIRST_FAILED),
}
WITH_IT: Final = "{nested_in}: a nested stack only changes with it."
NESTED: Final = f"{FIX}then repeat the operation on {WITH_IT}"
NESTED_STEPS: Final = {
    "IMPORT_ROLLBACK_IN_PROGRESS": FIRST_FAILED,
    "ROLLBACK_IN_PROGRESS": FIRST_FAILED,
    "UPDATE_ROLLBACK_FAILED": f"Fix the resource that its events name, then continue the rollback of {WITH_IT}",
    "UPDATE_ROLLBACK_IN_PROGRESS": FIRST_FAILED,
}
STACK: Final[Meanings] = {
    **ROOT_STACK,
    **{
        f"{status} NESTED": failure(meaning.headline, NESTED_STEPS.get(status, NESTED))
        for status, meaning in ROOT_STACK.items()
        if meaning.severity is Severity.FAILURE
    },
}

COMPARE: Final = "Compare the drift results; then update the template, or import the change."
UNREADABLE: Final = "Usually the permission to read its resources is missing: add it."
DRIFT: Final[Meanings] = {
    "DETECTION_COMPLETE": info("was checked for drift"),
    "DETECTION_FAILED": failure("could not be checked for drift", UNREADABLE),
    "DETECTION_IN_PROGRESS": progress("is being checked for drift"),
    "DRIFTED": action("has drifted ({drifted})", COMPARE),
    "IN_SYNC": success("matches its template"),
    "NOT_CHECKED": info("was not checked for drift"),
    "UNKNOWN": info("has an unknown drift status"),
}

TOLERANCE: Final = "More stack instances failed than its tolerance allows: read their reasons, then run it again."
STACK_SET: Final[Meanings] = {
    "ACTIVE": info("is active"),
    "DELETED": info("was deleted", ending=Ending.GONE),
    "FAILED": failure("could not be rolled out everywhere", TOLERANCE, LIST_RESULTS),
    "QUEUED": progress("is queued to be rolled out"),
    "RUNNING": progress("is being rolled out"),
    "STOPPED": info("was stopped from being rolled out"),
    "STOPPING": progress("is being stopped from being rolled out"),
    "SUCCEEDED": success("was rolled out"),
}

RUN_AGAIN: Final = "Fix the cause in that account, then run the operation again."
BY_HAND: Final = "Delete the stack instance and retain its stack, then delete the stack by hand."
# Operations that are no roll-out.
STACK_INSTANCE_ACTIONS: Final = {"DELETE": "removed", "DETECT_DRIFT": "checked for drift"}
# By the detailed status, with the action before it if that is no roll-out; old events have only the status.
STACK_INSTANCE: Final[Meanings] = {
    "CANCELLED": info("was left out, because the operation was cancelled"),
    "CURRENT": info("is up to date"),
    "DELETE SUCCEEDED": info("was removed", ending=Ending.GONE),
    "DETECT_DRIFT SUCCEEDED": info("was checked for drift"),
    **{
        f"{action} FAILED": failure(f"could not be {done}", RUN_AGAIN)
        for action, done in STACK_INSTANCE_ACTIONS.items()
    },
    **{f"{action} PENDING": progress(f"waits to be {done}") for action, done in STACK_INSTANCE_ACTIONS.items()},
    **{f"{action} RUNNING": progress(f"is being {done}") for action, done in STACK_INSTANCE_ACTIONS.items()},
    "FAILED": failure("could not be rolled out", RUN_AGAIN),
    "FAILED_IMPORT": failure("could not be imported", RUN_AGAIN),
    "INOPERABLE": failure("cannot be managed any more", BY_HAND),
    "OUTDATED": info("is out of date"),
    "PENDING": progress("waits to be rolled out"),
    "RUNNING": progress("is being rolled out"),
    "SKIPPED_SUSPENDED_ACCOUNT": info("was left out, because the account is suspended"),
    "SUCCEEDED": success("was rolled out"),
}

CHANGE_TEMPLATE: Final = "Change the template until it meets the hook's rule, then deploy again."
HOOK: Final[Meanings] = {
    "HOOK_COMPLETE_FAILED": failure("blocked the operation", CHANGE_TEMPLATE),
    "HOOK_COMPLETE_FAILED WARN": info("warns, and lets the operation go on"),
    "HOOK_COMPLETE_SUCCEEDED": info("found nothing to object to"),
    "HOOK_FAILED": failure("could not run", "Check the hook's role and its log."),
    "HOOK_IN_PROGRESS": progress("is running"),
}

# A resource's status consists of an action and its progress.
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
    **{f"{action}_COMPLETE": info(f"was {done}") for action, done in ACTIONS.items()},
    **{f"{action}_FAILED": failure(f"could not be {done}", DEPLOY_AGAIN) for action, done in ACTIONS.items()},
    **{f"{action}_IN_PROGRESS": progress(f"is being {done}") for action, done in ACTIONS.items()},
    "CANCELLED": info("was stopped, because another resource failed"),
    "DELETE_SKIPPED": info("was retained"),
}
