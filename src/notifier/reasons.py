"""Ask AWS for the reason of a failure, or the creator of a deployment, if the event does not contain it.

The reason is optional: there is one attempt of at most two seconds, and an error leaves the message unchanged. Each
lookup asks for the operation of the event, because the reason of another operation would mislead.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final

from notifier.lookups import Lookups
from notifier.model.status_change import StatusChange

# The clocks of events and of the API differ by less than this.
CLOCKS_DIFFER: Final = timedelta(seconds=2)
# Reasons of resources that were stopped because another resource failed.
CONSEQUENCES: Final = ("Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled")
# In an event of the stack about itself, the first field is only a summary.
REASON_FIELDS: Final = ("ResourceStatusReason", "HookStatusReason", "ValidationStatusReason")
# A hook or a check that only warns does not stop the operation.
FAILURE_MODES: Final = ("HookFailureMode", "ValidationFailureMode")
STACK_TYPE: Final = "AWS::CloudFormation::Stack"
# The first event of an operation on a stack.
STARTS: Final = frozenset({"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "UPDATE_IN_PROGRESS"})


Lookup = Callable[[Any, StatusChange], str | None]


def reason(lookups: Lookups, change: StatusChange) -> str | None:
    """Return the reason of *change* in the service's own words; None if no answer comes in time."""
    can_ask = change.resource_type in LOOKUPS and change.arn and lookups.can_ask(change.account, change.region)
    return _asked(lookups, change) if can_ask else None


def creator(lookups: Lookups, change: StatusChange) -> str | None:
    """Return the creator of the deployment of *change*; None if no answer comes in time."""

    def lookup(client: Any) -> str | None:  # noqa: ANN401 - botocore's
        found: str | None = client.get_deployment(deploymentId=change.operation)["deploymentInfo"].get("creator")
        return found

    can_ask = lookups.can_ask(change.account, change.region)
    return lookups.ask("codedeploy", str(change.region), lookup) if can_ask else None


# Lambda mostly retries an event in the same container.
@lru_cache(maxsize=1)
def _asked(lookups: Lookups, change: StatusChange) -> str | None:
    service, lookup = LOOKUPS[change.resource_type]
    return lookups.ask(service, str(change.region), lambda client: lookup(client, change))


