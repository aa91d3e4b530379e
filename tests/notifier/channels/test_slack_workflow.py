import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.slack.webhook import TEXT_LIMIT, SlackWorkflowChannel, variables
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.fakes.slack_limits import trigger_errors
from tests.clients import channel_clients
from tests.samples import NAMES, STUCK, STUCK_COMMAND, STUCK_LINK, STUCK_STEP, environment_event, event, notification

Opening = Callable[[Destination], SlackWorkflowChannel]
PLACE = Destination("alerts", "slack-workflow", (("webhook", "webhook"),))
FAILURE = notification(event("service-instance-deployment-failed"))
THREE = tuple(map(notification, map(event, ("service-created", "service-recovered", "service-update-failed"))))


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack on loopback."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[Opening]:
    """Open a channel whose secrets are in moto and which may post to loopback."""
    with mock_aws():
        yield partial(SlackWorkflowChannel, channel_clients())


def keep_secret(webhook: str) -> None:
    """Put *webhook* into the secret that the tests name."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="webhook", SecretString=webhook)


def test_the_variables_of_a_failure_read_like_this() -> None:
    """All of them, to the letter; a mention is a workflow's own affair."""
    assert variables((replace(FAILURE, mention="@here"),)) == {
        "count": "1",
        "severity": "failure",
        "title": "production: checkout/prod could not be deployed (eu-west-1)",
        "text": "Account: production (123456789012)\nRegion: eu-west-1",
        "account": "123456789012",
        "command": "-",
        "environment": "-",
        "link": "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout",
        "next_step": "Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; "
        "its deployment status message says the same. Fix what it names, then deploy again.",
        "previous_status": "IN_PROGRESS",
        "reason": "-",
        "region": "eu-west-1",
        "resource": "checkout/prod",
        "resource_type": "ServiceInstance",
        "service": "checkout",
        "status": "FAILED",
        "time": "2026-03-03 02:58:40 UTC",
    }


def test_the_variables_of_a_failure_with_its_reason_read_like_this() -> None:
    """The title ends with the reason; reason and command are variables of their own as well."""
    reason = "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2"

    assert variables((notification(STUCK),)) == {
        "count": "1",
        "severity": "failure",
        "title": f"production: stack checkout could not be updated, and the rollback failed: {reason}",
        "text": "Account: production (123456789012)\nRegion: eu-west-1",
        "account": "123456789012",
        "command": STUCK_COMMAND,
        "environment": "-",
        "link": STUCK_LINK,
        "next_step": STUCK_STEP,
        "previous_status": "-",
        "reason": reason,
        "region": "eu-west-1",
        "resource": "checkout",
        "resource_type": "CloudFormationStack",
        "service": "-",
        "status": "UPDATE_ROLLBACK_FAILED",
        "time": "2026-03-03 12:00:00 UTC",
    }


def test_a_reason_that_the_title_cannot_hold_is_the_first_line_of_the_text() -> None:
    """It is whole there; in a line of a digest it is cut."""
    told = replace(notification(STUCK), reason="x" * 300)
    title = "production: stack checkout could not be updated, and the rollback failed (eu-west-1)"

    alone, together = variables((told,)), variables((told, told))

    assert alone["title"] == title
    assert alone["text"].splitlines()[:2] == ["x" * 300, "Account: production (123456789012)"]
    assert together["text"].splitlines() == [f"failure: {title}: {'x' * 149}…"] * 2
    assert together["reason"] == "x" * 300


def test_a_digest_says_of_all_what_is_the_same_for_all() -> None:
    """The rest of the variables would be true of one alone."""
    together = variables(THREE)

    assert together["count"] == "3"
    assert together["severity"] == "failure"
    assert together["title"] == "1 failed in production: checkout; 1 recovered; 1 succeeded (3 events)"
    assert together["text"].splitlines() == [
        "failure: production: service checkout could not be updated (eu-west-1)",
        "recovered: production: service checkout is active after a failure (eu-west-1)",
        "success: production: service checkout is active (eu-west-1)",
    ]
    assert (together["region"], together["resource_type"]) == ("eu-west-1", "Service")
    assert (together["status"], together["time"]) == ("-", "-")


def test_a_routes_own_texts_take_the_place_of_the_built_in_ones() -> None:
    """As in every channel."""
    told = variables((replace(FAILURE, custom_title="Checkout is down", custom_body="Call\nAda."),))

    assert (told["title"], told["text"]) == ("Checkout is down", "Call\nAda.")


@pytest.mark.uncounted
def test_every_sample_starts_the_workflow(slack: FakeSlack, channel: Opening) -> None:
    """The workflow gets the variables, always all of them."""
    keep_secret(f"{slack.trigger_url}\n")
    told = [*((notification(event(name)),) for name in NAMES), THREE]

    notes = [channel(PLACE).send(each).note for each in told]

    assert slack.rejections == []
    assert slack.messages == [SlackWorkflowChannel.message(each, PLACE) for each in told]
    assert {tuple(message) for message in slack.messages} == {tuple(variables(THREE))}
    assert set(notes) == {""}


@given(text=st.text(max_size=300) | st.just("<!channel> <@U123> <https://x|y> &lt;!here&gt;"), count=st.integers(1, 80))
def test_whatever_comes_a_workflow_starts_with_it(text: str, count: int) -> None:
    """Each is a short text that is not empty, and nothing in it could be a mention."""
    composed = tuple(
        notification(environment_event(name=f"{text}{number}", status=text, previousStatus=text))
        for number in range(count)
    )

    told = variables(composed)

    assert list(trigger_errors(json.dumps(told).encode())) == []
    assert len(told["text"]) <= TEXT_LIMIT
    assert len(json.dumps(told)) < 40_000


@pytest.mark.parametrize(
    ("answer", "told", "reason"),
    [
        (
            FakeResponse(400, '{"ok":false,"error":"invalid_workflow_input"}'),
            "400 invalid_workflow_input",
            "misconfigured",
        ),
        (FakeResponse(404, '{"ok":false,"error":"trigger_not_found"}'), "404 trigger_not_found", Reason.GONE),
        (FakeResponse(200, '{"ok":false,"error":"workflow_not_published"}'), "200 workflow_not_pub", "misconfigured"),
        (FakeResponse(429, '{"ok":false,"error":"ratelimited"}'), "429 ratelimited", Reason.RATE_LIMITED),
        (FakeResponse(400, '{"ok":false,"error":"s3cr3t?"}'), "400 with an unknown body", Reason.REJECTED),
        (FakeResponse(200, ""), "200 with an unknown body", Reason.UNAVAILABLE),
    ],
    ids=lambda value: value.body if isinstance(value, FakeResponse) else "",
)
def test_a_no_has_its_reason(
    answer: FakeResponse,
    told: str,
    reason: str,
    slack: FakeSlack,
    channel: Opening,
) -> None:
    """A workflow that asks for what is not sent is mended by a person."""
    keep_secret(slack.trigger_url)
    slack.responses.append(answer)

    with pytest.raises(DeliveryError, match=f"^Slack answered {told}") as failed:
        channel(PLACE).send((FAILURE,))

    assert failed.value.reason == reason


def test_an_incoming_webhook_is_not_posted_to(slack: FakeSlack, channel: Opening) -> None:
    """It takes messages, no variables."""
    keep_secret(slack.url)

    with pytest.raises(DeliveryError, match=r"^the secret webhook does not hold the URL of a Slack workflow") as failed:
        channel(PLACE).send((FAILURE,))

    assert failed.value.reason is Reason.MISCONFIGURED
    assert slack.connections == 0
