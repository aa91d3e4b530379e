"""Ask AWS for the status of a resource before a reminder of its failure, because the event of its recovery may be lost.

An answer is turned into the event that the service would have sent, so that the event's source reads it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from notifier.lookups import Lookups
from notifier.memory.changes import entry_of, key_of
from notifier.memory.history import RESULTS
from notifier.model.notification import Notification
from notifier.model.status_change import Fact, Reading, Recovery
from notifier.sources.envelope import Event
from notifier.sources.table import source_of

KNOWN_FROM: Final = Fact("Known from", "AWS, which was asked before a reminder")
# Of the latest executions or builds.
LIMIT: Final = 20
# The statuses in events by those in answers; no other status is a result.
CODE_DEPLOY: Final = {"Failed": "FAILURE", "Succeeded": "SUCCESS"}
CODE_PIPELINE: Final = {"Failed": "FAILED", "Succeeded": "SUCCEEDED"}
ECS: Final = {
    "ROLLBACK_FAILED": "SERVICE_DEPLOYMENT_FAILED",
    "ROLLBACK_SUCCESSFUL": "SERVICE_DEPLOYMENT_FAILED",
    "SUCCESSFUL": "SERVICE_DEPLOYMENT_COMPLETED",
}

# The time of a status, and the detail of its event.
Status = tuple[datetime, Mapping[str, object]]
Inquiry = Callable[[Any, Notification], Iterable[Status]]


def latest_result(lookups: Lookups, key: str, reminder: Notification) -> Reading | None:
    """Return the latest result of the resource *key*; None if AWS cannot be asked or has none."""
    if (found := INQUIRIES.get(key.partition("/")[0])) is None:
        return None
    service, detail_type, inquiry = found
    account, region = reminder.values.get("account"), reminder.values.get("region", "")

    def lookup(client: Any) -> Reading | None:  # noqa: ANN401 - botocore's
        newest_first = sorted(inquiry(client, reminder), key=lambda status: status[0], reverse=True)
        readings = (_read(detail_type, *status, reminder) for status in newest_first)
        # A build of a pull request has another key than the project's other builds.
        own = (reading for reading in readings if key_of(reading.change) == key)
        return next((reading for reading in own if entry_of(reading, 0).kind in RESULTS), None)

    return lookups.ask(service, region, lookup) if lookups.can_ask(account, region) else None


def _read(detail_type: str, at: datetime, detail: Mapping[str, object], reminder: Notification) -> Reading:
    raw = {
        **{name: reminder.values.get(name) for name in ("account", "region", "source")},
        # A repeated sweep makes the same id, as for its reminder.
        "id": f"asked/{reminder.event_id.partition('/')[2]}",
        "detail-type": detail_type,
        "time": at.isoformat(),
        "resources": [reminder.arn],
        "detail": detail,
    }
    event = Event.model_validate(raw)
    reading = source_of(event).read(event)
    # Unlike an event, an answer distinguishes the end of a rollback from a success.
    change = replace(reading.change, recovery=Recovery.OWN, facts=(*reading.change.facts, KNOWN_FROM))
    return replace(reading, change=change)


def _alarm(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    name = reminder.name
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    alarms = [*found["MetricAlarms"], *found.get("CompositeAlarms", ())]
    for each in alarms:
        at = each.get("StateTransitionedTimestamp") or each["StateUpdatedTimestamp"]
        yield at, {"alarmName": name, "state": {"value": each["StateValue"]}}
    # A notification shows several spaces as one, so the real name of the alarm may differ.
    if not alarms and " " not in name:
        yield datetime.now(UTC), {"alarmName": name, "state": {"value": "DELETED"}}


def _approval(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    pipeline, operation = reminder.name.partition("/")[0], reminder.values["operation"]
    found = client.list_action_executions(pipelineName=pipeline, filter={"pipelineExecutionId": operation})
    for each in found["actionExecutionDetails"]:
        detail = {
            "pipeline": pipeline,
            "execution-id": operation,
            "stage": each["stageName"],
            "action": each["actionName"],
            "action-execution-id": each["actionExecutionId"],
            "state": CODE_PIPELINE.get(each["status"]),
            "type": {"category": "Approval"},
        }
        yield each["lastUpdateTime"], detail


def _build(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    project = reminder.name.partition(" #")[0]
    ids = client.list_builds_for_project(projectName=project)["ids"][:LIMIT]
    for each in client.batch_get_builds(ids=ids)["builds"] if ids else ():
        information = {"build-number": each.get("buildNumber"), "source-version": each.get("sourceVersion")}
        detail = {
            "build-id": each["arn"],
            "build-status": each["buildStatus"],
            "project-name": project,
            "additional-information": information,
        }
        yield each.get("endTime", each["startTime"]), detail


def _deployment(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    application, _, group = reminder.name.partition("/")
    found = client.get_deployment_group(applicationName=application, deploymentGroupName=group)["deploymentGroupInfo"]
    last = found.get("lastAttemptedDeployment", {})
    if state := CODE_DEPLOY.get(last.get("status")):
        succeeded = client.get_deployment(deploymentId=last["deploymentId"]) if state == "SUCCESS" else {}
        creator = succeeded.get("deploymentInfo", {}).get("creator")
        names = {"application": application, "deploymentGroup": group, "creator": creator}
        yield last["endTime"], {**names, "deploymentId": last["deploymentId"], "state": state}


def _execution(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    machine = str(reminder.arn).rpartition(":")[0].replace(":execution:", ":stateMachine:")
    for each in client.list_executions(stateMachineArn=machine, maxResults=LIMIT)["executions"]:
        yield each.get("stopDate", each["startDate"]), each


def _pipeline(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    pipeline = reminder.name.partition("/")[0]
    found = client.list_pipeline_executions(pipelineName=pipeline, maxResults=LIMIT)
    for each in found["pipelineExecutionSummaries"]:
        detail = {
            "pipeline": pipeline,
            "execution-id": each["pipelineExecutionId"],
            "execution-trigger": {"trigger-type": each.get("trigger", {}).get("triggerType")},
            "state": CODE_PIPELINE.get(each["status"]),
        }
        yield each["lastUpdateTime"], detail


def _service(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    # An old ARN names no cluster.
    cluster, _, name = reminder.name.partition("/")
    found = client.list_service_deployments(cluster=cluster, service=name)["serviceDeployments"] if name else ()
    for each in found:
        if event_name := ECS.get(each["status"]):
            yield each["finishedAt"], {"deploymentId": each["serviceDeploymentArn"], "eventName": event_name}


def _stack(client: Any, reminder: Notification) -> Iterable[Status]:  # noqa: ANN401 - botocore's
    """List the events of the stack itself, which AWS keeps for 90 days after its deletion."""
    for each in client.describe_stack_events(StackName=reminder.arn)["StackEvents"]:
        if each.get("PhysicalResourceId") == reminder.arn:
            detail = {"stack-id": reminder.arn, "status-details": {"status": each["ResourceStatus"]}}
            yield each["Timestamp"], {**detail, "client-request-token": each.get("ClientRequestToken")}


# By the first part of the resource's key: the service to ask, the detail-type of its events, and the inquiry.
INQUIRIES: Final[Mapping[str, tuple[str, str, Inquiry]]] = {
    "CloudFormationStack": ("cloudformation", "CloudFormation Stack Status Change", _stack),
    "CloudWatchAlarm": ("cloudwatch", "CloudWatch Alarm State Change", _alarm),
    "CodeBuildBuild": ("codebuild", "CodeBuild Build State Change", _build),
    "CodeDeployDeployment": ("codedeploy", "CodeDeploy Deployment State-change Notification", _deployment),
    "CodePipeline": ("codepipeline", "CodePipeline Pipeline Execution State Change", _pipeline),
    "CodePipelineAction": ("codepipeline", "CodePipeline Action Execution State Change", _approval),
    "EcsService": ("ecs", "ECS Deployment State Change", _service),
    "StepFunctionsExecution": ("stepfunctions", "Step Functions Execution Status Change", _execution),
}
