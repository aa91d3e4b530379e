"""Git sync: stacks and repositories that CloudFormation keeps in sync with a branch.

Statuses are those of botocore's CodeConnections model; fields are those of "Git sync events" in the CloudFormation User
Guide, which spells the detail-types "GitSync ..." and "Git Sync ...".
"""

import re
from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.arns import part
from notifier.sources.envelope import Event
from notifier.sources.reader import EventType, Field, Page, first, reader

# Both spellings; records of API calls end otherwise.
PATTERN: Final = {"source": ["aws.codeconnections"], "detail-type": [{"suffix": "Sync Status Change"}]}

# The console knows no ARN with two partitions, as these events have.
DOUBLED: Final = re.compile(r"^arn:(aws[a-z-]*):aws[a-z-]*:")

PROGRESS: Final[Mapping[str, Meaning]] = {
    "INITIATED": Meaning(Severity.PROGRESS, "is about to be synced from Git"),
    "IN_PROGRESS": Meaning(Severity.PROGRESS, "is being synced from Git"),
    "SUCCEEDED": Meaning(Severity.SUCCESS, "was synced from Git"),
}
STACK: Final[Mapping[str, Meaning]] = {
    **PROGRESS,
    "FAILED": Meaning(
        Severity.FAILURE,
        "could not be synced from Git",
        "Read the events and the blocker of its sync: an active blocker stops every later sync until it is resolved.",
        "aws codeconnections get-sync-blocker-summary --sync-type CFN_STACK_SYNC --resource-name {stack}",
    ),
}
REPOSITORY: Final[Mapping[str, Meaning]] = {
    **PROGRESS,
    "FAILED": Meaning(
        Severity.FAILURE,
        "could not be synced from Git",
        "Read the events of its sync. Often the deployment file is invalid, or the connection has lost its access.",
        "aws codeconnections get-repository-sync-status --sync-type CFN_STACK_SYNC --branch {branch} "
        "--repository-link-id {repository_link}",
    ),
    "QUEUED": Meaning(Severity.PROGRESS, "is queued to be synced from Git"),
}


def _arn(event: Event) -> str | None:
    arn = event.text("syncTarget") or event.text("repositoryArn") or next(iter(event.resources), None)
    return DOUBLED.sub(r"arn:\1:", arn) if arn else None


def _stack(event: Event) -> str | None:
    """Take the stack's name out of its ARN, which has an id behind it in real events and none in documented ones."""
    resource = part(_arn(event), "resource") or ""
    return resource.split("/")[1] if resource.startswith("stack/") else event.text("syncTarget")


def _repository(event: Event) -> str | None:
    owner, name = event.text("ownerId"), event.text("repositoryName")
    return f"{owner}/{name}" if owner and name else name


FIELDS: Final[Mapping[str, Field]] = {
    "arn": _arn,
    "repository": _repository,
    "branch": "branch",
    "provider": "providerType",
    "status": "status",
    "previous_status": first("previousStatus", "previousSync"),
    "operation": "commit",
}
FACTS: Final = {"Branch": "branch", "Commit": "operation", "Provider": "provider"}

STACK_SYNC: Final = EventType(
    resource_type="GitSyncStack",
    kind="stack",
    fields={**FIELDS, "stack": _stack},
    name=("stack",),
    parents=("CloudFormationStack/{account}/{region}/{stack}",),
    meanings=STACK,
    facts={"Repository": "repository", **FACTS},
    page=Page("Open the stack", "/cloudformation/home?region={region}#/stacks/stackinfo?stackId={arn}"),
)
REPOSITORY_SYNC: Final = EventType(
    resource_type="GitSyncRepository",
    kind="repository",
    fields={**FIELDS, "repository_link": "repositoryLinkId"},
    name=("repository",),
    key="GitSyncRepository/{account}/{region}/{repository}/{branch}",
    meanings=REPOSITORY,
    facts=FACTS,
)
EVENT_TYPES: Final = {
    f"{spelling} {subject} Sync Status Change": row
    for spelling in ("Git Sync", "GitSync")
    for subject, row in (("Repository", REPOSITORY_SYNC), ("Resource", STACK_SYNC))
}
read = reader(EVENT_TYPES)
