"""What becomes of deliveries when something fails, through the real functions in the local cloud.

moto hides a message for its visibility timeout in real time; what returns when is read from the function's log.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
import time_machine
from urllib3 import Timeout

from cli.local_cloud import LocalCloud
from cli.slack_standin import Answer, SlackStandIn
from notifier.delivery import Delivery
from tests.aws_calls import AwsCalls
from tests.samples import event, notification

TRANSIENT = {
    "429 with seconds": (Answer(429, "rate_limited", {"Retry-After": "30"}), "rate limited", (30, 30)),
    "429 with a date": (
        Answer(429, "rate_limited", {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        "rate limited",
        (3_600, 3_600),
    ),
    "429 without header": (Answer(429, "rate_limited"), "rate limited", (5, 10)),
    "500": (Answer(500, "rollup_error"), "unavailable", (5, 10)),
    "503": (Answer(503, ""), "unavailable", (5, 10)),
    "reset": (Answer(0, "", hangs_up=True), "unavailable", (5, 10)),
    "silence": (Answer(200, "ok", delay_seconds=1.5), "timed out", (5, 10)),
    "200 in other words": (Answer(200, "hello"), "unavailable", (5, 10)),
}
PERMANENT = {
    "400": (Answer(400, "invalid_payload"), "rejected"),
    "401": (Answer(401, "invalid_token"), "unauthorised"),
    "403": (Answer(403, "action_prohibited"), "unauthorised"),
    "404": (Answer(404, "no_service"), "gone"),
    "410": (Answer(410, "channel_is_archived"), "gone"),
    "413": (Answer(413, "too_large"), "rejected"),
}
SNS = {
    "Throttling": ("rate limited", False),
    "InternalError": ("unavailable", False),
    "KMSAccessDenied": ("unauthorised", True),
    "AuthorizationError": ("unauthorised", True),
    "NotFound": ("gone", True),
}
TOGETHER = pytest.mark.parametrize("count", [1, 3], ids=["single", "digest"])


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    """Run a stand-in for Slack, with little patience on our side."""
    monkeypatch.setattr("notifier.webhooks.TIMEOUT", Timeout(connect=1, read=1))
    with SlackStandIn() as running:
        yield running


@pytest.fixture
def cloud(slack: SlackStandIn) -> Iterator[LocalCloud]:
    """Deploy a stack of its own for each fault."""
    with LocalCloud(slack.url) as running:
        yield running


@pytest.fixture
def aws(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> AwsCalls:
    """Make hooks for the clients that the functions make at their first invocation."""
    assert cloud.delivery.log.getvalue() == ""
    return AwsCalls(monkeypatch)


def bodies(count: int, destination: str) -> list[str]:
    """Make deliveries of different events."""
    composed = [notification({**event("service-update-failed"), "id": str(uuid4())}) for _ in range(count)]
    return [Delivery(notification=entry, destination=destination).model_dump_json() for entry in composed]


def put_off(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Read from the log what is to come back, when and why."""
    lines = (json.loads(line) for line in cloud.delivery.log.getvalue().splitlines())
    return [line for line in lines if line.get("message") == "not sent"]


