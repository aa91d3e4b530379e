"""The real template, deployed into a moto of this process, and its real handlers.

It hands over what AWS would: from the bus to the first function, from the queue to the second. What it does
not model: IAM and KMS, timing, Lambda's retries of a failed event, the confirmation of an email subscription.
A delivery that failed stays hidden in its queue for the visibility timeout, in real time.
"""

import importlib
import io
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from unittest.mock import patch

import boto3
from moto import mock_aws
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

TEMPLATE: Final = Path(__file__).parent.parent / "template.yaml"
ACCOUNT: Final = "123456789012"  # moto's
REGION: Final = "eu-west-1"
STACK: Final = "local"
SECRET_NAME: Final = "slack-webhook"  # noqa: S105 - not the secret itself
BATCH_SIZE: Final = 10  # SQS gives no more at once; Lambda collects more than one such answer

# moto knows nothing of some of these, an alarm among them, judges no policy, and would run the queue's consumer in
# Docker.
LEFT_OUT: Final = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::SQS::QueuePolicy",
    }
)

ENVIRONMENT: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_SECRET_ACCESS_KEY": "local",
}


@dataclass(frozen=True, slots=True)
class Email:
    """What a subscriber of the alert topic got."""

    subject: str
    body: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """The Lambda context of one invocation."""

    function_name: str
    memory_limit_in_mb: int = 256
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    remaining_milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Tell the time that is left; it does not run here."""
        return self.remaining_milliseconds

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"


class LocalFunction:
    """A Lambda function after its cold start; *handler* is as in the template, *log* what it wrote."""

    def __init__(self, handler: str, environment: Mapping[str, str]) -> None:
        self.log = io.StringIO()
        self._environment = environment
        module, _, name = handler.rpartition(".")
        with self._running():
            _forget_handlers(environment["POWERTOOLS_SERVICE_NAME"])
            self._handler = getattr(importlib.import_module(module), name)
        self._name = module

    def invoke(self, event: object, **context: Any) -> Any:  # noqa: ANN401 - whatever the handler returns
        """Run the handler on *event* in the function's own environment; *context* replaces fields of `Context`."""
        with self._running():
            return self._handler(event, Context(self._name, **context))

    @contextmanager
    def _running(self) -> Iterator[None]:
        with (
            patch.dict(os.environ, {**ENVIRONMENT, **self._environment}, clear=True),
            redirect_stdout(self.log),
        ):
            yield


