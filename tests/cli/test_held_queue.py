import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from proton_notifier.common.sqs import Queue
from tests.aws_calls import AwsCalls

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsCalls]:
    """Start moto with hooks into the calls of all clients."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        yield AwsCalls(monkeypatch)


@pytest.fixture
def client(calls: AwsCalls) -> "SQSClient":  # noqa: ARG001 - the hooks have to be there before
    """Make a client with the hooks."""
    return boto3.client("sqs", region_name="eu-west-1")


@pytest.fixture
def url(client: "SQSClient") -> str:
    """Make a queue with 23 messages."""
    created = client.create_queue(QueueName="queue")["QueueUrl"]
    for number in range(23):
        client.send_message(QueueUrl=created, MessageBody=str(number))
    return created


def bodies(client: "SQSClient", url: str) -> list[int]:
    """List the bodies of all visible messages."""
    return sorted(int(message["Body"]) for message in Queue(client, url).messages())


def test_received_messages_are_invisible_until_they_are_released(client: "SQSClient", url: str) -> None:
    """Two people do not send back the same message, and the second finds what the first left."""
    first = Queue(client, url)
    held = list(first.messages())
    hidden = bodies(client, url)
    first.delete(held[0]["MessageId"])
    first.release()

    assert hidden == []
    assert bodies(client, url) == sorted(int(message["Body"]) for message in held[1:])


def test_reading_ends_though_messages_keep_coming_back(url: str, calls: AwsCalls) -> None:
    """Each message is received once, even if SQS shows it again at once."""
    calls.change("sqs.ReceiveMessage", VisibilityTimeout=0)
    again = boto3.client("sqs", region_name="eu-west-1")

    read = [int(message["Body"]) for message in Queue(again, url).messages()]

    assert read
    assert len(read) == len(set(read))


def test_a_visible_message_does_not_prevent_the_release_of_others(client: "SQSClient", url: str) -> None:
    """SQS refuses that message alone."""
    queue = Queue(client, url)
    held = list(queue.messages())
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=held[0]["ReceiptHandle"], VisibilityTimeout=0)

    queue.release()

    assert bodies(client, url) == list(range(23))


def test_the_visibility_timeout_can_be_shorter(url: str, calls: AwsCalls) -> None:
    """Messages that cannot be released are invisible to others for that time."""
    asked = []

    def answer(body: bytes) -> dict[str, list[str]]:
        asked.append(json.loads(body)["VisibilityTimeout"])
        return {"Messages": []}

    calls.answer("sqs.ReceiveMessage", answer)
    hooked = boto3.client("sqs", region_name="eu-west-1")

    assert [*Queue(hooked, url).messages(), *Queue(hooked, url, visibility_timeout_seconds=30).messages()] == []
    assert asked == [900, 30]
