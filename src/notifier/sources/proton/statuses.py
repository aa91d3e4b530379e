"""The meaning of each status of a Proton resource for a person.

The statuses are those of botocore's Proton model, and DELETED, which only events have. The waiters of the same model
say which of them are failures.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity

Table = Mapping[str, Meaning]

DELETED: Final = Meaning(Severity.INFO, "was deleted")
CONNECTION_DELETED: Final = Meaning(
    Severity.ACTION,
    "was deleted",
    "Proton cannot manage the environments in that account until a new connection is accepted: request one "
    "from the environment account, or retire those environments.",
)
DELETE_FAILED: Final = Meaning(
    Severity.FAILURE,
    "could not be deleted",
    "Find the first DELETE_FAILED in the events of its CloudFormation stack (AWSProton-...). Usually something is "
    "not empty or still in use: remove that, then delete again.",
)
DELETE_IN_PROGRESS: Final = Meaning(Severity.PROGRESS, "is being deleted")

# Environments, service instances, service pipelines and components.
DEPLOYED: Final[Table] = {
    "CANCELLED": Meaning(Severity.INFO, "had its deployment cancelled"),
    "CANCELLING": Meaning(Severity.PROGRESS, "is cancelling its deployment"),
    "DELETED": DELETED,
    "DELETE_COMPLETE": DELETED,
    "DELETE_FAILED": DELETE_FAILED,
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    "FAILED": Meaning(
        Severity.FAILURE,
        "could not be deployed",
        "Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; its "
        "deployment status message says the same. Fix what it names, then deploy again.",
    ),
    "IN_PROGRESS": Meaning(Severity.PROGRESS, "is being deployed"),
    "SUCCEEDED": Meaning(Severity.SUCCESS, "was deployed"),
}

# The deployments of those, which have an event of their own.
DEPLOYMENTS: Final[Table] = {
    "CANCELLED": Meaning(Severity.INFO, "was cancelled"),
    "CANCELLING": Meaning(Severity.PROGRESS, "is being cancelled"),
    "DELETED": DELETED,
    "DELETE_COMPLETE": Meaning(Severity.INFO, "completed its deletion"),
    "DELETE_FAILED": Meaning(
        Severity.FAILURE,
        "failed to delete its resource",
        "Look up which resource it was for, then find the first DELETE_FAILED in the events of that one's "
        "CloudFormation stack.",
    ),
    "DELETE_IN_PROGRESS": Meaning(Severity.PROGRESS, "is deleting its resource"),
    "FAILED": Meaning(
        Severity.FAILURE,
        "failed",
        "Look up which resource it was for and why it failed. Fix what its status message names, then deploy again.",
    ),
    "IN_PROGRESS": Meaning(Severity.PROGRESS, "is in progress"),
    "SUCCEEDED": Meaning(Severity.SUCCESS, "succeeded"),
}

SERVICES: Final[Table] = {
    "ACTIVE": Meaning(Severity.SUCCESS, "is active"),
    "CREATE_FAILED": Meaning(
        Severity.FAILURE,
        "could not be created",
        "Read the service's status message, fix what it names, delete the service, then create it again.",
    ),
    # The waiter for a created service counts a finished clean-up as a failure too: there is no service.
    "CREATE_FAILED_CLEANUP_COMPLETE": Meaning(
        Severity.FAILURE,
        "could not be created, and was cleaned up",
        "Its resources are gone, the service itself is still listed. Read its status message, fix what it names, "
        "delete the service, then create it again.",
    ),
    "CREATE_FAILED_CLEANUP_FAILED": Meaning(
        Severity.FAILURE,
        "could not be created, and the clean-up failed",
        "Resources are left behind: delete the CloudFormation stacks of its instances and pipeline, then the "
        "service. Its status message names the first cause.",
    ),
    "CREATE_FAILED_CLEANUP_IN_PROGRESS": Meaning(
        Severity.FAILURE,
        "could not be created, and is being cleaned up",
        "Wait for the clean-up to end. Meanwhile read the service's status message for the cause.",
    ),
    "CREATE_IN_PROGRESS": Meaning(Severity.PROGRESS, "is being created"),
    "DELETED": DELETED,
    "DELETE_COMPLETE": DELETED,
    # A service has no stack of its own.
    "DELETE_FAILED": Meaning(
        Severity.FAILURE,
        "could not be deleted",
        "Find which of its instances, or whether its pipeline, is still there, and the first DELETE_FAILED in that "
        "one's CloudFormation stack. Attached components block a deletion, too. Remove what blocks, then delete again.",
    ),
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    # The update itself went through, but the waiter for an updated service counts this as a failure.
    "UPDATE_COMPLETE_CLEANUP_FAILED": Meaning(
        Severity.FAILURE,
        "was updated, but the clean-up failed",
        "The update itself is done. Instances that it removed left resources behind: delete their CloudFormation "
        "stacks, after checking that no current instance uses them.",
    ),
    "UPDATE_FAILED": Meaning(
        Severity.FAILURE,
        "could not be updated",
        "Read the service's status message, fix what it names, then update again.",
    ),
    "UPDATE_FAILED_CLEANUP_COMPLETE": Meaning(
        Severity.FAILURE,
        "could not be updated, and was cleaned up",
        "Check that the service still runs. Read its status message, fix what it names, then update again.",
    ),
    "UPDATE_FAILED_CLEANUP_FAILED": Meaning(
        Severity.FAILURE,
        "could not be updated, and the clean-up failed",
        "Check that the service still runs. Delete the CloudFormation stacks that the update left behind; "
        "its status message names the first cause.",
    ),
    "UPDATE_FAILED_CLEANUP_IN_PROGRESS": Meaning(
        Severity.FAILURE,
        "could not be updated, and is being cleaned up",
        "Wait for the clean-up to end. Meanwhile read the service's status message for the cause.",
    ),
    "UPDATE_IN_PROGRESS": Meaning(Severity.PROGRESS, "is being updated"),
}

# The guide lists no statuses for templates; these are the ones that its samples show, and DELETED.
TEMPLATES: Final[Table] = {
    "DELETED": DELETED,
    "DELETE_COMPLETE": DELETED,
    "DRAFT": Meaning(Severity.INFO, "is a draft"),
    "PUBLISHED": Meaning(Severity.SUCCESS, "was published"),
}

TEMPLATE_VERSIONS: Final[Table] = {
    "DELETED": DELETED,
    "DELETE_COMPLETE": DELETED,
    "DRAFT": Meaning(Severity.SUCCESS, "was registered as a draft"),
    "PUBLISHED": Meaning(Severity.SUCCESS, "was published"),
    "REGISTRATION_FAILED": Meaning(
        Severity.FAILURE,
        "could not be registered",
        "Read the version's status message: usually the bundle is incomplete, or its schema is not backward "
        "compatible. Fix it, then register a new version.",
    ),
    "REGISTRATION_IN_PROGRESS": Meaning(Severity.PROGRESS, "is being registered"),
}

CONNECTIONS: Final[Table] = {
    "CONNECTED": Meaning(Severity.SUCCESS, "was accepted"),
    # Whatever was connected is out of Proton's hands now; for what never was, see EXCEPTIONS.
    "DELETED": CONNECTION_DELETED,
    "DELETE_COMPLETE": CONNECTION_DELETED,
    "PENDING": Meaning(
        Severity.ACTION,
        "waits to be accepted",
        "Accept or reject it in the account that manages Proton, under environment account connections. A rejection "
        "is final: leave it waiting until you know who asked.",
    ),
    # A rejected connection can never be accepted, so somebody's set-up has come to an end.
    "REJECTED": Meaning(
        Severity.FAILURE,
        "was rejected",
        "It cannot be used again. Agree with the owner of the account that manages Proton, then request a new "
        "connection from the environment account.",
    ),
}

TABLES: Final[Mapping[str, Table]] = {
    "Component": DEPLOYED,
    "Deployment": DEPLOYMENTS,
    "Environment": DEPLOYED,
    "EnvironmentAccountConnection": CONNECTIONS,
    "EnvironmentTemplate": TEMPLATES,
    "EnvironmentTemplateVersion": TEMPLATE_VERSIONS,
    "Service": SERVICES,
    "ServiceInstance": DEPLOYED,
    "ServicePipeline": DEPLOYED,
    "ServiceTemplate": TEMPLATES,
    "ServiceTemplateVersion": TEMPLATE_VERSIONS,
}

# Changes whose meaning depends on the status before, by (previous status, status).
Transitions = Mapping[tuple[str, str], Meaning]
DEPLOYED_EXCEPTIONS: Final[Transitions] = {
    ("CANCELLING", "FAILED"): Meaning(
        Severity.FAILURE,
        "failed while being cancelled",
        "It may be half updated: look at its CloudFormation stack (AWSProton-...) or its pipeline run, then deploy "
        "again.",
    ),
}
EXCEPTIONS: Final[Mapping[str, Transitions]] = {
    "Component": DEPLOYED_EXCEPTIONS,
    "Environment": DEPLOYED_EXCEPTIONS,
    "EnvironmentAccountConnection": {
        ("PENDING", "DELETED"): DELETED,
        ("PENDING", "DELETE_COMPLETE"): DELETED,
        ("REJECTED", "DELETED"): DELETED,
        ("REJECTED", "DELETE_COMPLETE"): DELETED,
    },
    "ServiceInstance": DEPLOYED_EXCEPTIONS,
    "ServicePipeline": DEPLOYED_EXCEPTIONS,
}
