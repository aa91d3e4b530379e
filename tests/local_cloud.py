"""The local cloud with a mailbox, and without waits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import boto3

from proton_notifier.localaws import cloud, event_source
from proton_notifier.localaws.cloud import EventsResponse
from proton_notifier.localaws.event_source import BatchResponse
from proton_notifier.localaws.queue import LocalQueue, local_queue


@dataclass(frozen=True, slots=True)
class Email:
    """A message of the alert topic."""

    subject: str
    body: str
    attributes: Mapping[str, str]


class EventSource(event_source.EventSource):
    """An event source that need not wait."""

    def hand_over_all(self) -> None:
        """Hand over all visible messages, without a wait for a batching window or for concurrency."""
        while messages := self._queue.receive(self._batching.size):
            self._hand_over(messages)


class LocalCloud(cloud.LocalCloud):
    """The stack with a queue that is subscribed to the alert topic as the mailbox.

    The *event_source* hands over the queue's deliveries in batches.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self._mailbox = local_queue(boto3.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"])
        boto3.client("sns").subscribe(
            TopicArn=self.physical_id("AlertTopic"), Protocol="sqs", Endpoint=self._mailbox.queue_arn
        )
        self.event_source = EventSource(self.queue("Deliveries"), self.deliver, self.batching)
        return self

    def invoke(self, event: object) -> EventsResponse | None:
        """Invoke both functions without a wait; return the response of the first, or None if it failed."""
        summary = next(iter(self.invoke_events_function(event)), None)
        self.event_source.hand_over_all()
        return summary

    def deliver(self, batch: dict[str, Any]) -> BatchResponse:
        """Invoke the second function with *batch*, and add the errors in its log to *failures*."""
        start = len(self.delivery_function.log.getvalue())
        response = super().deliver(batch)
        for line in map(json.loads, self.delivery_function.log.getvalue()[start:].splitlines()):
            # An error without a message's id is a bug, which explains another line.
            if line.get("level") == "ERROR" and "message_id" in line:
                self.failures.append(f"delivery {line['message']}: {line.get('why', line['message_id'])}")
        return response

    def emails(self) -> list[Email]:
        """Take the emails out of the mailbox."""
        return [
            Email(
                envelope["Subject"],
                envelope["Message"],
                {name: value["Value"] for name, value in envelope["MessageAttributes"].items()},
            )
            for envelope in map(json.loads, take(self._mailbox))
        ]


def take(queue: LocalQueue) -> list[str]:
    """Receive and delete all visible messages; return their bodies."""
    messages = queue.receive(len(queue.bodies))
    for message in messages:
        queue.delete(message)
    return [message.body for message in messages]
