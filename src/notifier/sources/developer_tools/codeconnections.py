"""Git sync: stacks and repositories that CloudFormation keeps in sync with a branch.

Statuses are those of botocore's CodeConnections model; fields are those of "Git sync events" in the CloudFormation User
Guide, which spells the detail-types "GitSync ..." and "Git Sync ...".
"""

import re
from typing import Final

from notifier.model.status_change import Meanings, failure, progress, success
from notifier.sources.envelope import Event
from notifier.sources.fields import Fields, first, in_arn, joined, matched
from notifier.sources.reader import EventType, Page

# These events have ARNs with two partitions, which the console does not understand.
DOUBLED: Final = re.compile(r"^arn:(aws[a-z-]*):aws[a-z-]*:")

GET_BLOCKER: Final = "aws codeconnections get-sync-blocker-summary --sync-type CFN_STACK_SYNC --resource-name {name}"
GET_STATUS: Final = (
    "aws codeconnections get-repository-sync-status --sync-type CFN_STACK_SYNC --branch {branch} "
    "--repository-link-id {repository_link}"
)
READ_BLOCKER: Final = "Read the events and the blocker of its sync: an active blocker stops every later sync."
READ_EVENTS: Final = "Read the events of its sync: often the deployment file is invalid, or the connection lost access."
NOT_SYNCED: Final = "could not be synced from Git"
SYNC: Final[Meanings] = {
    "INITIATED": progress("is about to be synced from Git"),
    "IN_PROGRESS": progress("is being synced from Git"),
    "QUEUED": progress("is queued to be synced from Git"),
    "SUCCEEDED": success("was synced from Git"),
}
STACK: Final[Meanings] = {**SYNC, "FAILED": failure(NOT_SYNCED, READ_BLOCKER, GET_BLOCKER)}
REPOSITORY: Final[Meanings] = {**SYNC, "FAILED": failure(NOT_SYNCED, READ_EVENTS, GET_STATUS)}


def _arn(event: Event) -> str | None:
    arn = first("syncTarget", "repositoryArn")(event) or next(iter(event.resources), None)
    return DOUBLED.sub(r"arn:\1:", arn) if arn else None


def _repository(event: Event) -> str | None:
    return joined("ownerId", "repositoryName")(event) if event.text("repositoryName") else None


FIELDS: Final[Fields] = {
    "arn": _arn,
    "branch": "branch",
    "status": "status",
    "previous_status": first("previousStatus", "previousSync"),
    "operation": "commit",
}
FACTS: Final = {"Branch": "branch", "Commit": "operation", "Provider": "providerType"}

STACK_SYNC: Final = EventType(
    "GitSyncStack",
    "stack",
    {
        **FIELDS,
        "name": first(matched("arn:.+:stack/([^/]+)", "syncTarget"), "syncTarget", in_arn("stack/([^/]+)")),
        "stack_id": matched("(arn:.+:stack/.+)", _arn),
    },
    STACK,
    facts={"Repository": _repository, **FACTS},
    page=Page("Open the stack", "/cloudformation/home?region={region}#/stacks/stackinfo?stackId={stack_id}"),
    parents=("CloudFormationStack/{account}/{region}/{name}",),
)
REPOSITORY_SYNC: Final = EventType(
    "GitSyncRepository",
    "repository",
    {**FIELDS, "name": _repository, "repository_link": "repositoryLinkId"},
    REPOSITORY,
    facts=FACTS,
    key="GitSyncRepository/{account}/{region}/{name}/{branch}",
)
EVENT_TYPES: Final = {
    f"{spelling} {subject} Sync Status Change": row
    for spelling in ("Git Sync", "GitSync")
    for subject, row in (("Repository", REPOSITORY_SYNC), ("Resource", STACK_SYNC))
}
