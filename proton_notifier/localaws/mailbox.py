"""The mailbox of a topic's subscriber."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from proton_notifier.localaws.queue import local_queue


@dataclass(frozen=True, slots=True)
class Email:
    """A message of the alert topic."""

    subject: str
    body: str
    attributes: Mapping[str, str]


class Mailbox:
    """A queue that is subscribed to the topic *topic_arn* in place of an address."""

    def __init__(self, topic_arn: str) -> None:
        self._queue = local_queue(boto3.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"])
        boto3.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=self._queue.queue_arn)

    def take(self) -> list[Email]:
        """Take the emails out."""
        return [
            Email(
                envelope["Subject"],
                envelope["Message"],
                {name: value["Value"] for name, value in envelope["MessageAttributes"].items()},
            )
            for envelope in map(json.loads, self._queue.take())
        ]
