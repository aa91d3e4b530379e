"""The results that AWS tells before a reminder; each answer has the shape of botocore's model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import time_machine

from handlers.aws import SERVICES
from notifier.inquiries import INQUIRIES, latest_result
from notifier.lookups import Lookups
from notifier.memory.changes import key_of
from notifier.model.composition import compose
from notifier.model.notification import Notification
from notifier.model.status_change import Reading, Recovery
from notifier.sources.envelope import Event
from notifier.sources.table import source_of
from tests.readers import Reader
from tests.samples import event, notification

Answers = list[tuple[str, dict[str, Any] | str]]

ACCOUNT: Final = "123456789012"
NOW: Final = datetime(2026, 3, 3, 14, tzinfo=UTC)
STACK: Final = "cloud-formation-stack-update-failed-and-was-rolled-back"
STACK_ARN: Final = notification(event(STACK)).arn
ALARM: Final = "cloud-watch-alarm-goes-off"
BUILD: Final = "code-build-build-failed"
BUILDS: Final = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:build/checkout-tests"
DEPLOYMENT: Final = "code-deploy-deployment-failed"
PIPELINE: Final = "code-pipeline-failed"
APPROVAL: Final = "code-pipeline-action-waits-for-approval"
SERVICE: Final = "ecs-deployment-failed"
EXECUTION: Final = "step-functions-execution-failed"


def at(minutes: int) -> datetime:
    """Return the time so many minutes after the reminder."""
    return NOW + timedelta(minutes=minutes)


def reminder(sample: str, **changes: Any) -> tuple[str, Notification]:  # noqa: ANN401 - any field
    """Return the key of the resource of *sample*, and a reminder of its failure."""
    raw = Event.model_validate(event(sample))
    key = key_of(source_of(raw).read(raw).change)
    return key, replace(notification(event(sample)), **{"event_id": "reminder/e-1/7", **changes})


def ask(sample: str, answers: Answers, **changes: Any) -> Reading | None:  # noqa: ANN401 - any field
    """Ask for the latest result."""
    return latest_result(Lookups(Reader(answers).reader, ACCOUNT, lambda: 0.0), *reminder(sample, **changes))


def stack_events(*events: tuple[str, int, str | None]) -> Answers:
    """Answer with events of the stack and of its resources, newest first."""
    listed = [
        {
            "StackId": STACK_ARN,
            "EventId": status,
            "StackName": "checkout-prod",
            "PhysicalResourceId": resource,
            "ResourceStatus": status,
            "Timestamp": at(minutes),
        }
        for status, minutes, resource in events
    ]
    return [("describe_stack_events", {"StackEvents": listed})]


def alarms(*states: tuple[str, dict[str, datetime]]) -> Answers:
    """Answer with alarms of the same name."""
    listed = [
        {"AlarmName": "checkout-prod-errors", "StateValue": state, "StateUpdatedTimestamp": at(-1), **times}
        for state, times in states
    ]
    return [("describe_alarms", {"MetricAlarms": listed})]


def builds(*found: tuple[str, str, int | None]) -> Answers:
    """Answer with builds by status, source version and end."""
    listed = [
        {
            "arn": f"{BUILDS}:{number}",
            "buildNumber": number,
            "buildStatus": status,
            "sourceVersion": version,
            "startTime": at(-50),
            **({"endTime": at(minutes)} if minutes else {}),
        }
        for number, (status, version, minutes) in enumerate(found)
    ]
    ids = [f"checkout-tests:{number}" for number in range(len(found))]
    return [("list_builds_for_project", {"ids": ids}), ("batch_get_builds", {"builds": listed})]


def group(creator: str = "user", **last: object) -> Answers:
    """Answer with a deployment group and its last deployment."""
    information = {"lastAttemptedDeployment": {"deploymentId": "d-2", **last}} if last else {}
    return [
        ("get_deployment_group", {"deploymentGroupInfo": information}),
        *([("get_deployment", {"deploymentInfo": {"creator": creator}})] if last.get("status") == "Succeeded" else []),
    ]


def pipeline_runs(*found: tuple[str, int], **fields: object) -> Answers:
    """Answer with executions of the pipeline."""
    listed = [
        {"pipelineExecutionId": f"run-{minutes}", "status": status, "lastUpdateTime": at(minutes), **fields}
        for status, minutes in found
    ]
    return [("list_pipeline_executions", {"pipelineExecutionSummaries": listed})]


def actions(*found: tuple[str, str]) -> Answers:
    """Answer with actions of the execution, by id and status."""
    listed = [
        {
            "actionExecutionId": action,
            "stageName": "Production",
            "actionName": "ApproveProduction",
            "status": status,
            "lastUpdateTime": at(-5),
        }
        for action, status in found
    ]
    return [("list_action_executions", {"actionExecutionDetails": listed})]


def service_deployments(*found: tuple[str, int | None]) -> Answers:
    """Answer with deployments of the service."""
    listed = [
        {"serviceDeploymentArn": f"{status}", "status": status, **({"finishedAt": at(minutes)} if minutes else {})}
        for status, minutes in found
    ]
    return [("list_service_deployments", {"serviceDeployments": listed})]


def runs(*found: tuple[str, int | None]) -> Answers:
    """Answer with executions of the state machine."""
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:nightly-settlement"
    listed = [
        {
            "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{status}",
            "stateMachineArn": machine,
            "name": status,
            "status": status,
            "startDate": at(-50),
            **({"stopDate": at(minutes)} if minutes else {}),
        }
        for status, minutes in found
    ]
    return [("list_executions", {"executions": listed})]


APPROVED: Final = "ca8e0a65-a023-50f5-af5a-2475829c2a73"


@pytest.mark.parametrize(
    ("sample", "answers", "headline", "minutes"),
    [
        (STACK, stack_events(("UPDATE_COMPLETE", -9, "db"), ("UPDATE_COMPLETE", -10, STACK_ARN)), "was updated", -10),
        (
            STACK,
            stack_events(
                ("UPDATE_IN_PROGRESS", -1, STACK_ARN),
                ("UPDATE_COMPLETE", -10, STACK_ARN),
                ("UPDATE_ROLLBACK_COMPLETE", -20, STACK_ARN),
            ),
            "was updated",
            -10,
        ),
        (STACK, stack_events(("DELETE_COMPLETE", -10, STACK_ARN)), "was deleted", -10),
        (ALARM, alarms(("OK", {"StateTransitionedTimestamp": at(-10)})), "is back to normal", -10),
        (ALARM, alarms(("OK", {})), "is back to normal", -1),
        (ALARM, alarms(), "no longer exists", 0),
        (ALARM, [("describe_alarms", {"MetricAlarms": [], "CompositeAlarms": []})], "no longer exists", 0),
        (
            BUILD,
            builds(("SUCCEEDED", "main", -2), ("IN_PROGRESS", "pr/412", None), ("SUCCEEDED", "pr/412", -10)),
            "succeeded",
            -10,
        ),
        (DEPLOYMENT, group(status="Succeeded", endTime=at(-10)), "was deployed", -10),
        (PIPELINE, pipeline_runs(("InProgress", -1), ("Failed", -20), ("Succeeded", -10)), "succeeded", -10),
        (DEPLOYMENT, group("codeDeployRollback", status="Succeeded", endTime=at(-10)), "was rolled back", -10),
        (
            PIPELINE,
            pipeline_runs(("Succeeded", -10), trigger={"triggerType": "ManualRollback"}),
            "was rolled back",
            -10,
        ),
        (APPROVAL, actions(("a-1", "Succeeded"), (APPROVED, "Succeeded")), "was approved", -5),
        (SERVICE, service_deployments(("IN_PROGRESS", None), ("SUCCESSFUL", -10)), "was deployed", -10),
        (EXECUTION, runs(("RUNNING", None), ("SUCCEEDED", -10)), "succeeded", -10),
    ],
)
def test_the_latest_result_is_read_as_its_event(sample: str, answers: Answers, headline: str, minutes: int) -> None:
    """With the time of the result, under the key of the resource, and with a note that AWS was asked."""
    with time_machine.travel(NOW, tick=False):
        reading = ask(sample, answers)

    assert reading
    told = compose(reading, {})
    assert (told.headline, told.occurred_at, told.event_id) == (headline, at(minutes), "asked/e-1/7")
    assert ("Known from", "AWS, which was asked before a reminder") in [(fact.label, fact.value) for fact in told.facts]
    assert (reading.change.recovery, told.recognised) == (Recovery.OWN, True)


@pytest.mark.parametrize(
    ("sample", "answers", "headline"),
    [
        (
            STACK,
            stack_events(("UPDATE_ROLLBACK_COMPLETE", -10, STACK_ARN)),
            "could not be updated, and was rolled back",
        ),
        (ALARM, alarms(("ALARM", {})), "is in alarm"),
        (BUILD, builds(("FAILED", "pr/412", -10)), "failed"),
        (DEPLOYMENT, group(status="Failed", endTime=at(-10)), "could not be deployed"),
        (PIPELINE, pipeline_runs(("Failed", -10), ("Succeeded", -20)), "failed"),
        (APPROVAL, actions((APPROVED, "Failed")), "was rejected, or expired"),
        (SERVICE, service_deployments(("ROLLBACK_SUCCESSFUL", -10), ("SUCCESSFUL", -20)), "could not be deployed"),
        (EXECUTION, runs(("TIMED_OUT", -10), ("SUCCEEDED", -20)), "ran out of time"),
    ],
)
def test_a_failure_is_a_result_too(sample: str, answers: Answers, headline: str) -> None:
    """It is newer than a success."""
    reading = ask(sample, answers)

    assert reading
    assert reading.meaning.headline == headline


@pytest.mark.parametrize(
    ("sample", "answers"),
    [
        (STACK, stack_events(("UPDATE_IN_PROGRESS", -1, STACK_ARN))),
        (STACK, [("describe_stack_events", "ValidationError")]),
        (ALARM, alarms(("INSUFFICIENT_DATA", {}))),
        (ALARM, [("describe_alarms", "AccessDenied")]),
        (BUILD, builds(("SUCCEEDED", "main", -10))),
        (BUILD, [("list_builds_for_project", {"ids": []})]),
        (DEPLOYMENT, group(status="InProgress")),
        (DEPLOYMENT, group()),
        (PIPELINE, pipeline_runs(("Superseded", -1))),
        (PIPELINE, pipeline_runs()),
        (APPROVAL, actions((APPROVED, "InProgress"), ("another", "Succeeded"))),
        (SERVICE, service_deployments(("STOPPED", -10))),
        (EXECUTION, runs(("ABORTED", -10))),
    ],
)
def test_there_may_be_no_result(sample: str, answers: Answers) -> None:
    """Then the reminder is sent."""
    assert ask(sample, answers) is None


def test_an_alarm_whose_name_may_have_changed_is_not_gone() -> None:
    """A notification shows two spaces as one."""
    assert ask(ALARM, alarms(), name="checkout prod errors") is None


def test_a_service_without_a_cluster_is_not_asked_about() -> None:
    """An old ARN names none."""
    assert ask(SERVICE, [], name="checkout") is None


@pytest.mark.parametrize(
    ("sample", "absent"),
    [("service-update-failed", ()), (STACK, ("account",)), (STACK, ("region",))],
)
def test_nobody_is_asked_who_cannot_answer(sample: str, absent: tuple[str, ...]) -> None:
    """Proton's API is gone, and an account or region may be unknown."""
    key, failed = reminder(sample)
    attributes = tuple(each for each in failed.attributes if each.name not in absent)
    reader = Reader([])

    result = latest_result(Lookups(reader.reader, ACCOUNT, lambda: 0.0), key, replace(failed, attributes=attributes))

    assert (result, reader.asked) == (None, [])


def test_resources_of_another_account_are_not_asked_about() -> None:
    """The function may only read in its own."""
    reader = Reader([])

    assert latest_result(Lookups(reader.reader, "210987654321", lambda: 0.0), *reminder(STACK)) is None
    assert reader.asked == []


def test_the_functions_know_each_service_that_is_asked() -> None:
    """Its model is read by the functions' own loader."""
    assert {service for service, *_ in INQUIRIES.values()} <= {*SERVICES}
