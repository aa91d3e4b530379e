"""The real template, deployed into a moto of this process, and its real handlers.

It hands over what AWS would: from the bus to the first function, from the queue to the second. What it does
not model: IAM and KMS, the time that a call or a function takes, Lambda's retries of a failed event, the confirmation
of an email subscription.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, Self
from unittest.mock import patch

import boto3
from moto import mock_aws

from proton_notifier.localaws.bus import BATCH_LIMIT, BusEvent, LocalBus, parsed_once
from proton_notifier.localaws.environment import ENVIRONMENT, sealed
from proton_notifier.localaws.event_source import Batching, BatchResponse, EventSource
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.localaws.mailbox import Email, Mailbox
from proton_notifier.localaws.queue import LocalQueue, local_queue, local_queues
from proton_notifier.localaws.stack import ACCOUNT, STACK, deploy

SECRET_NAME: Final = "slack-webhook"  # noqa: S105 - not the secret itself
# What the function that takes events answers: {"id", "severity", "title", "destinations"}.
Summary = dict[str, Any]


class LocalCloud:
    """The stack as deployed with *parameters*, Slack's webhook being *webhook*.

    A mailbox is subscribed to the alert topic. *failures* says which event or delivery failed, and why. *event_source*
    hands deliveries over in batches, in time; `invoke` and `enqueue` hand them over at once.
    """

    def __init__(self, webhook: str, **parameters: str) -> None:
        self.failures: list[str] = []
        self._webhook = webhook
        self._parameters = {
            "AccountNames": f"{ACCOUNT}=production",
            "WebhookHosts": "127.0.0.1",  # where the fake Slack is
            "AlertEmail": "team@example.com",
            "SlackSecretName": SECRET_NAME,
            **parameters,
        }

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(patch.dict(os.environ, sealed(os.environ), clear=True))
            opening.enter_context(mock_aws())
            opening.enter_context(local_queues())
            opening.enter_context(parsed_once())
            opening.enter_context(patch.dict(os.environ, ENVIRONMENT))
            self._sqs = boto3.client("sqs")
            boto3.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=self._webhook)
            self.template = deploy(self._parameters)
            described = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
            # moto names no permission.
            self._physical_ids = {
                each["LogicalResourceId"]: each["PhysicalResourceId"]
                for each in described
                if "PhysicalResourceId" in each
            }
            self._lambda = boto3.client("lambda")
            self.proton = self.cold_start("EventsFunction")
            self.delivery = self.cold_start("DeliveryFunction")
            self._bus = LocalBus(self.physical_id("EventsFunctionStatusChange"))
            self._mailbox = Mailbox(self.physical_id("AlertTopic"))
            self.batching = Batching.of(self.template, self._parameters)
            self.event_source = EventSource(self.queue("Deliveries"), self.deliver, self.batching)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def physical_id(self, logical_id: str) -> str:
        """Find what the stack made for *logical_id*: a queue's URL, a topic's ARN, another's name."""
        return self._physical_ids[logical_id]

    def queue(self, logical_id: str) -> LocalQueue:
        """Find a queue of the stack."""
        return local_queue(self.physical_id(logical_id))

    def put_events(self, *events: BusEvent) -> list[Summary]:
        """Put *events* on the bus; return what the function that takes them answered, of those that the rule matches.

        What it puts into the queue waits there for the event source.
        """
        return self.accept(*self._bus.put(*events))

    def accept(self, *events: object) -> list[Summary]:
        """Invoke the function that takes events with each of *events*; return its answers, but where it fails."""
        summaries = []
        for event in events:
            try:
                summaries.append(self.proton.invoke(event))
            except Exception as error:  # noqa: BLE001 - Lambda, too, takes whatever comes and counts a failure
                self.failures.append(f"event: {error}")
        return summaries

    def invoke(self, event: object) -> Summary | None:
        """Invoke the function that takes events, and at once the one that sends; nothing is returned if it fails."""
        summary = next(iter(self.accept(event)), None)
        self.event_source.hand_over_all()
        return summary

    def enqueue(self, *bodies: str) -> list[Summary]:
        """Put deliveries into the queue as the first function would; return nothing, because no event came in."""
        for start in range(0, len(bodies), BATCH_LIMIT):
            self._sqs.send_message_batch(
                QueueUrl=self.physical_id("Deliveries"),
                Entries=[
                    {"Id": str(number), "MessageBody": body}
                    for number, body in enumerate(bodies[start : start + BATCH_LIMIT])
                ],
            )
        return []

    def emails(self) -> list[Email]:
        """Take the mail out of the mailbox."""
        return self._mailbox.take()

    def depth(self, logical_id: str) -> int:
        """Count the messages in a queue of the stack, hidden ones included."""
        return len(self.queue(logical_id).bodies)

    def cold_start(self, logical_id: str) -> LocalFunction:
        """Start a function of the stack as a new process would."""
        configuration = self._lambda.get_function_configuration(FunctionName=self.physical_id(logical_id))
        variables = configuration["Environment"]["Variables"]
        return LocalFunction(configuration["Handler"], variables)

    def deliver(self, batch: dict[str, Any]) -> BatchResponse:
        """Invoke the function that sends with *batch*, and note what it could not send."""
        logged = len(self.delivery.log.getvalue())
        answer: BatchResponse = self.delivery.invoke(batch)
        self.failures += _problems(self.delivery.log.getvalue()[logged:])
        return answer


def _problems(log: str) -> Iterator[str]:
    """Find in what a function logged why it could not send something."""
    for line in map(json.loads, log.splitlines()):
        if line.get("level") == "ERROR" and "message_id" in line:  # else it says where the bug is that is the reason
            yield f"delivery {line['message']}: {line.get('why', line['message_id'])}"
