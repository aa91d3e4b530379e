"""Deliveries when something fails, through the real functions in the local cloud.

moto hides a message for its visibility timeout in real time; what returns when is read from the function's log.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, cycle
from threading import Event
from typing import Any, ClassVar
from uuid import uuid4

import boto3
import pytest
import time_machine
from botocore.exceptions import BotoCoreError, EndpointConnectionError, ReadTimeoutError
from urllib3 import Timeout

from notifier.channels import CHANNEL_TYPES
from notifier.channels.base import Receipt
from notifier.channels.deadlines import SEND_SECONDS
from notifier.channels.destination import Destination
from notifier.channels.slack.webhook import SlackChannel
from notifier.delivery.delivery import Delivery
from notifier.model.notification import Notification
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.cloud import SECRET_NAME
from proton_notifier.localaws.function import Context
from tests.aws_calls import AwsCalls
from tests.bus import enqueue
from tests.local_cloud import LocalCloud
from tests.raw_responses import RawResponse
from tests.samples import event, notification

MOST_OF_TEN = (8, 10)
# Long enough for a time-out that is to come, and none of the others is waited for.
IMPATIENCE = Timeout(connect=1, read=0.2)


@dataclass(frozen=True)
class Fault:
    """A behaviour of Slack, which is not there if it gives no *answer*, and its effect.

    Without *seconds*, the soonest and the latest for the next attempt, the deliveries are given up. *taken* says how
    many messages Slack has all the same.
    """

    answer: FakeResponse | None
    reason: str
    seconds: tuple[int, int] | None = None
    taken: int = 0


SLACK = {
    "429 with seconds": Fault(FakeResponse(429, "rate_limited", {"Retry-After": "30"}), "rate limited", (30, 30)),
    "429 with a date": Fault(
        FakeResponse(429, "rate_limited", {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        "rate limited",
        (3_600, 3_600),
    ),
    "429 without header": Fault(FakeResponse(429, "rate_limited"), "rate limited", MOST_OF_TEN),
    "408": Fault(FakeResponse(408, ""), "timed out", MOST_OF_TEN),
    "500": Fault(FakeResponse(500, "rollup_error"), "unavailable", MOST_OF_TEN),
    "503": Fault(FakeResponse(503, ""), "unavailable", MOST_OF_TEN),
    "200 in other words": Fault(FakeResponse(200, "hello"), "unavailable", MOST_OF_TEN),
    "connection refused": Fault(None, "unavailable", MOST_OF_TEN),
    "reset": Fault(RawResponse(hangs_up=True), "unavailable", MOST_OF_TEN),
    "reset after the post": Fault(RawResponse(hangs_up=True), "unavailable", MOST_OF_TEN, taken=1),
    "silence": Fault(FakeResponse(200, "ok", delay_seconds=0.4), "timed out", MOST_OF_TEN),
    # Nobody can know from a time-out whether the message was posted; rather twice than never.
    "silence after the post": Fault(FakeResponse(200, "ok", delay_seconds=0.4), "timed out", MOST_OF_TEN, taken=1),
    "400": Fault(FakeResponse(400, "invalid_payload"), "rejected"),
    "401": Fault(FakeResponse(401, "invalid_token"), "unauthorised"),
    "403": Fault(FakeResponse(403, "action_prohibited"), "unauthorised"),
    "404": Fault(FakeResponse(404, "no_service"), "gone"),
    "410": Fault(FakeResponse(410, "channel_is_archived"), "gone"),
    "413": Fault(FakeResponse(413, "too_large"), "rejected"),
}


def refusal(code: str, status: int = 400) -> dict[str, Any]:
    """Write an error as AWS answers it."""
    return {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}


SNS: dict[str, tuple[dict[str, Any] | BotoCoreError, str, bool]] = {
    "throttled": (refusal("Throttling"), "rate limited", False),
    "internal error": (refusal("InternalError", 500), "unavailable", False),
    "connection refused": (EndpointConnectionError(endpoint_url="sns"), "unavailable", False),
    "silence": (ReadTimeoutError(endpoint_url="sns"), "timed out", False),
    "no proof": ({}, "unavailable", False),
    "rejected": (refusal("InvalidParameter"), "rejected", True),
    # A permission may take minutes to be known: at first it counts as what passes.
    "key denied": (refusal("KMSAccessDenied"), "unavailable", False),
    "not authorised": (refusal("AuthorizationError"), "unavailable", False),
    "topic gone": (refusal("NotFound"), "gone", True),
}
LEDGER: dict[str, dict[str, Any] | BotoCoreError] = {
    "throttled": refusal("ThrottlingException"),
    "down": EndpointConnectionError(endpoint_url="dynamodb"),
    "no proof": {},
}
TOGETHER = pytest.mark.parametrize("count", [1, 3], ids=["single", "digest"])


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def cloud(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy a stack of its own for each fault."""
    with LocalCloud(slack.url) as running:
        yield running


