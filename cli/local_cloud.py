"""The real template, deployed into a moto of this process, and its real handlers.

It hands over what AWS would: from the bus to the first function, from the queue to the second. What it does
not model: IAM and KMS, the time that a call or a function takes, Lambda's retries of a failed event, the confirmation
of an email subscription.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self
from unittest.mock import patch

import boto3
import botocore.loaders
from jsonpath_ng.ext.parser import parse
from moto import mock_aws

from cli.event_source import Answer, Batching, EventSource
from cli.local_function import LocalFunction
from cli.local_queue import LocalQueue, local_queue, local_queues
from cli.local_stack import ACCOUNT, ENVIRONMENT, STACK, deploy

SECRET_NAME: Final = "slack-webhook"  # noqa: S105 - not the secret itself
# EventBridge and SQS take, and SQS gives, no more at once.
AT_ONCE: Final = 10

# What the function that takes events answers: {"id", "severity", "title", "destinations"}.
Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Email:
    """What a subscriber of the alert topic got."""

    subject: str
    body: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BusEvent:
    """What is put on the bus, which gives it an id, an account, a region and a time."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: Sequence[str] = ()


class LocalCloud:
    """The stack as deployed with *parameters*, Slack's webhook being *webhook*.

    A mailbox is subscribed to the alert topic. *failures* says which event or delivery failed, and why. *event_source*
    hands deliveries over in batches, in time; whoever has no time lets `invoke` and `enqueue` do it at once.
    """

    def __init__(self, webhook: str, **parameters: str) -> None:
        self.failures: list[str] = []
        self._physical_ids: dict[str, str] = {}
        self._webhook = webhook
        self._parameters = {
            "AccountNames": f"{ACCOUNT}=production",
            "WebhookHosts": "127.0.0.1",  # where the stand-in for Slack is
            "AlertEmail": "team@example.com",
            "SlackSecretName": SECRET_NAME,
            **parameters,
        }

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(mock_aws())
            opening.enter_context(local_queues())
            opening.enter_context(_read_once())
            opening.enter_context(patch.dict(os.environ, ENVIRONMENT))
            self._events = boto3.client("events")
            self._sqs = boto3.client("sqs")
            boto3.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=self._webhook)
            self.template = deploy(self._parameters)
            self.proton = self.cold_start("ProtonFunction")
            self.delivery = self.cold_start("DeliveryFunction")
            self._inbox = self._sqs.create_queue(QueueName="inbox")["QueueUrl"]
            self._mailbox = self._sqs.create_queue(QueueName="mailbox")["QueueUrl"]
            self._connect()
            batching = Batching.of(self.template, self._parameters)
            self.event_source = EventSource(self.queue("Deliveries"), self._deliver, batching)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def physical_id(self, logical_id: str) -> str:
        """Find what the stack made for *logical_id*: a queue's URL, a topic's ARN, another's name."""
        if logical_id not in self._physical_ids:
            stacks = boto3.client("cloudformation")
            found = stacks.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
            self._physical_ids[logical_id] = found["StackResourceDetail"]["PhysicalResourceId"]
        return self._physical_ids[logical_id]

    def queue(self, logical_id: str) -> LocalQueue:
        """Find a queue of the stack."""
        return local_queue(self.physical_id(logical_id))

    def put(self, *events: BusEvent) -> list[Summary]:
        """Put *events* on the bus; return what the function that takes them answered, of those that the rule matches.

        What it puts into the queue waits there for the event source.
        """
        for start in range(0, len(events), AT_ONCE):
            self._events.put_events(
                Entries=[
                    {
                        "Source": event.source,
                        "DetailType": event.detail_type,
                        "Detail": json.dumps(event.detail),
                        "Resources": list(event.resources),
                    }
                    for event in events[start : start + AT_ONCE]
                ]
            )
        # moto's bus leaves out the account.
        matched = [{**json.loads(body), "account": ACCOUNT} for body in local_queue(self._inbox).take()]
        return [summary for event in matched if (summary := self.accept(event)) is not None]

    def accept(self, event: object) -> Summary | None:
        """Invoke the function that takes events with *event*; nothing is returned if it fails."""
        try:
            summary: Summary = self.proton.invoke(event)
        except Exception as error:  # noqa: BLE001 - Lambda, too, takes whatever comes and counts a failure
            self.failures.append(f"event: {error}")
            return None
        return summary

    def invoke(self, event: object) -> Summary | None:
        """Invoke the function that takes events, and at once the one that sends; nothing is returned if it fails."""
        summary = self.accept(event)
        self.event_source.hand_over_all()
        return summary

    def enqueue(self, *bodies: str) -> None:
        """Put deliveries into the queue as the first function would."""
        for start in range(0, len(bodies), AT_ONCE):
            self._sqs.send_message_batch(
                QueueUrl=self.physical_id("Deliveries"),
                Entries=[
                    {"Id": str(number), "MessageBody": body}
                    for number, body in enumerate(bodies[start : start + AT_ONCE])
                ],
            )
        self.event_source.hand_over_all()

    def emails(self) -> list[Email]:
        """Take the mail out of the mailbox."""
        return [
            Email(
                envelope["Subject"],
                envelope["Message"],
                {name: value["Value"] for name, value in envelope["MessageAttributes"].items()},
            )
            for envelope in map(json.loads, local_queue(self._mailbox).take())
        ]

    def depth(self, logical_id: str) -> int:
        """Count the messages in a queue of the stack, hidden ones included."""
        return len(self.queue(logical_id).bodies)

    def cold_start(self, logical_id: str) -> LocalFunction:
        """Start a function of the stack as a new process would."""
        name = self.physical_id(logical_id)
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        variables = configuration["Environment"]["Variables"]
        return LocalFunction(configuration["Handler"], variables)

    def _connect(self) -> None:
        # moto's bus hands events to queues only, so a queue stands in for the function as the rule's target.
        rule = self.physical_id("ProtonFunctionStatusChange")
        targets = self._events.list_targets_by_rule(Rule=rule)["Targets"]
        self._events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
        self._events.put_targets(Rule=rule, Targets=[{"Id": "inbox", "Arn": local_queue(self._inbox).queue_arn}])
        boto3.client("sns").subscribe(
            TopicArn=self.physical_id("AlertTopic"), Protocol="sqs", Endpoint=local_queue(self._mailbox).queue_arn
        )

    def _deliver(self, batch: dict[str, Any]) -> Answer:
        logged = len(self.delivery.log.getvalue())
        answer: Answer = self.delivery.invoke(batch)
        self.failures += _problems(self.delivery.log.getvalue()[logged:])
        return answer


@contextmanager
def _read_once() -> Iterator[None]:
    """Read AWS's descriptions of its services once, and parse once where in an event moto's bus finds what.

    Either is megabytes of JSON, or a grammar, anew for each client or event.
    """
    with (
        patch.object(botocore.loaders, "create_loader", cache(botocore.loaders.create_loader)),
        patch("jsonpath_ng.ext.parse", cache(parse)),
    ):
        yield


def _problems(log: str) -> Iterator[str]:
    """Find in what a function logged why it could not send something."""
    for line in map(json.loads, log.splitlines()):
        if line.get("level") == "ERROR":
            yield f"delivery {line['message']}: {line.get('why', line['message_id'])}"