def _stack(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    # The first failure started the rollback; the last one stopped it.
    last = str(change.status).endswith("ROLLBACK_FAILED")
    return _failure(client, str(change.arn), change.occurred_at, last=last, nested=True)


def _failure(client: Any, stack_id: str, until: datetime | None, *, last: bool, nested: bool) -> str | None:  # noqa: ANN401
    """Find the first or last failure of the operation before *until*, or the one in the nested stack that failed."""
    for event in sorted(_failures(client, stack_id), key=lambda event: event["Timestamp"], reverse=last):
        late = until is not None and event["Timestamp"] > until + CLOCKS_DIFFER
        own = event.get("PhysicalResourceId") == stack_id
        reason = next(filter(None, (event.get(key) for key in (REASON_FIELDS[1:] if own else REASON_FIELDS))), "")
        if late or not reason or reason.startswith(CONSEQUENCES) or "WARN" in map(event.get, FAILURE_MODES):
            continue
        if nested and event.get("ResourceType") == STACK_TYPE and event.get("PhysicalResourceId") and not own:
            return _failure(client, event["PhysicalResourceId"], until, last=last, nested=False) or reason
        # A hook or a check before the deployment may concern no resource.
        checked = event.get("LogicalResourceId") or event.get("HookType") or event.get("ValidationName")
        subject = f"{checked} ({event['ResourceType']})" if event.get("ResourceType") else checked
        return f"{subject} - {reason}" if subject else reason
    return None


def _failures(client: Any, stack_id: str) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - botocore's
    """List the failed events of the stack's latest operation."""
    (stack,) = client.describe_stacks(StackName=stack_id)["Stacks"]
    operations = {operation["OperationId"] for operation in stack.get("LastOperations", ())}
    # The runtime's botocore, the region or the role may lack DescribeEvents.
    if operations and hasattr(client, "describe_events"):
        with suppress(client.exceptions.ClientError):
            response = client.describe_events(StackName=stack_id, Filters={"FailedEvents": True})
            return iter([event for event in response["OperationEvents"] if event.get("OperationId") in operations])
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    newest_first = (event for page in pages for event in page["StackEvents"])

    def later_than_its_start(event: Mapping[str, Any]) -> bool:
        return event["PhysicalResourceId"] != stack_id or event["ResourceStatus"] not in STARTS

    return (
        event for event in takewhile(later_than_its_start, newest_first) if event["ResourceStatus"].endswith("FAILED")
    )


def _pipeline(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    response = client.list_action_executions(
        pipelineName=str(change.name).split("/")[0], filter={"pipelineExecutionId": change.operation}
    )
    for action in response["actionExecutionDetails"]:
        result = action.get("output", {}).get("executionResult", {})
        words = result.get("errorDetails", {}).get("message") or result.get("externalExecutionSummary")
        # A retry of the stage belongs to the same execution.
        later = change.occurred_at and action.get("startTime", change.occurred_at) > change.occurred_at + CLOCKS_DIFFER
        if action["status"] == "Failed" and words and not later:
            return f"{action['stageName']}/{action['actionName']} - {words}"
    return None


def _deployment(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    found = client.get_deployment(deploymentId=change.operation)["deploymentInfo"]
    words: str | None = found.get("errorInformation", {}).get("message")
    return words or found.get("rollbackInfo", {}).get("rollbackMessage")


def _service(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    """Read why tasks of the deployment stopped; ECS keeps this for an hour, and an old ARN names no cluster."""
    cluster, _, service = str(change.name).partition("/")
    if not service:
        return None
    listed = client.list_tasks(cluster=cluster, serviceName=service, desiredStatus="STOPPED", maxResults=10)["taskArns"]
    tasks = client.describe_tasks(cluster=cluster, tasks=listed)["tasks"] if listed else []
    for task in tasks:
        if task.get("startedBy") == change.operation:
            causes = filter(None, map(_container, task.get("containers", ())))
            return "; ".join(causes) or task.get("stoppedReason")
    return None


def _hook(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    (found,) = client.describe_service_deployments(serviceDeploymentArns=[change.operation])["serviceDeployments"]
    words: str | None = found.get("statusReason")
    return words or found.get("rollback", {}).get("reason")


def _container(container: Mapping[str, Any]) -> str | None:
    if container.get("reason"):
        return f"{container['name']} - {container['reason']}"
    return f"{container['name']} ended with exit code {container['exitCode']}" if container.get("exitCode") else None


def _git_sync(client: Any, change: StatusChange) -> str | None:  # noqa: ANN401 - botocore's
    resource = {"ResourceName": change.name, "SyncType": "CFN_STACK_SYNC"}
    sync = client.get_resource_sync_status(**resource)["LatestSync"]
    if sync["TargetRevision"]["Sha"] != change.operation:
        return None
    blockers = client.get_sync_blocker_summary(**resource)["SyncBlockerSummary"].get("LatestBlockers", ())
    active = (blocker["CreatedReason"] for blocker in blockers if blocker["Status"] == "ACTIVE")
    return next(active, None) or next((event["Event"] for event in reversed(sync["Events"])), None)


# By resource type: the service to ask, and the lookup.
LOOKUPS: Final[Mapping[str, tuple[str, Lookup]]] = {
    "CloudFormationStack": ("cloudformation", _stack),
    "CodeDeployDeployment": ("codedeploy", _deployment),
    "CodePipeline": ("codepipeline", _pipeline),
    "EcsDeployment": ("ecs", _service),
    "EcsHook": ("ecs", _hook),
    "GitSyncStack": ("codeconnections", _git_sync),
}
