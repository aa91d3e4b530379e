"""`notifier redrive` against the deployed template.

moto cannot invoke a function asynchronously and has no StartMessageMoveTask. Hooks of botocore answer these two
calls: the one remembers the event, the other moves what is visible, which SQS would do later.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest

from notifier.delivery.delivery import Delivery
from proton_notifier.common.sqs import Queue
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.localaws.stack import STACK
from proton_notifier.main import main
from tests.aws_calls import AwsCalls
from tests.samples import event, notification
from tests.terminals import Interrupted, Terminal

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

FAILURE: Final = event("service-instance-deployment-failed")
RECOVERY: Final = event("service-recovered")
DELIVERY: Final = Delivery(notification=notification(FAILURE), destination="slack").to_json()
QUEUES: Final = ("RuleDeadLetters", "FailedEvents", "FailedDeliveries", "Deliveries")
TITLE: Final = "123456789012: checkout/prod could not be deployed (eu-west-1)"


class KilledError(BaseException):
    """The process dies."""


class Life:
    """A process that dies at a certain call, and makes no call after that."""

    def __init__(self) -> None:
        self.ended_early = False
        self._calls_left: float = inf

    def begin(self, *, calls: int) -> None:
        """Allow *calls* calls."""
        self.ended_early = False
        self._calls_left = calls

    def end(self) -> None:
        """Allow the test itself any call."""
        self._calls_left = inf

    def spend(self) -> None:
        """Die, if no call is left."""
        if self._calls_left < 1:
            self.ended_early = True
            raise KilledError
        self._calls_left -= 1


class Stack:
    """A deployed stack: the messages in its queues, and the *events* that its function received."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.events: list[Any] = []
        self._sqs = boto3.client("sqs")
        self._urls = {name: cloud.physical_id(name) for name in QUEUES}
        self.empty()

    def empty(self) -> None:
        """Delete what an earlier run left."""
        self.events.clear()
        for url in self._urls.values():
            self._sqs.purge_queue(QueueUrl=url)

    def put(self, queue: str, body: str, **attributes: str) -> None:
        """Put a message into *queue*."""
        typed: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        }
        self._sqs.send_message(QueueUrl=self._urls[queue], MessageBody=body, MessageAttributes=typed)

    def visible(self, queue: str) -> list[str]:
        """List the bodies of the visible messages of *queue*."""
        found = Queue(self._sqs, self._urls[queue])
        bodies = [message["Body"] for message in found.messages()]
        found.release()
        return sorted(bodies)

    def counts(self) -> list[int]:
        """Count the visible messages of each queue, in their order."""
        return [len(self.visible(queue)) for queue in QUEUES]

    def there(self, queue: str) -> int:
        """Count the messages of *queue*, invisible ones included."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self._urls[queue], AttributeNames=["All"])["Attributes"]
        return int(answer["ApproximateNumberOfMessages"]) + int(answer["ApproximateNumberOfMessagesNotVisible"])

    def invoke(self, payload: bytes) -> dict[str, Any]:
        """Accept an event as Lambda does."""
        self.events.append(json.loads(payload))
        return {"StatusCode": 202, "Payload": io.BytesIO()}

    def move(self, request: bytes) -> dict[str, str]:
        """Move the visible messages from one queue to another."""
        arns = json.loads(request)
        source, destination = (self._url(arns[end]) for end in ("SourceArn", "DestinationArn"))
        for message in Queue(self._sqs, source).messages():
            self._sqs.send_message(QueueUrl=destination, MessageBody=message["Body"])
            self._sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        return {"TaskHandle": "task"}

    def _url(self, arn: str) -> str:
        return self._sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """Deploy the template."""
    with LocalCloud("unused") as deployed:
        yield deployed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> AwsCalls:
    """Make hooks into the calls of all clients."""
    return AwsCalls(monkeypatch)


@pytest.fixture
def stack(cloud: LocalCloud, calls: AwsCalls) -> Stack:
    """Empty the queues, and answer the calls that moto lacks."""
    emptied = Stack(cloud)
    calls.answer("lambda.Invoke", emptied.invoke)
    calls.answer("sqs.StartMessageMoveTask", emptied.move)
    return emptied


def redrive(*arguments: str) -> int:
    """Run the command."""
    return main(["redrive", "--stack", STACK, *arguments])


def fill(stack: Stack) -> None:
    """Put one readable message into each queue."""
    stack.put("RuleDeadLetters", json.dumps(FAILURE), ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="Not authorized.")
    stack.put("FailedEvents", json.dumps({"requestPayload": RECOVERY}))
    stack.put("FailedDeliveries", DELIVERY, reason="gone")


def test_a_dry_run_lists_everything_and_leaves_it_visible(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a message has its queue, its time, its title and the reason."""
    fill(stack)

    status = redrive("--dry-run")

    out = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME", capsys.readouterr().out)
    assert status == 0
    assert out.splitlines() == [
        f"RuleDeadLetters   TIME  {TITLE} (NO_PERMISSIONS: Not authorized.)",
        (
            "FailedEvents      TIME  123456789012: service checkout is active after a failure (eu-west-1) "
            "(no reason given)"
        ),
        f"FailedDeliveries  TIME  {TITLE.replace('123456789012', 'production')}, to slack (gone)",
        "Found 3, of which 3 can be sent back.",
    ]
    assert stack.counts() == [1, 1, 1, 0]
    assert stack.events == []