def _forget_handlers(service: str) -> None:
    """Forget what another function's cold start left in this process, which has one for all."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "handlers"]:
        del sys.modules[module]
    logging.Logger.manager.loggerDict.pop(service, None)


@cache
def _translated(parameters: tuple[tuple[str, str], ...]) -> str:
    """Make of the template what CloudFormation gets, in JSON; it is the same each time, and takes its time."""
    source = yaml_parse(TEMPLATE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://code/artifact.zip"
    return json.dumps(transform(source, dict(parameters), ManagedPolicyLoader(boto3.client("iam"))))


class LocalCloud:
    """The stack as deployed with *parameters*, Slack's webhook being *webhook*.

    A mailbox is subscribed to the alert topic. *failures* says which event or delivery failed, and why.
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
            opening.enter_context(patch.dict(os.environ, ENVIRONMENT))
            self._events = boto3.client("events")
            self._sqs = boto3.client("sqs")
            boto3.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=self._webhook)
            self.template = self._deploy()
            self.proton = self.cold_start("ProtonFunction")
            self.delivery = self.cold_start("DeliveryFunction")
            self._inbox = self._new_queue("inbox")
            self._mailbox = self._new_queue("mailbox")
            self._connect()
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

    def put(self, source: str, detail_type: str, detail: Mapping[str, Any], resources: list[str]) -> None:
        """Put an event on the bus, which gives it an id, an account, a region and a time."""
        self._events.put_events(
            Entries=[
                {
                    "Source": source,
                    "DetailType": detail_type,
                    "Detail": json.dumps(detail),
                    "Resources": resources,
                }
            ]
        )
        for event in self._bodies(self._inbox):
            self.invoke({**event, "account": ACCOUNT})  # moto's bus leaves it out

    def invoke(self, event: object) -> dict[str, Any] | None:
        """Invoke the function that takes events with *event*; nothing is returned if it fails."""
        try:
            summary: dict[str, Any] = self.proton.invoke(event)
        except Exception as error:  # noqa: BLE001 - Lambda, too, takes whatever comes and counts a failure
            self.failures.append(f"event: {error}")
            return None
        self._run_deliveries()
        return summary

    def enqueue(self, *bodies: str) -> None:
        """Put deliveries into the queue as the first function would."""
        for body in bodies:
            self._sqs.send_message(QueueUrl=self.physical_id("Deliveries"), MessageBody=body)
        self._run_deliveries()

    def emails(self) -> list[Email]:
        """Take the mail out of the mailbox."""
        return [
            Email(
                envelope["Subject"],
                envelope["Message"],
                {name: value["Value"] for name, value in envelope["MessageAttributes"].items()},
            )
            for envelope in self._bodies(self._mailbox)
        ]

    def depth(self, logical_id: str) -> int:
        """Count the messages in a queue of the stack, hidden ones included."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self.physical_id(logical_id), AttributeNames=["All"])
        visible = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        return visible + int(answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"])

    def _deploy(self) -> dict[str, Any]:
        code = boto3.client("s3")
        code.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        code.put_object(Bucket="code", Key="artifact.zip", Body=b"the handlers run in this process")
        template: dict[str, Any] = json.loads(_translated(tuple(self._parameters.items())))
        resources = template["Resources"].items()
        deployed = {
            name: resource
            for name, resource in resources
            # moto stumbles over a resource whose condition is false, and keeps no schedule.
            if resource["Type"] not in LEFT_OUT and "Condition" not in resource
        }
        boto3.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=json.dumps({**template, "Resources": deployed}),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in self._parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        return template

    def _connect(self) -> None:
        # moto's bus hands events to queues only, so a queue stands in for the function as the rule's target.
        rule = self.physical_id("ProtonFunctionStatusChange")
        targets = self._events.list_targets_by_rule(Rule=rule)["Targets"]
        self._events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
        self._events.put_targets(Rule=rule, Targets=[{"Id": "inbox", "Arn": self._arn(self._inbox)}])
        boto3.client("sns").subscribe(
            TopicArn=self.physical_id("AlertTopic"), Protocol="sqs", Endpoint=self._arn(self._mailbox)
        )

    def cold_start(self, logical_id: str) -> LocalFunction:
        """Start a function of the stack as a new process would."""
        name = self.physical_id(logical_id)
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        variables = configuration["Environment"]["Variables"]
        return LocalFunction(configuration["Handler"], variables)

    def _new_queue(self, name: str) -> str:
        return self._sqs.create_queue(QueueName=name)["QueueUrl"]

    def _arn(self, queue_url: str) -> str:
        attributes = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        return attributes["Attributes"]["QueueArn"]

    def _run_deliveries(self) -> None:
        url = self.physical_id("Deliveries")
        while messages := self.messages(url):
            logged = len(self.delivery.log.getvalue())
            answer = self.delivery.invoke({"Records": [self.record(message) for message in messages]})
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            self.failures += _problems(self.delivery.log.getvalue()[logged:])
            for message in messages:
                if message["MessageId"] not in failed:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def record(self, message: "MessageTypeDef") -> dict[str, Any]:
        """Write *message* as Lambda hands it to the second function."""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.physical_id('Deliveries').rpartition('/')[2]}",
            "awsRegion": REGION,
        }

    def messages(self, queue_url: str) -> "list[MessageTypeDef]":
        """Receive up to ten messages, which hides them for the queue's visibility timeout."""
        answer = self._sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=BATCH_SIZE, MessageSystemAttributeNames=["All"]
        )
        return answer.get("Messages", [])

    def _bodies(self, queue_url: str) -> Iterator[Any]:
        while messages := self.messages(queue_url):
            for message in messages:
                self._sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                yield json.loads(message["Body"])


def _problems(log: str) -> Iterator[str]:
    """Find in what a function logged why it could not send something."""
    for line in map(json.loads, log.splitlines()):
        if line.get("level") == "ERROR":
            yield f"delivery {line['message']}: {line.get('why', line['message_id'])}"
