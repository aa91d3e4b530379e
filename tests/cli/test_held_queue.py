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
    """Start moto, which waits for messages in real time if it is let."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        hooks = AwsCalls(monkeypatch)
        hooks.change("sqs.ReceiveMessage", WaitTimeSeconds=0)
        yield hooks


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
    """Read the queue through."""
    return sorted(int(message["Body"]) for message in Queue(client, url).messages())


def test_what_is_held_is_hidden_until_it_is_released(client: "SQSClient", url: str) -> None:
    """Two people do not send the same message back, and what the first left the second finds."""
    first = Queue(client, url)
    held = list(first.messages())
    hidden = bodies(client, url)
    first.delete(held[0]["MessageId"])
    first.release()

    assert hidden == []
    assert bodies(client, url) == sorted(int(message["Body"]) for message in held[1:])


def test_reading_ends_though_messages_keep_coming_back(url: str, calls: AwsCalls) -> None:
    """Each is seen once, even if SQS shows it again at once."""
    calls.change("sqs.ReceiveMessage", VisibilityTimeout=0)
    again = boto3.client("sqs", region_name="eu-west-1")

    read = [int(message["Body"]) for message in Queue(again, url).messages()]

    assert read
    assert len(read) == len(set(read))


def test_a_message_that_shows_already_does_not_keep_the_others_from_release(client: "SQSClient", url: str) -> None:
    """SQS refuses it alone."""
    queue = Queue(client, url)
    held = list(queue.messages())
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=held[0]["ReceiptHandle"], VisibilityTimeout=0)

    queue.release()

    assert bodies(client, url) == list(range(23))


def test_whoever_only_looks_holds_for_a_shorter_time(url: str, calls: AwsCalls) -> None:
    """What cannot be released is missing for others so long."""
    asked = []

    def answer(body: bytes) -> dict[str, list[str]]:
        asked.append(json.loads(body)["VisibilityTimeout"])
        return {"Messages": []}

    calls.answer("sqs.ReceiveMessage", answer)
    hooked = boto3.client("sqs", region_name="eu-west-1")

    assert [*Queue(hooked, url).messages(), *Queue(hooked, url, visibility_timeout_seconds=30).messages()] == []
    assert asked == [900, 30]
