"""The meaning of each status of a Proton resource for a person.

The statuses are those of botocore's Proton model, and DELETED, which only events have. The waiters of the same model
show which of them are failures.
"""

import re
from typing import Final

from notifier.model.status_change import Ending, Meanings, Severity, action, failure, info, progress, success
from notifier.sources.unlisted import Words

DELETED: Final[Meanings] = dict.fromkeys(("DELETED", "DELETE_COMPLETE"), info("was deleted", ending=Ending.GONE))
DELETE_IN_PROGRESS: Final = progress("is being deleted")

NOT_EMPTY: Final = (
    "Find the first DELETE_FAILED in the events of its CloudFormation stack (AWSProton-...). Remove what "
    "is not empty or still in use, then delete again."
)
FIRST_FAILED: Final = (
    "Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; its "
    "deployment status message says the same. Fix what it names, then deploy again."
)
HALF_UPDATED: Final = (
    "It may be half updated: look at its CloudFormation stack (AWSProton-...) or its pipeline run, then deploy again."
)
# By the status, or by the previous status and the status.
DEPLOYED: Final[Meanings] = {
    "CANCELLED": info("had its deployment cancelled"),
    "CANCELLING": progress("is cancelling its deployment"),
    "CANCELLING FAILED": failure("failed while being cancelled", HALF_UPDATED),
    **DELETED,
    "DELETE_FAILED": failure("could not be deleted", NOT_EMPTY),
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    "FAILED": failure("could not be deployed", FIRST_FAILED),
    "IN_PROGRESS": progress("is being deployed"),
    "SUCCEEDED": success("was deployed"),
}

STACK_OF_RESOURCE: Final = "Find its resource, then the first DELETE_FAILED in the events of that CloudFormation stack."
FIX_RESOURCE: Final = "Find its resource and the status message there. Fix what it names, then deploy again."
# Of the deployments of these resources, which have their own events.
DEPLOYMENTS: Final[Meanings] = {
    "CANCELLED": info("was cancelled"),
    "CANCELLING": progress("is being cancelled"),
    **DELETED,
    "DELETE_COMPLETE": info("completed its deletion", ending=Ending.GONE),
    "DELETE_FAILED": failure("failed to delete its resource", STACK_OF_RESOURCE),
    "DELETE_IN_PROGRESS": progress("is deleting its resource"),
    "FAILED": failure("failed", FIX_RESOURCE),
    "IN_PROGRESS": progress("is in progress"),
    "SUCCEEDED": success("succeeded"),
}

NO_CREATE: Final = "could not be created"
NO_UPDATE: Final = "could not be updated"
WAIT: Final = "Wait for the clean-up to end. Meanwhile read the service's status message for the cause."
CREATE_AGAIN: Final = "Fix what the service's status message names, delete the service, then create it again."
CLEAN_CREATE: Final = (
    "Read the first cause in its status message. Delete the CloudFormation stacks of its instances and pipeline, then "
    "the service: resources are left."
)
# A service has no stack itself.
DELETE_PARTS: Final = (
    "Find the instance or pipeline that is left, and the first DELETE_FAILED in its CloudFormation stack. Remove what "
    "blocks, which may be an attached component, then delete again."
)
CLEAN_UPDATE: Final = "Delete the stacks of the instances that the update removed, if no current instance uses them."
UPDATE_AGAIN: Final = "Fix what the service's status message names, then update again."
CHECK: Final = "Check that the service still runs. "
CLEAN_FAILED: Final = (
    f"{CHECK}Delete the CloudFormation stacks that are left; its status message names the first cause."
)
SERVICES: Final[Meanings] = {
    "ACTIVE": success("is active"),
    "CREATE_FAILED": failure(NO_CREATE, CREATE_AGAIN),
    # The waiter for a created service counts a finished clean-up as a failure too: there is no service.
    "CREATE_FAILED_CLEANUP_COMPLETE": failure(f"{NO_CREATE}, and was cleaned up", CREATE_AGAIN),
    "CREATE_FAILED_CLEANUP_FAILED": failure(f"{NO_CREATE}, and the clean-up failed", CLEAN_CREATE),
    "CREATE_FAILED_CLEANUP_IN_PROGRESS": failure(f"{NO_CREATE}, and is being cleaned up", WAIT),
    "CREATE_IN_PROGRESS": progress("is being created"),
    **DELETED,
    "DELETE_FAILED": failure("could not be deleted", DELETE_PARTS),
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    # The update itself went through, but the waiter for an updated service counts this as a failure.
    "UPDATE_COMPLETE_CLEANUP_FAILED": failure("was updated, but the clean-up failed", CLEAN_UPDATE),
    "UPDATE_FAILED": failure(NO_UPDATE, UPDATE_AGAIN),
    "UPDATE_FAILED_CLEANUP_COMPLETE": failure(f"{NO_UPDATE}, and was cleaned up", f"{CHECK}{UPDATE_AGAIN}"),
    "UPDATE_FAILED_CLEANUP_FAILED": failure(f"{NO_UPDATE}, and the clean-up failed", CLEAN_FAILED),
    "UPDATE_FAILED_CLEANUP_IN_PROGRESS": failure(f"{NO_UPDATE}, and is being cleaned up", WAIT),
    "UPDATE_IN_PROGRESS": progress("is being updated"),
}

PUBLISHED: Final = success("was published")
# The guide lists no statuses of templates; these are the statuses in its samples, and DELETED.
TEMPLATES: Final[Meanings] = {**DELETED, "DRAFT": info("is a draft"), "PUBLISHED": PUBLISHED}

REGISTER: Final = (
    "Fix what the version's status message names, often an incomplete bundle or a schema that is not backward "
    "compatible; then register a new version."
)
TEMPLATE_VERSIONS: Final[Meanings] = {
    **DELETED,
    "DRAFT": success("was registered as a draft"),
    "PUBLISHED": PUBLISHED,
    "REGISTRATION_FAILED": failure("could not be registered", REGISTER),
    "REGISTRATION_IN_PROGRESS": progress("is being registered"),
}

RECONNECT: Final = (
    "Proton cannot manage the environments in that account until a new connection is accepted: request one "
    "from the environment account, or retire those environments."
)
ACCEPT: Final = (
    "Accept or reject it in the account that manages Proton, under environment account connections. A rejection "
    "is final: leave it waiting until you know who asked."
)
REQUEST: Final = (
    "Agree with the owner of the account that manages Proton. Request a new connection from the environment account, "
    "as this one cannot be used again."
)
CONNECTIONS: Final[Meanings] = {
    "CONNECTED": success("was accepted"),
    # A connection that was in use.
    **dict.fromkeys(DELETED, action("was deleted", RECONNECT, ending=Ending.GONE)),
    "PENDING": action("waits to be accepted", ACCEPT),
    **{f"PENDING {status}": meaning for status, meaning in DELETED.items()},
    # A rejected connection can never be accepted, so somebody's set-up has come to an end.
    "REJECTED": failure("was rejected", REQUEST),
    **{f"REJECTED {status}": meaning for status, meaning in DELETED.items()},
}

# The severity of an unlisted status, by its ending.
ENDINGS: Final[Words] = (
    (re.compile("FAILED$"), Severity.FAILURE),
    (re.compile("(CANCELLING|IN_PROGRESS)$"), Severity.PROGRESS),
)
