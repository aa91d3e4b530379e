from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
import time_machine
from moto import mock_aws

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.queue import LocalQueue, local_queue, local_queues
from tests.local_cloud import take

START = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock."""
    with time_machine.travel(START, tick=False) as travelling:
        yield travelling


@pytest.fixture
def urls(clock: time_machine.Traveller) -> Iterator[tuple[str, str]]:
    """Make a queue that hides for a minute and gives up after two attempts, and the one for its dead letters."""
    clock.move_to(START)
    with mock_aws(), local_queues():
        sqs = boto3.client("sqs", region_name=REGION)
        letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
        policy = f'{{"deadLetterTargetArn": "{local_queue(letters).queue_arn}", "maxReceiveCount": "2"}}'
        attributes = {"VisibilityTimeout": "60", "RedrivePolicy": policy}
        yield sqs.create_queue(QueueName="queue", Attributes=attributes)["QueueUrl"], letters  # type: ignore[arg-type]


def send(url: str, *bodies: str) -> None:
    """Send messages as any client would."""
    for body in bodies:
        boto3.client("sqs", region_name=REGION).send_message(QueueUrl=url, MessageBody=body)


def received(queue: LocalQueue, size: int = 10) -> list[str]:
    """Receive, and show the bodies."""
    return [message.body for message in queue.receive(size)]


def test_what_is_received_is_hidden_until_its_timeout(urls: tuple[str, str], clock: time_machine.Traveller) -> None:
    """It comes back at that time, which the queue knows, and counts all the while."""
    send(urls[0], "one", "two", "three")
    queue = local_queue(urls[0])

    first = received(queue, 2), received(queue), received(queue)
    clock.shift(59)
    too_soon = received(queue)
    clock.move_to(queue.next_visible_at or 0)

    assert first == (["one", "two"], ["three"], [])
    assert too_soon == []
    assert queue.next_visible_at == START.timestamp() + 60.001
    assert queue.bodies == ("one", "two", "three")
    assert received(queue) == ["one", "two", "three"]


def test_what_is_put_off_comes_back_at_its_own_time(urls: tuple[str, str], clock: time_machine.Traveller) -> None:
    """Through any client, in one call for several."""
    send(urls[0], "one", "two")
    queue = local_queue(urls[0])
    entries = [
        {"Id": str(number), "ReceiptHandle": str(message.receipt_handle), "VisibilityTimeout": 10 * (number + 1)}
        for number, message in enumerate(queue.receive(10))
    ]

    boto3.client("sqs", region_name=REGION).change_message_visibility_batch(QueueUrl=urls[0], Entries=entries)  # type: ignore[arg-type]

    clock.shift(11)
    assert received(queue) == ["one"]
    clock.shift(10)
    assert received(queue) == ["two"]


def test_what_came_too_often_is_a_dead_letter(urls: tuple[str, str], clock: time_machine.Traveller) -> None:
    """After as many attempts as the redrive policy allows."""
    send(urls[0], "one")
    queue, letters = map(local_queue, urls)

    attempts = []
    for _ in range(3):
        attempts.append(received(queue))
        clock.shift(61)

    assert attempts == [["one"], ["one"], []]
    assert (queue.bodies, letters.bodies) == ((), ("one",))
    assert queue.next_visible_at is None


def test_what_is_deleted_is_gone(urls: tuple[str, str]) -> None:
    """By this class and by any client, whoever received it; what nobody received stays."""
    send(urls[0], "one", "two", "three")
    queue, client = local_queue(urls[0]), boto3.client("sqs", region_name=REGION)

    (ours,) = queue.receive(1)
    (theirs,) = client.receive_message(QueueUrl=urls[0])["Messages"]
    client.delete_message(QueueUrl=urls[0], ReceiptHandle=str(ours.receipt_handle))
    queue.delete_message(theirs["ReceiptHandle"])

    assert take(queue) == ["three"]
    assert len(queue.bodies) == 0


def test_the_counts_are_those_that_aws_answers(urls: tuple[str, str]) -> None:
    """Visible, and received but not deleted."""
    send(urls[0], "one", "two", "three")
    local_queue(urls[0]).receive(1)

    counts = boto3.client("sqs", region_name=REGION).get_queue_attributes(QueueUrl=urls[0], AttributeNames=["All"])

    names = ("", "NotVisible", "Delayed")
    assert [counts["Attributes"][f"ApproximateNumberOfMessages{name}"] for name in names] == ["2", "1", "0"]  # type: ignore[index]


def test_only_a_queue_that_was_made_so_is_one(clock: time_machine.Traveller) -> None:
    """Another queue of moto's would be slow, and not known here."""
    clock.move_to(START)
    with mock_aws():
        url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="queue")["QueueUrl"]
        with pytest.raises(TypeError, match="not a local queue"):
            local_queue(url)
