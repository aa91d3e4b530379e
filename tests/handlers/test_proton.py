import json

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.cloudformation.models import Event, cloudformation_backends
from pydantic import ValidationError

from notifier.delivery.delivery import Delivery
from notifier.settings import SettingsError
from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.function import LocalFunction
from tests.aws_calls import hooks
from tests.functions import VARIABLES, deploy, log_lines
from tests.samples import HEARTBEAT, SCHEDULED, TRIAL, event, trial_event


def function(**variables: str) -> LocalFunction:
    """Start the function with *variables* beside the usual ones."""
    return LocalFunction("handlers.events.handler", {**VARIABLES, **variables})


def test_an_invocation_answers_with_a_summary() -> None:
    """`sam local invoke` shows something worth reading."""
    assert function().invoke(event("environment-deletion-failed")) == {
        "id": "43004292-e324-5076-9cf5-75cc64e26b73",
        "severity": "failure",
        "title": "production: environment sample-environment could not be deleted (region_id)",
        "destinations": ["email", "slack"],
    }


def test_a_sweep_finds_nothing_due_where_nothing_is_remembered() -> None:
    """It sends no metric, which an idle stack would be billed for each hour."""
    started = function()

    answer = started.invoke({**SCHEDULED, "source": "notifier.sources.sweep", "detail-type": "Notifier Sweep"})

    assert answer == {"id": SCHEDULED["id"], "due": 0}
    assert "CloudWatchMetrics" not in started.log.getvalue()


def test_in_the_mode_print_the_messages_are_printed_at_once() -> None:
    """Both renderings are printed where nothing is sent."""
    started = function()

    started.invoke(event("environment-deletion-failed"))

    printed = started.log.getvalue()
    assert "--- would be sent to email ---\nSubject: FAILED: production: environment sample-environment" in printed
    assert '"text": "🔴 production: environment sample-environment could not be deleted (region_id)"' in printed


def test_in_the_mode_send_there_is_a_delivery_for_each_destination() -> None:
    """The deliveries wait in the queue, and nothing is sent yet."""
    with mock_aws():
        client = boto3.client("sqs", region_name=REGION)
        resources = deploy()
        started = function(**resources)

        started.invoke(event("service-update-failed"))

        messages = client.receive_message(QueueUrl=resources["DELIVERIES_QUEUE_URL"], MaxNumberOfMessages=10)[
            "Messages"
        ]
    deliveries = [Delivery.from_json(message["Body"]) for message in messages]
    assert sorted(delivery.destination for delivery in deliveries) == ["email", "slack"]
    assert {delivery.notification.title for delivery in deliveries} == {
        "production: service checkout could not be updated (eu-west-1)"
    }
    assert "would be sent" not in started.log.getvalue()


STACK = {
    "source": "aws.cloudformation",
    "detail-type": "CloudFormation Stack Status Change",
    "account": "123456789012",
    "region": REGION,
    "resources": [],
}


def failed(stack_id: str, event_id: str) -> dict[str, object]:
    """Make the event of a stack whose update fails."""
    detail = {"stack-id": stack_id, "status-details": {"status": "UPDATE_ROLLBACK_COMPLETE", "status-reason": ""}}
    return {**STACK, "id": event_id, "detail": detail}


def test_a_reason_that_aws_tells_is_in_the_delivery() -> None:
    """If AWS cannot be asked, the message is sent without the reason, and the log says why."""
    with mock_aws():
        queue = boto3.client("sqs", region_name=REGION)
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
        stack_id = boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName="checkout", TemplateBody=json.dumps(template)
        )["StackId"]
        stack = cloudformation_backends["123456789012"][REGION].get_stack("checkout")
        stack.events.append(
            Event(stack_id, "checkout", "Queue", "q-1", "AWS::SQS::Queue", "UPDATE_FAILED", "no such key", None)
        )
        resources = deploy()
        started = function(**resources, EXPLAIN_FAILURES="on")

        started.invoke(failed(stack_id, "known"))
        started.invoke(failed(stack_id.replace("checkout", "gone"), "gone"))

        received = queue.receive_message(QueueUrl=resources["DELIVERIES_QUEUE_URL"], MaxNumberOfMessages=10)
    told = {
        (found.event_id, found.reason)
        for found in (Delivery.from_json(message["Body"]).notification for message in received["Messages"])
    }
    assert told == {("known", "Queue (AWS::SQS::Queue) - no such key"), ("gone", None)}
    (line,) = [line for line in log_lines(started) if line["message"] == "no reason"]
    assert "gone" in str(line["error"])