def test_everything_goes_back_where_it_came_from(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Events go to the function unchanged; SQS moves deliveries to their queue."""
    fill(stack)

    status = redrive("--yes")

    assert status == 0
    assert stack.events == [FAILURE, RECOVERY]
    assert stack.visible("Deliveries") == [DELIVERY]
    assert stack.counts() == [0, 0, 0, 1]
    assert "Sent back: 2.\nBeing moved by SQS: 1. `aws sqs list-message-move-tasks`" in capsys.readouterr().out


def test_more_than_a_batch_goes_back(stack: Stack) -> None:
    """SQS hands out at most ten messages in a call."""
    for number in range(23):
        stack.put("RuleDeadLetters", json.dumps({**FAILURE, "id": str(number)}))

    assert redrive("--yes") == 0
    assert sorted(int(sent["id"]) for sent in stack.events) == list(range(23))
    assert stack.counts() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("limit", "left"),
    [(1, [1, 2, 2, 0]), (3, [0, 1, 2, 0]), (5, [0, 0, 1, 1]), (6, [0, 0, 0, 2]), (7, [0, 0, 0, 2])],
)
def test_a_limit_counts_over_all_queues_in_their_order(limit: int, left: list[int], stack: Stack) -> None:
    """Messages beyond the limit stay, and are visible at once."""
    for _ in range(2):
        fill(stack)

    assert redrive("--yes", "--limit", str(limit)) == 0
    assert stack.counts() == left


@pytest.mark.parametrize("limit", ["0", "-1", "many", "²"])
def test_a_limit_is_a_positive_number(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped limit sends nothing."""
    with pytest.raises(SystemExit):
        redrive("--yes", f"--limit={limit}")

    assert "argument --limit: must be a whole number above 0" in capsys.readouterr().err


@pytest.mark.parametrize("limit", [(), ("--limit", "3")], ids=["whole", "limited"])
def test_unreadable_messages_are_listed_and_stay(
    limit: tuple[str, ...], stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """They do not count towards the limit, SQS does not move them, and the exit status is 1."""
    for queue in ("RuleDeadLetters", "FailedEvents", "FailedDeliveries"):
        stack.put(queue, "hello")
    fill(stack)

    status = redrive("--yes", *limit)

    out = capsys.readouterr().out
    assert status == 1
    assert out.count("UNREADABLE, stays there: not JSON: Expecting value: line 1 column 1 (char 0)\n") == 3
    assert "Found 6, of which 3 can be sent back.\nSent back: 3.\n" in out
    assert stack.events == [FAILURE, RECOVERY]
    assert [stack.visible(queue) for queue in QUEUES] == [["hello"], ["hello"], ["hello"], [DELIVERY]]


@pytest.mark.parametrize(("variable", "shown"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_only_a_terminal_shows_progress(
    variable: str, *, shown: bool, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log gets no progress bar; FORCE_COLOR makes any output a terminal."""
    fill(stack)
    monkeypatch.setenv(variable, "1")

    redrive("--yes")

    assert ("Sending back" in capsys.readouterr().err) is shown


def test_empty_queues_are_no_error(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is asked, and nothing is sent."""
    assert redrive("--yes") == 0
    assert capsys.readouterr().out == (
        f"Stack {STACK} in account 123456789012, region eu-west-1\nFound 0, of which 0 can be sent back.\n"
    )
    assert stack.counts() == [0, 0, 0, 0]


def test_a_dry_run_needs_no_caller_identity(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Account and region are printed before anything is sent; without them, nothing is sent."""
    fill(stack)
    AwsCalls(monkeypatch).refuse("sts.GetCallerIdentity")

    assert redrive("--dry-run") == 0
    assert redrive("--yes") == 1
    assert "when calling the GetCallerIdentity operation" in capsys.readouterr().err
    assert stack.counts() == [1, 1, 1, 0]


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_a_person_is_asked(
    typed: str, left: int, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a clear yes sends; otherwise, all messages are visible again."""
    fill(stack)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert redrive() == 0
    assert "Send back? [y/N] " in capsys.readouterr().out
    assert stack.counts() == [left, left, left, 1 - left]


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_is_no_confirmation(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent, and all messages are visible again."""
    fill(stack)
    monkeypatch.setattr(sys, "stdin", Interrupted())

    assert redrive() == 130
    assert capsys.readouterr().err == "notifier: interrupted\n"
    assert stack.counts() == [1, 1, 1, 0]


def test_without_a_terminal_yes_is_required(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script neither hangs on a question nor sends by accident."""
    fill(stack)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    assert redrive() == 1
    assert capsys.readouterr().err == (
        "proton-notifier: there is no terminal to ask on; "
        "give --yes to send without asking, or --dry-run to list only\n"
    )
    assert stack.counts() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("operation", "permission", "sent", "left"),
    [
        ("lambda.Invoke", "lambda:InvokeFunction", 0, [1, 1, 1, 0]),
        ("sqs.DeleteMessage", "sqs:DeleteMessage", 0, [1, 1, 1, 0]),
        ("sqs.StartMessageMoveTask", "sqs:StartMessageMoveTask", 2, [0, 0, 1, 0]),
    ],
)
def test_an_error_leaves_the_rest_and_is_reported(
    operation: str,
    permission: str,
    sent: int,
    left: list[int],
    stack: Stack,
    calls: AwsCalls,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A message without proof of acceptance is in its queue, and visible at once."""
    fill(stack)
    calls.refuse(operation)

    assert redrive("--yes") == 1
    assert capsys.readouterr().err == (
        f"proton-notifier: stopped after {sent}, the rest is still in its queue: you need {permission}: "
        f"An error occurred (AccessDenied) when calling the {operation.partition('.')[2]} operation: Not allowed.\n"
    )
    assert stack.counts() == left


def test_a_message_accepted_without_proof_is_not_deleted(
    stack: Stack, calls: AwsCalls, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty response to SendMessage proves nothing."""
    fill(stack)
    before = stack.counts()
    calls.answer("sqs.SendMessage", lambda _request: {})

    assert redrive("--yes", "--limit", "9") == 1

    assert "SendMessage does not prove that it was done" in capsys.readouterr().err
    assert stack.counts()[2] == before[2] > 0


@pytest.mark.parametrize("moment", ["before-parameter-build", "after-call"])
@pytest.mark.parametrize("limit", [(), ("--limit", "9")], ids=["whole", "limited"])
def test_whenever_the_process_dies_nothing_is_lost(
    limit: tuple[str, ...], moment: str, stack: Stack, calls: AwsCalls
) -> None:
    """A run that dies at any of its calls leaves every message in its queue or at its target."""
    life = Life()
    calls.watch(moment, life.spend)
    deaths = 0
    while life.ended_early or not deaths:
        stack.empty()
        fill(stack)
        life.begin(calls=deaths)

        with suppress(KilledError):
            redrive("--yes", *limit)

        life.end()
        assert stack.there("RuleDeadLetters") or FAILURE in stack.events
        assert stack.there("FailedEvents") or RECOVERY in stack.events
        assert stack.there("FailedDeliveries") or stack.there("Deliveries")
        deaths += 1
    assert deaths > 10


def test_a_missing_stack_is_an_error(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, and nothing else is touched."""
    fill(stack)

    assert main(["redrive", "--stack", "other", "--yes"]) == 1
    assert capsys.readouterr().err.startswith("other: An error occurred (ValidationError)")
    assert stack.counts() == [1, 1, 1, 0]


def test_a_region_can_be_named(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The region of the environment is not used then."""
    fill(stack)

    assert redrive("--yes", "--region", "us-east-1") == 1
    assert "does not exist\n  Is that its name, and is this its region (--region)?" in capsys.readouterr().err
    assert stack.counts() == [1, 1, 1, 0]
