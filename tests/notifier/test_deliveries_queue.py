from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from notifier.channels.destination import Reason
from notifier.delivery.delivery import DeliveriesQueue, Delivery, EnqueueError, put_dead_letter
from tests.samples import event, notification

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

COMPOSED = notification(event("service-created"))


def deliveries(count: int) -> tuple[Delivery, ...]:
    """Make *count* deliveries of one notification."""
    return tuple(Delivery(notification=COMPOSED, destination=f"place-{number}") for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 10, 11])
def test_every_delivery_becomes_a_message(count: int) -> None:
    """SQS takes ten at a time, and more make a second request."""
    with mock_aws():
        client: SQSClient = boto3.client("sqs", region_name="eu-west-1")
        url = client.create_queue(QueueName="deliveries")["QueueUrl"]

        DeliveriesQueue(client, url).put(deliveries(count))

        bodies = []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in messages]
    assert {Delivery.from_json(body) for body in bodies} == set(deliveries(count))


def test_a_delivery_that_the_queue_refuses_is_an_error() -> None:
    """SQS answers 200 to a batch of which it refused a part."""
    client: SQSClient = boto3.client("sqs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106
    failed = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
    sent = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": "d"}
    with Stubber(client) as stubber:
        stubber.add_response("send_message_batch", {"Successful": [sent], "Failed": [failed]})

        with pytest.raises(EnqueueError, match="the deliveries queue refused place-1: InternalError"):
            DeliveriesQueue(client, "https://sqs.example/deliveries").put(deliveries(2))


def test_a_message_comes_back_when_it_was_put_off_to() -> None:
    """At once if that is asked for, and later if not; a handle that SQS does not know any more harms nothing."""
    with mock_aws():
        client: SQSClient = boto3.client("sqs", region_name="eu-west-1")
        url = client.create_queue(QueueName="deliveries")["QueueUrl"]
        queue = DeliveriesQueue(client, url)
        queue.put(deliveries(12))
        taken = []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            taken += messages
        client.delete_message(QueueUrl=url, ReceiptHandle=taken[0]["ReceiptHandle"])

        waits = {message["ReceiptHandle"]: 0 if number < 11 else 60 for number, message in enumerate(taken)}
        queue.defer(waits, lambda: True)

        back = []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            back += [message["MessageId"] for message in messages]
    assert set(back) == {message["MessageId"] for message in taken[1:11]}


@pytest.mark.parametrize("count", [0, 1, 10, 11])
def test_what_is_deleted_is_gone(count: int) -> None:
    """SQS takes ten at a time, and the others stay."""
    with mock_aws():
        client: SQSClient = boto3.client("sqs", region_name="eu-west-1")
        url = client.create_queue(QueueName="deliveries", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
        queue = DeliveriesQueue(client, url)
        queue.put(deliveries(12))
        handles = [
            message["ReceiptHandle"]
            for visible in (10, 2)
            for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=visible, VisibilityTimeout=60)[
                "Messages"
            ]
        ]

        queue.delete(handles[:count], lambda: True)

        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert int(attributes["ApproximateNumberOfMessagesNotVisible"]) == 12 - count


def test_what_is_given_up_is_kept_with_the_reason() -> None:
    """A person finds the delivery, and why it lies there, without reading logs."""
    with mock_aws():
        client: SQSClient = boto3.client("sqs", region_name="eu-west-1")
        url = client.create_queue(QueueName="failed")["QueueUrl"]

        put_dead_letter(client, url, "the delivery", Reason.GONE, "Slack answered 404\nno_service")

        (message,) = client.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == "the delivery"
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "reason": "gone",
        "why": "Slack answered 404 no_service",
    }
