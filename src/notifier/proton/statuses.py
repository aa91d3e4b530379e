"""What each status of a Proton resource means for a person.

The statuses are those of botocore's Proton model, and DELETED, which only events have. Which of them is a
failure follows the waiters of the same model.
"""

from collections.abc import Mapping
from typing import Final

from notifier.changes import Meaning, Severity

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
    "Find the first DELETE_FAILED in the events of its CloudFormation stack. Usually something is not empty "
    "or still in use: remove that, then delete again.",
)
DELETE_IN_PROGRESS: Final = Meaning(Severity.PROGRESS, "is being deleted")

# Environments, service instances, service pipelines, components, and the deployments themselves.
DEPLOYMENTS: Final[Table] = {
    "CANCELLED": Meaning(Severity.INFO, "had its deployment cancelled"),
    "CANCELLING": Meaning(Severity.PROGRESS, "is cancelling its deployment"),
    "DELETED": DELETED,
    "DELETE_COMPLETE": DELETED,
    "DELETE_FAILED": DELETE_FAILED,
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    "FAILED": Meaning(
        Severity.FAILURE,
        "could not be deployed",
        "Read its deployment status message, or the first failed event of its CloudFormation stack or "
        "pipeline run. Fix what it names, then deploy again.",
    ),
    "IN_PROGRESS": Meaning(Severity.PROGRESS, "is being deployed"),
    "SUCCEEDED": Meaning(Severity.SUCCESS, "was deployed"),
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
        "Nothing is left behind. Read the service's status message, fix what it names, then create it again.",
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
    "DELETE_FAILED": DELETE_FAILED,
    "DELETE_IN_PROGRESS": DELETE_IN_PROGRESS,
    # The update itself went through, but the waiter for an updated service counts this as a failure.
    "UPDATE_COMPLETE_CLEANUP_FAILED": Meaning(
        Severity.FAILURE,
        "was updated, but the clean-up failed",
        "The service runs as updated. What the update replaced is left behind: delete those CloudFormation "
        "stacks by hand.",
    ),
    "UPDATE_FAILED": Meaning(
        Severity.FAILURE,
        "could not be updated",
        "Read the service's status message, fix what it names, then update again.",
    ),
    "UPDATE_FAILED_CLEANUP_COMPLETE": Meaning(
        Severity.FAILURE,
        "could not be updated, and was cleaned up",
        "The service runs as before. Read its status message, fix what it names, then update again.",
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
        "Accept or reject it in the management account. Reject it unless you know who asked.",
    ),
    # A rejected connection can never be accepted, so somebody's set-up has come to an end.
    "REJECTED": Meaning(
        Severity.FAILURE,
        "was rejected",
        "It cannot be used again. Agree with the owner of the management account, then request a new "
        "connection from the environment account.",
    ),
}

TABLES: Final[Mapping[str, Table]] = {
    "Component": DEPLOYMENTS,
    "Deployment": DEPLOYMENTS,
    "Environment": DEPLOYMENTS,
    "EnvironmentAccountConnection": CONNECTIONS,
    "EnvironmentTemplate": TEMPLATES,
    "EnvironmentTemplateVersion": TEMPLATE_VERSIONS,
    "Service": SERVICES,
    "ServiceInstance": DEPLOYMENTS,
    "ServicePipeline": DEPLOYMENTS,
    "ServiceTemplate": TEMPLATES,
    "ServiceTemplateVersion": TEMPLATE_VERSIONS,
}

NOT_CANCELLED: Final = Meaning(
    Severity.FAILURE,
    "failed while being cancelled",
    "It may be half updated: look at its CloudFormation stack or pipeline run, then deploy again.",
)

# Changes whose meaning depends on the status before, by (previous status, status).
Exceptions = Mapping[tuple[str, str], Meaning]
DEPLOYMENT_EXCEPTIONS: Final[Exceptions] = {
    ("CANCELLING", "FAILED"): Meaning(
        Severity.FAILURE,
        "failed while being cancelled",
        "It may be half updated: look at its CloudFormation stack or pipeline run, then deploy again.",
    ),
}
EXCEPTIONS: Final[Mapping[str, Exceptions]] = {
    "Component": DEPLOYMENT_EXCEPTIONS,
    "Deployment": DEPLOYMENT_EXCEPTIONS,
    "Environment": DEPLOYMENT_EXCEPTIONS,
    "EnvironmentAccountConnection": {
        ("PENDING", "DELETED"): DELETED,
        ("PENDING", "DELETE_COMPLETE"): DELETED,
        ("REJECTED", "DELETED"): DELETED,
        ("REJECTED", "DELETE_COMPLETE"): DELETED,
    },
    "ServiceInstance": DEPLOYMENT_EXCEPTIONS,
    "ServicePipeline": DEPLOYMENT_EXCEPTIONS,
}
