"""The particulars of Step Functions' events."""

import json

import pytest

from notifier.model.notification import Notification
from tests.notifier.sources.documented_events import READ, notification

EXECUTION = "arn:aws:states:us-east-2:123456789012:execution:state-machine-name:execution-name"


def execution(**detail: object) -> Notification:
    """Compose the notification of the documented failure with *detail*."""
    return notification({**READ["sf_failed"], "detail": {**READ["sf_failed"]["detail"], **detail}})


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        ("States.Timeout", None, "States.Timeout"),
        (None, "It broke.", "It broke."),
        ("ErrorCode", "An error occurred.", "ErrorCode: An error occurred."),
        ("E", """No '$.a' in the input '{"key": "s3cr3t"}'""", "E: No '$.a' in the input"),
        ("E", "Unable to apply $.x to input ['s3cr3t']", "E: Unable to apply $.x to input"),
        ("E", """It said '{"key": "s3cr3t"}'""", "E: It said"),
        ("E", 'Invalid path. Input: ["s3cr3t"]', "E: Invalid path. Input"),
        ("E", "The task returned the output 's3cr3t'", "E: The task returned the output"),
        ("E", 'Refused: payload="s3cr3t"', "E: Refused: payload"),
        ("E", "A template like {account} has no input", "E: A template like {account} has no input"),
        (
            "ValueError",
            json.dumps({"errorMessage": "no such order", "errorType": "ValueError", "stackTrace": ["s3cr3t"]}),
            "ValueError: no such order",
        ),
        (
            "States.TaskFailed",
            json.dumps({"Overrides": {"Environment": "s3cr3t"}, "StoppedReason": "Essential container exited"}),
            "States.TaskFailed: Essential container exited",
        ),
        ("States.TaskFailed", '{"Build": {"Environment": "s3cr3t"}}', "States.TaskFailed"),
        ("States.TaskFailed", '{"Build": {"Environment": "s3cr3t', "States.TaskFailed"),
        ("States.TaskFailed", '[{"Environment": "s3cr3t"}]', "States.TaskFailed"),
        ("E", json.dumps(json.dumps({"errorMessage": "no such order"})), "E: no such order"),
        ("E", "[ERROR] no such order", "E: [ERROR] no such order"),
        (None, None, None),
    ],
)
def test_error_and_cause_are_the_reason(error: str | None, cause: str | None, reason: str | None) -> None:
    """Of a cause in JSON, which may be cut, only the message is shown."""
    assert execution(error=error, cause=cause).reason == reason


def test_an_aborted_execution_says_why() -> None:
    """It is no failure, so it has no reason."""
    told = execution(status="ABORTED", error="Operator", cause="superseded by the run of today")

    assert ("Message", "Operator: superseded by the run of today") in {(fact.label, fact.value) for fact in told.facts}


@pytest.mark.parametrize(
    ("redrives", "severity", "headline"),
    [(0, "success", "succeeded"), (2, "recovered", "succeeded after a redrive"), (None, "success", "succeeded")],
)
def test_a_success_after_a_redrive_is_a_recovery(redrives: int | None, severity: str, headline: str) -> None:
    """Only an execution that failed is redriven."""
    told = execution(status="SUCCEEDED", redriveCount=redrives)

    assert (told.severity, told.headline) == (severity, headline)


@pytest.mark.parametrize(("status", "redrivable"), [("REDRIVABLE", True), ("NOT_REDRIVABLE", False), (None, False)])
def test_an_execution_that_can_be_redriven_comes_with_the_command(status: str | None, redrivable: bool) -> None:  # noqa: FBT001 - a row
    """Others have to be started again."""
    command = f"aws stepfunctions redrive-execution --execution-arn {EXECUTION} --region us-east-2"

    assert (execution(redriveStatus=status).command == command) is redrivable


def test_an_odd_arn_still_names_the_state_machine() -> None:
    """The documentation has ARNs with an empty part."""
    told = execution(stateMachineArn="arn:aws::states:us-east-2:123456789012:stateMachine:state-machine")

    assert told.title == "123456789012: execution state-machine/execution-name failed (us-east-2)"


def test_an_execution_names_its_state_machine() -> None:
    """Its ARN has the name, too."""
    told = execution(stateMachineArn=None)

    assert (told.name, told.recognised) == ("state-machine-name/execution-name", True)
    assert told.key == "StepFunctionsExecution/123456789012/us-east-2/state-machine-name"