@pytest.mark.parametrize(("status", "headline"), [(200, "was rolled back"), (503, "was deployed")])
def test_the_creator_of_a_deployment_tells_a_rollback(
    status: int, headline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If AWS cannot be asked, the deployment is a success as any other, and the log says why."""
    answer = {"deploymentInfo": {"creator": "codeDeployRollback"}, "Error": {"Code": "ServiceUnavailable"}}
    with mock_aws():
        events = hooks(monkeypatch)
        response = AWSResponse("", status, HTTPHeaders(), None)
        # The stubs know only of hooks that answer nothing.
        events.register("before-call.codedeploy.GetDeployment", lambda **_: (response, answer))  # type: ignore[arg-type]
        started = function(**deploy(), EXPLAIN_FAILURES="on")

        told = started.invoke(event("code-deploy-deployment-succeeded"))

    assert str(told["title"]).endswith(f"{headline} (eu-west-1)")
    assert [line["message"] for line in log_lines(started)].count("no creator") == (status == 503)


def test_what_nobody_asked_for_goes_nowhere() -> None:
    """A success is no problem; the summary and the log say that it went nowhere."""
    started = function()

    summary = started.invoke(event("service-created"))

    assert summary["destinations"] == []
    assert "would be sent" not in started.log.getvalue()
    assert "Routed" not in started.log.getvalue()


@pytest.mark.parametrize("mode", ["off", "silent", "message"])
def test_a_heartbeat_goes_to_every_destination_and_is_silent_unless_a_message_was_asked_for(mode: str) -> None:
    """Whatever the scope is, for it is about the way there; one by hand, where none is scheduled, disturbs nobody."""
    with mock_aws():
        client = boto3.client("sqs", region_name=REGION)
        resources = deploy()
        started = function(**resources, HEARTBEAT=mode)

        summary = started.invoke(HEARTBEAT)

        messages = client.receive_message(QueueUrl=resources["DELIVERIES_QUEUE_URL"], MaxNumberOfMessages=10)[
            "Messages"
        ]
    deliveries = [Delivery.from_json(message["Body"]) for message in messages]
    assert summary == {
        "id": HEARTBEAT["id"],
        "severity": "info",
        "title": "production: notifier heartbeat arrived: messages get through (eu-west-1)",
        "destinations": ["email", "slack"],
    }
    assert sorted(delivery.destination for delivery in deliveries) == ["email", "slack"]
    assert {delivery.silent for delivery in deliveries} == {mode != "message"}


def test_a_test_goes_by_the_routes_and_is_answered_with_their_reasons() -> None:
    """And with what else there is, so that who sends it knows what is not tried."""
    started = function()

    assert started.invoke(TRIAL) == {
        "id": TRIAL["id"],
        "severity": "failure",
        "title": "TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)",
        "destinations": ["email", "slack"],
        "silenced_by": None,
        "routes": [{"name": "default", "outcome": "matched", "key": None, "value": None}],
        "recipients": [
            {"destination": "email", "route": "default", "mention": None},
            {"destination": "slack", "route": "default", "mention": None},
        ],
        "known": {"email": "sns", "slack": "slack"},
        "error": "",
    }
    assert (
        "Subject: TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)"
        in started.log.getvalue()
    )


def test_a_test_that_no_route_wants_goes_nowhere_unless_places_are_named() -> None:
    """As an event of its severity would; past the routes it goes to what is named."""
    started = function()

    by_routes = started.invoke(trial_event(severity="success"))
    past_them = started.invoke(trial_event(severity="success", to=["slack"]))

    assert by_routes["destinations"] == []
    assert by_routes["routes"] == [
        {"name": "default", "outcome": "mismatched", "key": "match.severity", "value": "success"}
    ]
    assert past_them["destinations"] == ["slack"]
    assert past_them["recipients"] == [{"destination": "slack", "route": "past the routes", "mention": None}]


@pytest.mark.parametrize(("mode", "messages"), [("silent", 0), ("message", 2)])
def test_in_the_mode_print_a_silent_heartbeat_ends_in_the_function(mode: str, messages: int) -> None:
    """Nothing is printed of it."""
    started = function(HEARTBEAT=mode)

    started.invoke(HEARTBEAT)

    assert started.log.getvalue().count("would be sent") == messages


def test_one_line_of_log_tells_what_became_of_an_event() -> None:
    """A person can search for the resource and for the event's id."""
    started = function()

    started.invoke(event("service-instance-deployment-failed"))

    (line,) = log_lines(started)
    wanted = ("message", "correlation_id", "resource", "resource_type", "status", "severity", "destinations")
    assert {key: line[key] for key in wanted} == {
        "message": "routed",
        "correlation_id": event("service-instance-deployment-failed")["id"],
        "resource": "checkout/prod",
        "resource_type": "ServiceInstance",
        "status": "FAILED",
        "severity": "failure",
        "destinations": ["email", "slack"],
    }


def test_an_event_that_is_none_fails_the_invocation_and_names_what_is_missing() -> None:
    """Lambda retries it and then keeps it in the queue of failed events."""
    with pytest.raises(ValidationError, match=r"source\s+Field required[\s\S]*detail-type\s+Field required"):
        function().invoke({"hello": "world"})


def test_missing_configuration_fails_the_invocation() -> None:
    """The error names the variable."""
    with pytest.raises(SettingsError, match="ALERT_SCOPE"):
        function(ALERT_SCOPE="").invoke(event("service-created"))


@pytest.mark.parametrize("missing", ["DELIVERIES_QUEUE_URL", "ROUTES_PARAMETER", "SECRET_PREFIX"])
def test_in_the_mode_send_a_missing_resource_fails_the_invocation(missing: str) -> None:
    """The error names the variable, and the event is kept."""
    with mock_aws():
        started = function(**{**deploy(), missing: ""})

        with pytest.raises(SettingsError, match=missing):
            started.invoke(event("service-update-failed"))
