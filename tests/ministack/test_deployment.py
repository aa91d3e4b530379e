"""The built stack on ministack: `sam deploy`, an update, everything that a person does with it, `sam delete`.

There is one deployment for all of it; the last test takes it away. What this does not prove is printed by
tests/ministack/reduced_template.py.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from tests.ministack.emulator import (
    ACCOUNT,
    REGION,
    SAM,
    STACK,
    deploy,
    emulator,
    eventually,
    notifier,
    put,
    resources,
    run,
)
from tests.ministack.reduced_template import reduced
from tests.notifier.sources.documented_events import EVENTS, notification
from tests.samples import event

pytestmark = pytest.mark.ministack
FAILURE: Final = event("service-instance-deployment-failed")
SECRET: Final = "proton-notifier/slack-webhook"  # noqa: S105 - not the secret itself
ROUTES: Final = f"/{STACK}/routes"
PARAMETERS: Final[Mapping[str, str]] = {
    "AccountNames": f"{ACCOUNT}=production",
    "AlertEmail": "team@example.com",
    "BatchingWindowSeconds": "1",
    "CustomerManagedKey": "on",
    "Heartbeat": "silent",
    "OperationsDashboard": "on",
    "OperationsEmail": "on-call@example.com",
    "WebhookHosts": "127.0.0.1",
}
# What would be lost if an update replaced it.
WITH_DATA: Final = frozenset(
    {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SQS::Queue"}
)
DOCUMENT: Final = """
[[routes]]
match = { service = "checkout", severity = "failure" }
to = ["slack"]
title = "${ name } is down"
"""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack after its update, which added Slack: what is there now, and what was there *before*."""

    folder: Path
    slack: FakeSlack
    mailbox: str
    before: Mapping[str, tuple[str, str]]
    now: Mapping[str, tuple[str, str]]

    def physical_id(self, logical_id: str) -> str:
        """Find what the stack made for *logical_id*."""
        return self.now[logical_id][1]

    def kept(self, kind: str) -> set[str]:
        """Find what of the type *kind* outlives the stack, by the template."""
        declared = reduced()[0]["Resources"]
        return {
            physical_id
            for name, (type_, physical_id) in self.now.items()
            if type_ == kind and declared[name].get("DeletionPolicy", "Delete") != "Delete"
        }

    def headers(self) -> list[str]:
        """List the headers of the Slack messages."""
        return [message["blocks"][0]["text"]["text"] for message in self.slack.messages]

    def mails(self) -> list[dict[str, Any]]:
        """Take the mail out."""
        sqs = boto3.client("sqs")
        received = sqs.receive_message(QueueUrl=self.mailbox, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for each in received.get("Messages", []):
            sqs.delete_message(QueueUrl=self.mailbox, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"]) for each in received.get("Messages", [])]

    def depth(self, logical_id: str) -> int:
        """Count the messages in a queue, hidden ones included."""
        sqs = boto3.client("sqs")
        found = sqs.get_queue_attributes(QueueUrl=self.physical_id(logical_id), AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def invoke(self, raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever the function returns
        """Invoke the function that takes events, and wait for its answer."""
        answer = boto3.client("lambda").invoke(
            FunctionName=self.physical_id("EventsFunction"), Payload=json.dumps(raw).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())

    def rewritten(self) -> None:
        """Say that the routes were written, as Parameter Store does, and hear that they are in order."""
        said = {
            "id": "change",
            "source": "aws.ssm",
            "detail-type": "Parameter Store Change",
            "detail": {"name": ROUTES},
        }
        assert self.invoke(said) == {"id": "change", "error": ""}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deploy the stack with email alone, then add Slack; subscribe a mailbox to its topic."""
    folder = tmp_path_factory.mktemp("ministack")
    with FakeSlack() as slack, emulator(folder):
        deploy(folder, **PARAMETERS)
        before = resources()
        boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=slack.url)
        deploy(folder, **PARAMETERS, SlackSecretName=SECRET)
        mailbox = boto3.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"]
        boto3.client("sns").subscribe(
            TopicArn=before["AlertTopic"][1], Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mailbox"
        )
        yield Deployment(folder, slack, mailbox, before, resources())


@pytest.fixture
def stack(deployed: Deployment) -> Deployment:
    """Empty what an earlier test left; the stack's own routes apply."""
    eventually(lambda: not deployed.depth("Deliveries"))
    while deployed.mails():
        pass
    deployed.slack.messages.clear()
    assert not deployed.slack.rejections
    return deployed


def fresh() -> dict[str, Any]:
    """Make the failure an event that never was before, of a resource that has not failed yet."""
    event_id = str(uuid4())
    return {**FAILURE, "id": event_id, "resources": [f"{FAILURE['resources'][0]}-{event_id}"]}


TITLE: Final = "production: checkout/prod could not be deployed (eu-west-1)"


def test_slack_is_added_and_nothing_with_data_is_replaced(stack: Deployment) -> None:
    """An update keeps every queue, topic, table, key and log; the functions stay the same ones."""
    kept = {name: found for name, found in stack.before.items() if found[0] in WITH_DATA}

    assert {found[0] for found in kept.values()} == WITH_DATA & {found[0] for found in stack.now.values()}
    assert {name: stack.now.get(name) for name in kept} == kept
    assert stack.before["DeliveryFunction"] == stack.now["DeliveryFunction"]
    assert [name for name in stack.now if "Slack" in name] != [name for name in stack.before if "Slack" in name]


def test_an_event_on_the_bus_becomes_a_slack_message_and_an_email(stack: Deployment) -> None:
    """From the rule through both functions, in the words that people read."""
    put(FAILURE)

    eventually(lambda: stack.slack.messages)
    (mail,) = eventually(stack.mails)
    assert stack.headers() == [f"🔴 {TITLE}"]
    assert mail["Subject"] == f"FAILED: {TITLE}"
    assert mail["Message"].startswith(f"{TITLE}.\n\nWhat to do:\n1. ")
    assert mail["MessageAttributes"]["severity"]["Value"] == "failure"


@pytest.mark.parametrize("name", ["cfn_stack_captured_update", "cp_pipeline_failed"])
def test_every_source_that_is_on_has_its_rule(name: str, stack: Deployment) -> None:
    """A stack's update and a pipeline's failure, as AWS sends them, go by rules of their own."""
    raw = EVENTS[name]
    status = "UPDATE_ROLLBACK_FAILED" if name.startswith("cfn") else None
    detail = {**raw["detail"], **({"status-details": {"status": status, "status-reason": ""}} if status else {})}

    put({**raw, "detail": detail})

    eventually(lambda: stack.slack.messages)
    (header,) = stack.headers()
    # The bus gives an event its own account and region.
    assert notification({**raw, "detail": detail, "region": "eu-west-1"}).title.partition(": ")[2] in header
    assert eventually(stack.mails)


def test_what_is_no_status_change_is_left_on_the_bus(stack: Deployment) -> None:
    """CloudTrail's record of a call passes no rule; the failure after it does."""
    put({**FAILURE, "detail-type": "AWS API Call via CloudTrail"})
    put(fresh())

    eventually(stack.headers)
    eventually(lambda: not stack.depth("Deliveries"))
    assert stack.headers() == [f"🔴 {TITLE}"]


def test_the_same_event_three_times_is_told_once(stack: Deployment) -> None:
    """EventBridge delivers at least once; the ledger knows what was sent."""
    again = fresh()

    answers = [stack.invoke(again)["destinations"] for _ in range(3)]

    eventually(lambda: not stack.depth("Deliveries"))
    assert answers == [["email", "slack"]] * 3
    assert stack.headers() == [f"🔴 {TITLE}"]
    assert len(eventually(stack.mails)) == 1
    assert stack.mails() == []


def test_a_retry_after_is_obeyed(stack: Deployment) -> None:
    """Slack hears nothing before its time and gets the message after it; the email does not wait."""
    stack.slack.responses.append(FakeResponse(429, "rate_limited", {"Retry-After": "4"}))
    began = time.monotonic()

    stack.invoke(fresh())

    assert len(eventually(stack.mails)) == 1
    eventually(stack.headers)
    assert time.monotonic() - began >= 4
    assert stack.headers() == [f"🔴 {TITLE}"]


def test_what_slack_refuses_for_good_is_kept_with_its_reason_and_sent_back(stack: Deployment) -> None:
    """`redrive` lists it, and then it arrives."""
    stack.slack.responses.append(FakeResponse(404, "no_service"))

    stack.invoke(fresh())
    eventually(lambda: stack.depth("FailedDeliveries"))
    listed = notifier("redrive", "--stack", STACK, "--dry-run")
    kept = stack.depth("FailedDeliveries")
    notifier("redrive", "--stack", STACK, "--limit", "10", "--yes")

    eventually(stack.headers)
    assert f"{TITLE}, to slack (gone)" in listed
    assert kept == 1
    assert stack.headers() == [f"🔴 {TITLE}"]
    assert stack.depth("FailedDeliveries") == 0


def test_a_test_is_sent_and_followed(stack: Deployment) -> None:
    """`send-test` says where it arrived, and it did."""
    said = notifier("send-test", "--stack", STACK)

    assert "sent to email: " in said
    assert "sent to slack: " in said
    assert len(stack.headers()) == len(eventually(stack.mails)) == 1


def test_a_document_is_checked_pushed_shown_and_silenced(stack: Deployment) -> None:
    """Its title is what people read; a silence keeps them in peace, and is over when somebody says so."""
    file = stack.folder / "routes.toml"
    file.write_text(DOCUMENT, encoding="utf-8")

    notifier("routes", "check", file, "--stack", STACK)
    notifier("routes", "push", file, "--stack", STACK, "--yes")
    shown = notifier("routes", "show", "--stack", STACK)
    stack.rewritten()
    told = stack.invoke(fresh())["destinations"]
    moving = ("--match", "service=checkout", "--for", "2h", "--reason", "moving", "--by", "jo")
    notifier("silence", "add", "--stack", STACK, *moving, "--yes")
    stack.rewritten()
    silenced = stack.invoke(fresh())["destinations"]
    listed = notifier("silence", "list", "--stack", STACK)
    notifier("silence", "expire", "1", "--stack", STACK, "--yes")
    stack.rewritten()
    again = stack.invoke(fresh())["destinations"]

    eventually(lambda: not stack.depth("Deliveries"))
    assert shown == DOCUMENT
    assert listed.startswith("1. service checkout\n   until ")
    assert (told, silenced, again) == (["slack"], [], ["slack"])
    assert stack.headers() == ["🔴 checkout/prod is down"] * 2
    assert stack.mails() == []


def test_sam_delete_leaves_what_is_to_stay(stack: Deployment) -> None:
    """The stack is gone, but for what the template keeps; the secret and the routes document are a person's."""
    run(SAM, "delete", "--stack-name", STACK, "--region", REGION, "--no-prompts")

    with pytest.raises(ClientError, match="does not exist"):
        boto3.client("cloudformation").describe_stacks(StackName=STACK)
    queues = {*boto3.client("sqs").list_queues().get("QueueUrls", [])}
    assert queues - {stack.mailbox} == stack.kept("AWS::SQS::Queue")
    assert {*boto3.client("dynamodb").list_tables()["TableNames"]} == stack.kept("AWS::DynamoDB::Table")
    assert boto3.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"] == stack.slack.url
    assert "checkout" in boto3.client("ssm").get_parameter(Name=ROUTES)["Parameter"]["Value"]