def given_up(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Take what lies in the queue of failed deliveries: bodies and reasons."""
    answer = boto3.client("sqs").receive_message(
        QueueUrl=cloud.physical_id("FailedDeliveries"), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [
        (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
        for message in answer.get("Messages", [])
    ]


@TOGETHER
@pytest.mark.parametrize("fault", TRANSIENT)
def test_slack_that_fails_for_now_is_tried_again_later(
    fault: str, count: int, cloud: LocalCloud, slack: SlackStandIn
) -> None:
    """Nothing counts as sent, everything is back in its queue at the right time, and the email is out."""
    answer, reason, (soonest, latest) = TRANSIENT[fault]
    slack.answers.append(answer)

    cloud.enqueue(*bodies(count, "slack"), *bodies(1, "email"))

    waiting = put_off(cloud)
    assert len(cloud.emails()) == 1
    assert slack.messages == []
    assert [line["reason"] for line in waiting] == [reason] * count
    assert [line for line in waiting if not soonest <= line["seconds"] <= latest] == []
    assert cloud.depth("Deliveries") == count
    assert cloud.depth("FailedDeliveries") == 0


@TOGETHER
@pytest.mark.parametrize("fault", PERMANENT)
def test_slack_that_fails_for_good_is_given_up_with_the_reason(
    fault: str, count: int, cloud: LocalCloud, slack: SlackStandIn
) -> None:
    """Each delivery lies where a person looks for it, at once, whole, and with the reason."""
    answer, reason = PERMANENT[fault]
    slack.answers.extend([answer] * (count + 1))
    lost = bodies(count, "slack")

    cloud.enqueue(*lost, *bodies(1, "email"))

    assert len(cloud.emails()) == 1
    assert slack.messages == []
    assert sorted(given_up(cloud)) == sorted((body, reason) for body in lost)
    assert cloud.depth("Deliveries") == 0


def test_slack_that_answers_too_late_has_the_message_and_gets_it_again(cloud: LocalCloud, slack: SlackStandIn) -> None:
    """Nobody can know from a time-out whether the message was posted; rather twice than never."""
    taken = slack.answer

    def late(path: str, body: bytes) -> Answer:
        taken(path, body)
        return Answer(200, "ok", delay_seconds=1.5)

    slack.answer = late  # type: ignore[method-assign]

    cloud.enqueue(*bodies(1, "slack"))

    assert len(slack.messages) == 1
    assert [line["reason"] for line in put_off(cloud)] == ["timed out"]


def test_slack_that_refuses_connections_is_tried_again_later(cloud: LocalCloud, slack: SlackStandIn) -> None:
    """Nobody listens any more."""
    slack.__exit__()

    cloud.enqueue(*bodies(1, "slack"), *bodies(1, "email"))
    slack.__init__()  # type: ignore[misc] # so that the fixture can close it
    slack.__enter__()

    assert len(cloud.emails()) == 1
    assert [line["reason"] for line in put_off(cloud)] == ["unavailable"]


@TOGETHER
@pytest.mark.parametrize("code", SNS)
def test_sns_that_fails_holds_up_nobody_else(
    code: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn
) -> None:
    """The reason decides between later and never, and Slack has its message."""
    reason, permanent = SNS[code]
    status = 500 if code == "InternalError" else 400
    refusal = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    aws.answer("sns.Publish", lambda _body: refusal)

    cloud.enqueue(*bodies(count, "email"), *bodies(1, "slack"))

    assert len(slack.messages) == 1
    assert cloud.emails() == []
    assert cloud.depth("FailedDeliveries") == (count if permanent else 0)
    assert cloud.depth("Deliveries") == (0 if permanent else count)
    assert {why for _, why in given_up(cloud)} | {line["reason"] for line in put_off(cloud)} == {reason}


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_without_the_ledger_everything_waits(code: str, aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn) -> None:
    """Rather late than twice."""
    aws.answer("dynamodb.PutItem", lambda _body: {"Error": {"Code": code, "Message": "No."}})

    cloud.enqueue(*bodies(2, "slack"), *bodies(2, "email"))

    assert cloud.emails() == []
    assert slack.messages == []
    assert cloud.depth("Deliveries") == 4


@pytest.mark.parametrize(("code", "lost"), [("ResourceNotFoundException", 1), ("InternalServiceError", 0)])
def test_an_unreadable_secret_stops_slack_alone(
    code: str, lost: int, aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn
) -> None:
    """A secret that is not there is for a person to create; one that cannot be read now may be later."""
    aws.answer("secretsmanager.GetSecretValue", lambda _body: {"Error": {"Code": code, "Message": "No."}})

    cloud.enqueue(*bodies(1, "slack"), *bodies(1, "email"))

    assert len(cloud.emails()) == 1
    assert slack.messages == []
    assert cloud.depth("FailedDeliveries") == lost
    assert cloud.depth("Deliveries") == 1 - lost


def test_what_cannot_even_be_given_up_comes_back(aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn) -> None:
    """If the queue of failed deliveries does not take it, the first queue keeps it."""
    aws.refuse("sqs.SendMessage")
    slack.answers.append(Answer(404, "no_service"))

    boto3.client("sqs").send_message_batch(
        QueueUrl=cloud.physical_id("Deliveries"), Entries=[{"Id": "0", "MessageBody": bodies(1, "slack")[0]}]
    )
    cloud.enqueue()

    assert cloud.depth("Deliveries") == 1
    assert "and not kept" in put_off(cloud)[0]["why"]


def test_what_cannot_be_put_off_comes_back_by_itself(aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn) -> None:
    """The queue's own visibility timeout is the last resort."""
    aws.refuse("sqs.ChangeMessageVisibilityBatch")
    slack.answers.append(Answer(503, ""))

    cloud.enqueue(*bodies(1, "slack"))

    assert cloud.depth("Deliveries") == 1
    assert '"could not be put off"' in cloud.delivery.log.getvalue()


@pytest.mark.parametrize("answers", [[], [Answer(429, "rate_limited", {"Retry-After": "30"})]], ids=["sent", "put off"])
def test_a_bug_in_one_channel_stops_no_other_destination(
    answers: list[Answer], aws: AwsCalls, cloud: LocalCloud, slack: SlackStandIn
) -> None:
    """What was sent, put off or given up is so, once, at its own time; what met the bug comes back a while later."""
    published: list[object] = []

    def bug(_request: object) -> dict[str, Any]:
        message = "a bug"
        raise RuntimeError(message)

    def publish(request: object) -> dict[str, Any]:
        published.append(request)
        return {"MessageId": "m"}

    slack.answers.extend(answers)
    lost = bodies(1, "pager")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        aws.answer("sns.Publish", bug)
        with pytest.raises(ExceptionGroup):
            cloud.enqueue(*bodies(1, "email"), *bodies(1, "slack"), *lost)
        waiting = cloud.depth("Deliveries")
        aws.answer("sns.Publish", publish)
        clock.shift(31)
        cloud.enqueue()
        told_in_time = (len(slack.messages), len(published))
        clock.shift(360)
        cloud.enqueue()

        assert waiting == 1 + len(answers)
        assert told_in_time == (1, 0)
        assert (len(slack.messages), len(published)) == (1, 1)
        assert given_up(cloud) == [(lost[0], "misconfigured")]
        assert cloud.depth("Deliveries") == 0