@pytest.fixture
def aws(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> AwsCalls:
    """Make hooks for the clients that the functions make at their first invocation."""
    assert cloud.delivery_function.log.getvalue() == ""
    return AwsCalls(monkeypatch)


def saying(answer: Mapping[str, Any] | BotoCoreError) -> Callable[[object], Mapping[str, Any]]:
    """Answer any request so, or fail to."""

    def respond(_request: object) -> Mapping[str, Any]:
        if isinstance(answer, BotoCoreError):
            raise answer
        return answer

    return respond


def bodies(count: int, destination: str) -> list[str]:
    """Make deliveries of different events."""
    composed = [notification({**event("service-update-failed"), "id": str(uuid4())}) for _ in range(count)]
    return [Delivery(notification=entry, destination=destination).to_json() for entry in composed]


def hand_over(cloud: LocalCloud, *bodies: str) -> None:
    """Put deliveries into the queue, and hand it over to the function at once."""
    enqueue(cloud, *bodies)
    cloud.event_source.hand_over_all()


def deferred(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Read from the log what is to come back, when and why."""
    lines = (json.loads(line) for line in cloud.delivery_function.log.getvalue().splitlines())
    return [line for line in lines if line.get("message") == "not sent"]


def dead_letters(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Take what lies in the queue of failed deliveries: bodies and reasons."""
    answer = boto3.client("sqs").receive_message(
        QueueUrl=cloud.physical_id("FailedDeliveries"), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [
        (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
        for message in answer.get("Messages", [])
    ]


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize("fault", SLACK.values(), ids=SLACK)
def test_slack_that_fails_is_tried_again_in_time_or_given_up(
    fault: Fault, count: int, cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each delivery is back in its queue at the right time, or lies where a person looks for it; the email is out."""
    posts = bodies(count, "slack")
    if fault.answer is None:
        boto3.client("secretsmanager").put_secret_value(SecretId=SECRET_NAME, SecretString="http://127.0.0.1:9/")
    elif fault.taken:
        take, failed = slack.receive, fault.answer
        monkeypatch.setattr(slack, "receive", lambda *request: (take(*request), failed)[1])
    else:
        slack.responses.extend([fault.answer] * (count + 1))
    if fault.reason == "timed out":
        monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", IMPATIENCE)

    hand_over(cloud, *posts, *bodies(1, "email"))

    lost = posts if fault.seconds is None else []
    soonest, latest = fault.seconds or (0, 0)
    waiting = deferred(cloud)
    assert len(cloud.emails()) == 1
    assert len(slack.messages) == fault.taken
    assert [line["reason"] for line in waiting] == [fault.reason] * (count - len(lost))
    assert [line for line in waiting if not soonest <= line["seconds"] <= latest] == []
    assert len(cloud.queue("Deliveries").bodies) == count - len(lost)
    assert sorted(dead_letters(cloud)) == sorted((body, fault.reason) for body in lost)


@pytest.mark.uncounted
def test_all_that_a_message_needs_has_one_deadline(
    cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replaced secret is read anew and posted to, within what the first post has left."""
    secrets = boto3.client("secretsmanager")
    hand_over(cloud, *bodies(1, "slack"))
    secrets.put_secret_value(SecretId=SECRET_NAME, SecretString=f"{slack.url}?new")
    late: Iterable[bytes | float] = chain([b"HTTP/1.1 200 OK\r\nX: "], cycle([b"x", 0.02]))
    slack.responses += [FakeResponse(404, "no_service", delay_seconds=0.1), RawResponse(raw=late)]
    monkeypatch.setattr("handlers.destination_threads.SEND_SECONDS", 0.4)
    started = time.monotonic()

    hand_over(cloud, *bodies(1, "slack"), *bodies(1, "email"))

    assert time.monotonic() - started < SEND_SECONDS
    assert [line["reason"] for line in deferred(cloud)] == ["timed out"]
    assert len(cloud.emails()) == 1


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize("fault", SNS)
def test_sns_that_fails_holds_up_nobody_else(
    fault: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """The reason decides between later and never, and Slack has its message."""
    answer, reason, permanent = SNS[fault]
    aws.answer("sns.Publish", saying(answer))

    hand_over(cloud, *bodies(count, "email"), *bodies(1, "slack"))

    assert len(slack.messages) == 1
    assert cloud.emails() == []
    assert len(cloud.queue("FailedDeliveries").bodies) == (count if permanent else 0)
    assert len(cloud.queue("Deliveries").bodies) == (0 if permanent else count)
    assert {why for _, why in dead_letters(cloud)} | {line["reason"] for line in deferred(cloud)} == {reason}


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize("fault", LEDGER)
def test_without_the_ledger_everything_waits(
    fault: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """Rather late than twice."""
    aws.answer("dynamodb.PutItem", saying(LEDGER[fault]))

    hand_over(cloud, *bodies(count, "slack"), *bodies(count, "email"))

    assert cloud.emails() == []
    assert slack.messages == []
    assert len(cloud.queue("Deliveries").bodies) == 2 * count


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize("fault", LEDGER)
def test_what_was_sent_stays_sent_if_the_ledger_takes_no_marks(
    fault: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """The messages are out, so the queue forgets them; the log says that the ledger does not know."""
    aws.answer("dynamodb.BatchWriteItem", saying(LEDGER[fault]))

    hand_over(cloud, *bodies(count, "slack"), *bodies(count, "email"))

    assert (len(slack.messages), len(cloud.emails())) == (1, 1)
    assert len(cloud.queue("Deliveries").bodies) == 0
    assert cloud.delivery_function.log.getvalue().count("the ledger did not take the mark") == 2 * count


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize("fault", LEDGER)
def test_what_is_put_off_comes_back_if_the_ledger_takes_no_release(
    fault: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """The claims lapse with their lease; the email is out."""
    aws.answer("dynamodb.DeleteItem", saying(LEDGER[fault]))
    slack.responses.append(FakeResponse(503, ""))

    hand_over(cloud, *bodies(count, "slack"), *bodies(1, "email"))

    assert (slack.messages, len(cloud.emails())) == ([], 1)
    assert [line["reason"] for line in deferred(cloud)] == ["unavailable"] * count
    assert len(cloud.queue("Deliveries").bodies) == count


@TOGETHER
@pytest.mark.uncounted
@pytest.mark.parametrize(("code", "permanent"), [("ResourceNotFoundException", True), ("InternalServiceError", False)])
def test_an_unreadable_secret_stops_slack_alone(
    code: str, count: int, aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack, *, permanent: bool
) -> None:
    """A secret that is not there is for a person to create; one that cannot be read now may be later."""
    aws.answer("secretsmanager.GetSecretValue", saying(refusal(code)))

    hand_over(cloud, *bodies(count, "slack"), *bodies(1, "email"))

    assert len(cloud.emails()) == 1
    assert slack.messages == []
    assert len(cloud.queue("FailedDeliveries").bodies) == (count if permanent else 0)
    assert len(cloud.queue("Deliveries").bodies) == (0 if permanent else count)


@pytest.mark.parametrize("answer", [refusal("AccessDenied"), {}], ids=["refused", "no proof"])
def test_what_cannot_even_be_given_up_comes_back(
    answer: dict[str, Any], aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """If the queue of failed deliveries does not take it, the first queue keeps it."""
    aws.answer("sqs.SendMessage", saying(answer))
    slack.responses.append(FakeResponse(404, "no_service"))

    boto3.client("sqs").send_message_batch(
        QueueUrl=cloud.physical_id("Deliveries"), Entries=[{"Id": "0", "MessageBody": bodies(1, "slack")[0]}]
    )
    hand_over(cloud)

    assert len(cloud.queue("Deliveries").bodies) == 1
    assert "not moved to the dead-letter queue" in deferred(cloud)[0]["why"]


def test_what_there_is_no_time_to_give_up_comes_back(
    cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To keep it might take a time-out, and what Lambda ends meanwhile would be kept twice."""
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _context: 14_999)

    hand_over(cloud, "this is no delivery")

    assert slack.messages == []
    assert (len(cloud.queue("Deliveries").bodies), len(cloud.queue("FailedDeliveries").bodies)) == (1, 0)


@pytest.mark.parametrize(
    "answer", [{}, {"Successful": [{"Id": "0", "MessageId": "m"}]}], ids=["no proof", "proof for one of two"]
)
def test_an_event_that_was_not_enqueued_for_everyone_fails_its_function(
    answer: dict[str, Any], aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """Lambda tries it again; what was enqueued all the same is sent once."""
    put: list[bytes] = []

    def take(request: bytes) -> dict[str, Any]:
        put.append(request)
        hand_over(cloud, *(entry["MessageBody"] for entry in json.loads(request)["Entries"]))
        return answer if len(put) == 1 else {"Successful": [{"Id": "0"}, {"Id": "1"}]}

    aws.answer("sqs.SendMessageBatch", take)

    with pytest.raises(BotoCoreError, match="SendMessageBatch"):
        cloud.events_function.invoke(event("service-update-failed"))
    cloud.events_function.invoke(event("service-update-failed"))

    assert (len(put), len(slack.messages), len(cloud.emails())) == (2, 1, 1)


def test_of_two_workers_without_proof_of_a_claim_none_sends(aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack) -> None:
    """Both would hold it; it is sent when the table answers again."""
    posts = bodies(1, "slack")
    aws.answer("dynamodb.PutItem", saying({}))
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hand_over(cloud, *posts, *posts)
        without_proof = len(slack.messages)
        aws.answer("dynamodb.PutItem", saying({"ConsumedCapacity": {"TableName": cloud.physical_id("Ledger")}}))
        clock.shift(11)
        hand_over(cloud)

    assert (without_proof, len(slack.messages)) == (0, 1)


def test_what_cannot_be_put_off_comes_back_by_itself(aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack) -> None:
    """The queue's own visibility timeout is the last resort."""
    aws.refuse("sqs.ChangeMessageVisibilityBatch")
    slack.responses.append(FakeResponse(503, ""))

    hand_over(cloud, *bodies(1, "slack"))

    assert len(cloud.queue("Deliveries").bodies) == 1
    assert '"not deferred"' in cloud.delivery_function.log.getvalue()


@pytest.mark.uncounted
def test_what_is_put_off_does_not_wait_for_others(aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack) -> None:
    """A destination is settled when it is served, whatever the order of the batch."""
    put_off_at: list[float] = []

    def remember(_request: object) -> Mapping[str, Any]:
        put_off_at.append(time.monotonic())
        return {"Successful": [{"Id": "0"}]}

    aws.answer("sns.Publish", saying(refusal("Throttling")))
    aws.answer("sqs.ChangeMessageVisibilityBatch", remember)
    slack.responses.append(FakeResponse(200, "ok", delay_seconds=1.5))

    hand_over(cloud, *bodies(1, "slack"), *bodies(1, "email"))

    assert len(put_off_at) == 1
    assert time.monotonic() - put_off_at[0] > 1


@pytest.mark.parametrize(
    "answers", [[], [FakeResponse(429, "rate_limited", {"Retry-After": "30"})]], ids=["sent", "put off"]
)
def test_a_bug_in_one_channel_stops_no_other_destination(
    answers: list[FakeResponse], aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack
) -> None:
    """Each delivery is sent, deferred or dead-lettered once, at its own time, and so is the one that met the bug."""
    published: list[object] = []

    def bug(_request: object) -> dict[str, Any]:
        message = "a bug"
        raise RuntimeError(message)

    def publish(request: object) -> dict[str, Any]:
        published.append(request)
        return {"MessageId": "m"}

    slack.responses.extend(answers)
    lost = bodies(1, "pager")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        aws.answer("sns.Publish", bug)
        with pytest.raises(ExceptionGroup):
            hand_over(cloud, *bodies(1, "email"), *bodies(1, "slack"), *lost)
        waiting = len(cloud.queue("Deliveries").bodies)
        aws.answer("sns.Publish", publish)
        clock.shift(31)
        hand_over(cloud)
        told_in_time = (len(slack.messages), len(published))
        clock.shift(660)
        hand_over(cloud)

        assert waiting == 1 + len(answers)
        assert told_in_time == (1, 1)
        assert (len(slack.messages), len(published)) == (1, 1)
        assert dead_letters(cloud) == [(lost[0], "misconfigured")]
        assert len(cloud.queue("Deliveries").bodies) == 0


class UnwritableChannel(SlackChannel):
    """Slack, but for a notification of which nothing can be written."""

    @staticmethod
    def message(notifications: tuple[Notification, ...], destination: Destination) -> dict[str, Any]:
        """Write the others."""
        if any(entry.name == "brittle" for entry in notifications):
            message = "no"
            raise ZeroDivisionError(message)
        return SlackChannel.message(notifications, destination)

    def send(self, notifications: tuple[Notification, ...]) -> Receipt:
        """Write, then post."""
        self.message(notifications, self.destination)
        return super().send(notifications)


def named(body: str, name: str) -> str:
    """Give the resource of a delivery another name."""
    delivery = Delivery.from_json(body)
    return replace(delivery, notification=replace(delivery.notification, name=name)).to_json()


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_what_cannot_be_written_is_given_up_and_stops_no_other(
    count: int, cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found as a rejected digest's is, and the log says where the bug is; the function has done its work."""
    monkeypatch.setitem(CHANNEL_TYPES, "slack", (__name__, "UnwritableChannel"))
    *good, bad = bodies(count, "slack")
    lost = named(bad, "brittle")

    hand_over(cloud, *good[:2], lost, *good[2:])

    told = [json.dumps(message) for message in slack.messages]
    assert sum(text.count("checkout") > 0 for text in told) == len(told)
    assert dead_letters(cloud) == [(lost, "rejected")]
    assert len(cloud.queue("Deliveries").bodies) == 0
    log = cloud.delivery_function.log.getvalue()
    assert log.count('"message":"sent"') == count - 1
    assert "the message cannot be written: ZeroDivisionError" in log
    assert "in message" in log


@pytest.mark.parametrize("time_of_event", ["0001-01-01T00:00:00", "2026-03-03T00:00:00"])
def test_a_delivery_that_no_channel_could_sort_is_none(time_of_event: str, cloud: LocalCloud, slack: FakeSlack) -> None:
    """A time without a zone is before no other; it takes nothing along."""
    first, second, third = bodies(3, "slack")
    read = json.loads(second)
    read["notification"]["occurred_at"] = time_of_event
    lost = json.dumps(read)

    hand_over(cloud, first, lost, third)

    assert len(slack.messages) == 2
    assert dead_letters(cloud) == [(lost, "rejected")]


class HangingChannel(SlackChannel):
    """Slack, whose name cannot be looked up for a while."""

    hangs: ClassVar[Event]
    thaws: ClassVar[Event]

    def send(self, notifications: tuple[Notification, ...]) -> Receipt:
        """Hang, then post."""
        self.hangs.set()
        self.thaws.wait(timeout=60)
        return super().send(notifications)


def test_a_destination_that_hangs_costs_no_other_anything(
    aws: AwsCalls, cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function answers in time; what hangs comes back by itself, and is sent once, whenever it thaws."""
    begun: set[str] = set()
    over: set[str] = set()
    published: list[object] = []

    def left_milliseconds(context: Context) -> int:
        begun.add(context.aws_request_id)
        return 5_000 if context.aws_request_id in over else 60_000

    def publish(request: object) -> dict[str, Any]:
        published.append(request)
        hangs.wait(timeout=30)
        over.update(begun)
        return {"MessageId": "m"}

    monkeypatch.setattr(Context, "get_remaining_time_in_millis", left_milliseconds)
    monkeypatch.setattr(HangingChannel, "hangs", hangs := Event(), raising=False)
    monkeypatch.setattr(HangingChannel, "thaws", thaws := Event(), raising=False)
    monkeypatch.setitem(CHANNEL_TYPES, "slack", (__name__, "HangingChannel"))
    aws.answer("sns.Publish", publish)
    hung = bodies(2, "slack")
    with ExitStack() as thawing, time_machine.travel(datetime.now(UTC), tick=False) as clock:
        thawing.callback(thaws.set)
        hand_over(cloud, *hung, *bodies(1, "email"))
        first_waits = [line["seconds"] for line in deferred(cloud)]
        for healthy in (2, 3):
            clock.shift(120)
            hand_over(cloud, *bodies(1, "email"))
            assert len(published) == healthy
        thread = next(iter(sys.modules["handlers.destination_threads"].WORK.values()))
        thaws.set()
        thread.result(timeout=30)
        after_thaw = len(slack.messages)
        clock.shift(4_000)
        hand_over(cloud)

    assert first_waits == [91, 91]
    assert (after_thaw, len(slack.messages)) == (1, 2)
    assert len(cloud.queue("Deliveries").bodies) == len(cloud.queue("FailedDeliveries").bodies) == 0
