"""Whole paths through the real template, deployed into moto.

moto does not know IAM's judgement, the queue policy, the asynchronous invocation's retries and its destination,
or an email's confirmation; those are held by tests/test_template.py. It hides a failed delivery for the
visibility timeout in real time, so that what comes back is not awaited here.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from notifier.channels.slack import message as slack_messages
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from tests.bus import BusEvent, put_event
from tests.local_cloud import LocalCloud
from tests.samples import NAMES, TRIAL, event, notification

FAILURE = event("service-instance-deployment-failed")


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack for all the stacks of this module."""
    with FakeSlack() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy the template with its default scope."""
    with LocalCloud(slack.url) as cloud:
        yield cloud


@pytest.fixture
def cloud(deployed: LocalCloud, slack: FakeSlack) -> LocalCloud:
    """Empty what an earlier test left, and what would come back in a while."""
    boto3.client("sqs").purge_queue(QueueUrl=deployed.physical_id("Deliveries"))
    deployed.emails()
    deployed.failures.clear()
    deployed.forget()
    slack.messages.clear()
    slack.rejections.clear()
    return deployed


def put(cloud: LocalCloud, raw: dict[str, Any]) -> None:
    """Put *raw* on the stack's bus."""
    put_event(cloud, BusEvent(raw["source"], raw["detail-type"], raw["detail"], raw.get("resources", [])))
    cloud.event_source.hand_over_all()


def test_a_failure_on_the_bus_becomes_an_email_and_a_slack_message(cloud: LocalCloud, slack: FakeSlack) -> None:
    """The main job: from the bus, through both functions, to both destinations."""
    waiting = len(cloud.queue("Deliveries").bodies)

    put(cloud, FAILURE)

    (email,) = cloud.emails()
    (message,) = slack.messages
    title = "production: checkout/prod could not be deployed (eu-west-1)"
    assert email.subject == f"FAILED: {title}"
    assert email.body.startswith(f"{title}.\n\nWhat to do:\n1. ")
    assert email.attributes["severity"] == "failure"
    assert message["blocks"][0]["text"]["text"] == f"🔴 {title}"
    assert not cloud.failures
    assert not slack.rejections
    assert len(cloud.queue("Deliveries").bodies) == waiting


@pytest.mark.parametrize(
    ("source", "detail_type", "detail"),
    [
        ("aws.proton", "AWS API Call via CloudTrail", {"eventSource": "proton.amazonaws.com"}),
        ("aws.cloudformation", "AWS Proton Service Status Change", FAILURE["detail"]),
        ("com.example", "AWS Proton Service Instance Status Change", FAILURE["detail"]),
        (TRIAL["source"], TRIAL["detail-type"], TRIAL["detail"]),
        ("aws.proton", "aws proton Service Instance Status Change", FAILURE["detail"]),
    ],
)
def test_the_rule_leaves_out_what_is_no_status_change(
    source: str, detail_type: str, detail: dict[str, Any], cloud: LocalCloud, slack: FakeSlack
) -> None:
    """CloudTrail's events of Proton, those of other sources, and tests on the bus do not reach the function."""
    assert put_event(cloud, BusEvent(source, detail_type, detail)) == []
    assert not cloud.emails()
    assert not slack.messages


def test_what_is_no_problem_is_not_sent_by_default(cloud: LocalCloud, slack: FakeSlack) -> None:
    """Nobody is told of successes who did not ask for them."""
    put(cloud, event("service-created"))

    assert not cloud.emails()
    assert not slack.messages


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NAMES)
def test_every_sample_event_arrives_as_it_was_composed(name: str, cloud: LocalCloud, slack: FakeSlack) -> None:
    """The functions, given the file itself, send what the engine makes of it, to all or to none."""
    raw = {**event(name), "id": f"e2e-{name}"}  # Two samples share an id, and what was sent once is not sent again.
    composed = notification(raw)

    summary = cloud.invoke(raw)

    assert summary is not None
    assert (summary["id"], summary["title"]) == (composed.event_id, composed.title)
    assert slack.messages == [slack_messages.render(composed) for place in summary["destinations"] if place == "slack"]
    assert len(cloud.emails()) == summary["destinations"].count("email")
    assert not cloud.failures
    assert not slack.rejections


@pytest.mark.uncounted
@pytest.mark.parametrize(
    "detail",
    [
        {"name": "<!channel> <@U1> <https://evil.example|click> &lt;", "status": "FAILED"},
        {"name": "quotes \" and ' and }} and \\", "status": "FAILED"},
        {"name": "two\r\nlines\x00\x1b[2J", "status": "FAILED"},
        {"name": "🔥" * 50, "status": "FAILED", "previousStatus": "👩‍🚒"},
        {"name": "n" * 100, "serviceName": "s" * 100, "status": "FAILED"},
        {"name": "", "serviceName": "", "status": "", "previousStatus": ""},
        {"name": "n", "serviceName": "s", "status": "S" * 200_000},
        {"name": "<" * 200_000, "serviceName": "&" * 200_000, "status": "FAILED"},
    ],
    ids=["markup", "quotes", "control", "emoji", "longest", "empty", "huge status", "huge names"],
)
def test_odd_and_hostile_text_arrives_as_text(detail: dict[str, str], cloud: LocalCloud, slack: FakeSlack) -> None:
    """Slack takes the payload, SNS the subject, and neither finds anything to act on."""
    cloud.invoke({**FAILURE, "id": str(uuid4()), "detail": detail})

    (email,) = cloud.emails()
    (message,) = slack.messages
    texts = [message["text"], message["blocks"][0]["text"]["text"]]
    assert not cloud.failures
    assert not slack.rejections
    assert 1 <= len(email.subject) <= 99
    assert email.subject.isascii()
    assert email.subject.isprintable()
    assert not [text for text in texts if "<" in text or ">" in text]


def test_an_event_that_is_none_fails_and_sends_nothing(cloud: LocalCloud, slack: FakeSlack) -> None:
    """The invocation fails, which makes Lambda retry it and then keep it."""
    assert cloud.invoke({"hello": "world"}) is None

    assert "detail-type\n  Field required" in cloud.failures[0]
    assert not cloud.emails()
    assert not slack.messages


@pytest.mark.parametrize("answer", [FakeResponse(429, "rate_limited", {"Retry-After": "1"}), FakeResponse(503, "")])
def test_a_refusing_slack_loses_nothing_and_does_not_hold_up_the_email(
    answer: FakeResponse, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """The email is out, the delivery to Slack is back in its queue, and nothing claims that it was sent."""
    slack.responses.append(answer)
    waiting = len(cloud.queue("Deliveries").bodies)

    put(cloud, FAILURE)

    assert len(cloud.emails()) == 1
    assert slack.messages == []
    assert len(cloud.failures) == 1
    assert len(cloud.queue("Deliveries").bodies) == waiting + 1
