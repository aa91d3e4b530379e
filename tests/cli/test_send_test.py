"""`notifier send-test` against the deployed template, whose functions run in this process.

moto runs functions in Docker only and keeps no logs of these. Hooks of botocore answer for both: the one runs the
function that takes events and then the one that sends, the other finds what that one logged.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from notifier.channels import CHANNEL_TYPES
from proton_notifier.command_line import parse
from proton_notifier.common.delivery_log import filter_pattern
from proton_notifier.common.deployed_stack import run_on_stack
from proton_notifier.common.sqs import Queue
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.stack import STACK
from proton_notifier.main import main
from proton_notifier.send_test import command as send_test
from proton_notifier.send_test.response import PROOFS
from tests.aws_calls import AwsCalls, unhooked
from tests.bus import enqueue
from tests.local_cloud import LocalCloud

TITLE: Final = f"TEST, nothing is wrong: production: {STACK} sends failures here (eu-west-1)"
PAST: Final = f"TEST, nothing is wrong: production: {STACK} can send here (eu-west-1)"
ROUTES: Final = f"/{STACK}/routes"
SNS: Final = "SNS accepted it, for all confirmed subscriptions"
ONCALL: Final = (
    '[destinations.oncall]\ntype = "pagerduty"\nrouting_key = "proton-notifier/oncall"\n[[routes]]\nto = ["oncall"]'
)
HINT: Final = [
    "A test with severity failure opens an alert at oncall; close it with:",
    f"notifier send-test --stack {STACK} --severity recovered --to oncall",
]


class Stack:
    """A deployed stack, and the clock of the command."""

    def __init__(self, cloud: LocalCloud, calls: AwsCalls, slack: FakeSlack) -> None:
        self.cloud = cloud
        self.calls = calls
        self.slack = slack
        self.seconds = 0.0
        self.meanwhile: Callable[[], object] = lambda: None
        self.event_id = ""

    def clock(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass, and call *meanwhile*."""
        self.seconds += seconds
        self.meanwhile()

    def send_test(self, *arguments: str) -> int:
        """Run the command by this clock."""
        run = partial(send_test.run, clock=self.clock, sleep=self.sleep)
        return run_on_stack(run, parse(["send-test", "--stack", STACK, *arguments]))

    def invoke(self, payload: bytes) -> dict[str, Any]:
        """Run the function on an event as Lambda does, and then the second function."""
        answer = self.cloud.invoke(self._read(payload))
        if answer is not None:
            return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}
        said = {"errorType": "RoutesError", "errorMessage": self.cloud.failures[-1].removeprefix("event: ")}
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}

    def enqueue_only(self, payload: bytes) -> dict[str, Any]:
        """Run the function on an event, and leave the deliveries in their queue."""
        answer = self.cloud.events_function.invoke(self._read(payload))
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    def mark(self, destination: str) -> None:
        """Write into the ledger that *destination* has the test."""
        unhooked().client("dynamodb").put_item(
            TableName=self.cloud.physical_id("Ledger"),
            Item={"id": {"S": f"{self.event_id}/{destination}"}, "state": {"S": "sent"}},
        )

    def find(self, request: bytes) -> dict[str, Any]:
        """Find the log lines about the event, one a page."""
        asked = json.loads(request)
        lines = [
            line
            for line in self.cloud.delivery_function.log.getvalue().splitlines()
            if json.loads(line).get("message") in {"sent", "not sent", "given up"}
            and filter_pattern(json.loads(line)["correlation_id"]) == asked["filterPattern"]
        ]
        place = int(asked.get("nextToken", 0))
        events = [{"message": line} for line in lines[place : place + 1]]
        return {"events": events, **({"nextToken": str(place + 1)} if place + 1 < len(lines) else {})}

    def _read(self, payload: bytes) -> Any:  # noqa: ANN401 - it is JSON
        event = json.loads(payload)
        self.event_id = event["id"]
        return event

    def write(self, routes: str) -> None:
        """Make *routes* the live document."""
        unhooked().client("ssm").put_parameter(Name=ROUTES, Value=routes, Type="String", Overwrite=True)

    def failed_deliveries(self) -> int:
        """Count the visible messages of the queue of failed deliveries."""
        queue = Queue(unhooked().client("sqs"), self.cloud.physical_id("FailedDeliveries"))
        found = [*queue.messages()]
        queue.release()
        return len(found)


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack for all tests."""
    with FakeSlack() as running:
        yield running


@pytest.fixture(scope="module")
def cloud(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy the template."""
    with LocalCloud(slack.url) as deployed:
        yield deployed


@pytest.fixture
def stack(cloud: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Delete what an earlier test left, and answer the calls that moto lacks."""
    calls = AwsCalls(monkeypatch)
    for queue in ("Deliveries", "FailedDeliveries"):
        boto3.client("sqs").purge_queue(QueueUrl=cloud.physical_id(queue))
    cloud.emails()
    cloud.failures.clear()
    slack.messages.clear()
    slack.responses.clear()
    started = Stack(cloud, calls, slack)
    calls.answer("lambda.Invoke", started.invoke)
    calls.answer("cloudwatch-logs.FilterLogEvents", started.find)
    yield started
    unhooked().client("ssm").delete_parameters(Names=[ROUTES])


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[list[str], list[str]]]:
    """Read the output, without the lines about the stack and the event, and the errors."""

    def lines() -> tuple[list[str], list[str]]:
        out, err = capsys.readouterr()
        return [line.strip() for line in out.splitlines()[2:]], err.splitlines()

    return lines


Terminal = Callable[[], tuple[list[str], list[str]]]


def test_a_test_is_followed_to_every_destination(stack: Stack, said: Terminal) -> None:
    """It takes the path of a failure; the output says when it arrived where, and what that proves."""
    assert stack.send_test() == 0

    assert said() == (
        [
            f"0.0 s  {TITLE}",
            "0.0 s  goes to email (default), slack (default)",
            f"0.0 s  sent to email: {SNS}",
            "0.0 s  sent to slack: Slack posted it",
        ],
        [],
    )
    (email,) = stack.cloud.emails()
    (message,) = stack.slack.messages
    assert email.subject == TITLE
    assert "Sent by: " in email.body
    assert email.attributes["severity"] == "failure"
    assert message["blocks"][0]["text"]["text"] == f"🧪 {TITLE}"
    assert "Heartbeats" not in stack.cloud.delivery_function.log.getvalue()


def test_the_seconds_are_those_since_the_function_was_invoked(stack: Stack, said: Terminal) -> None:
    """Deliveries wait in their queue before they are sent."""
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)
    stack.meanwhile = lambda: stack.cloud.event_source.hand_over_all() if stack.seconds >= 6 else None

    assert stack.send_test() == 0

    assert said()[0][2:] == [f"6.0 s  sent to email: {SNS}", "6.0 s  sent to slack: Slack posted it"]


def test_the_installed_command_sends_a_test(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """It uses the real clock, and each run sends another event, because the ledger drops repeated ones."""
    for _ in range(2):
        assert main(["send-test", "--stack", STACK]) == 0

        assert capsys.readouterr().out.startswith(
            f"Stack {STACK} in account 123456789012, region eu-west-1\n"
            f"Event {stack.event_id}, a test with severity failure\n"
        )
    assert len(stack.slack.messages) == 2


@pytest.mark.parametrize(("severity", "status"), [("recovered", 0), ("info", 1)])
def test_the_routes_decide_by_the_severity_of_the_test(severity: str, status: int, stack: Stack) -> None:
    """Without a document, problems and recoveries go everywhere, and the rest nowhere."""
    assert stack.send_test("--severity", severity) == status

    assert {email.attributes["severity"] for email in stack.cloud.emails()} == (set() if status else {severity})


def test_a_test_that_no_route_matches_is_explained(stack: Stack, said: Terminal) -> None:
    """Each route has its reason, quiet hours included, and the error says what to do."""
    days = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    stack.write(
        '[[routes]]\nname = "shop"\nmatch = { service = "checkout" }\nto = ["slack"]\n'
        f'[[routes]]\nname = "by day"\nto = ["email"]\nquiet_hours = {{ days = {days}, time_zone = "UTC" }}'
    )

    assert stack.send_test("--severity", "success") == 1

    assert said() == (
        [
            f"0.0 s  TEST, nothing is wrong: production: {STACK} sends successes here (eu-west-1)",
            "0.0 s  goes to nobody",
            "0.0 s  shop: not matched: match.service is not in the event",
            "0.0 s  by day: matched, in its quiet hours",
        ],
        [
            f"{STACK}: no route sends a test with severity success anywhere",
            "  A test has no service, environment or status. `notifier routes test` shows where a real event goes.",
            "  --to NAME bypasses the routes; the destinations are email, slack.",
        ],
    )


def test_destinations_without_a_route_are_listed(stack: Stack, said: Terminal) -> None:
    """Mentions are made as for any event, and a new document counts at once."""
    assert stack.send_test() == 0
    stack.write('[[routes]]\nname = "night"\nto = ["slack"]\nmention = { failure = "@here" }')
    said()

    assert stack.send_test() == 0

    assert said()[0][1:] == [
        "0.0 s  goes to slack (night, mentions @here)",
        "0.0 s  not to email: no route sends it there now, --to NAME would",
        "0.0 s  sent to slack: Slack posted it",
    ]


def test_a_silenced_test_is_reported_with_the_reason(stack: Stack, said: Terminal) -> None:
    """The error says how to bypass the silence."""
    stack.write(
        '[[routes]]\nto = ["slack"]\n[[silences]]\nmatch = { name = "*" }\nuntil = 9999-12-31T23:59:59-12:00\n'
        'reason = "planned migration"\nby = "jo"'
    )

    assert stack.send_test() == 1
    assert said() == (
        [
            f"0.0 s  {TITLE}",
            "0.0 s  goes to nobody",
            "0.0 s  silenced until 9999-12-31T23:59:59-12:00, by jo: planned migration",
        ],
        [
            f"{STACK}: the test goes to nobody, because it is silenced",
            f"  All silences: notifier silence list --stack {STACK}",
            "  --to NAME bypasses them; the destinations are email, slack.",
        ],
    )
    assert stack.send_test("--to", "slack") == 0


def test_a_test_can_bypass_the_routes(stack: Stack, said: Terminal) -> None:
    """It reaches a destination that no route leads to, with any severity."""
    assert stack.send_test("--to", "slack", "--severity", "info") == 0

    assert said()[0] == [
        f"0.0 s  {PAST}",
        "0.0 s  goes to slack (past the routes)",
        "0.0 s  sent to slack: Slack posted it",
    ]
    assert stack.cloud.emails() == []


def test_an_unknown_destination_is_reported_and_the_others_get_the_test(stack: Stack, said: Terminal) -> None:
    """A mistyped name becomes no failed delivery, and no alarm."""
    assert stack.send_test("--to", "slak", "--to", "email") == 1

    out, err = said()
    assert out[-1] == f"0.0 s  sent to email: {SNS}"
    assert err == [f"{STACK}: there is no destination named slak; there are email, slack"]
    assert stack.failed_deliveries() == 0


def test_an_error_of_the_routes_is_reported(stack: Stack, said: Terminal) -> None:
    """The latest document does not apply then."""
    stack.write("routes = 1")

    assert stack.send_test() == 0
    assert said()[0][2] == (
        "0.0 s  error: the routes are broken, and the stack's own apply: routes: must be tables [[routes]]: "
        '"Routes in trouble" in docs/operations.md'
    )


@pytest.mark.parametrize(
    ("severity", "yes", "hint"),
    [
        (
            "failure",
            "PagerDuty accepted it",
            HINT,
        ),
        ("recovered", "PagerDuty accepted it", []),
        ("info", "PagerDuty gets nothing of severity info, so no request was made", []),
    ],
)
def test_an_alert_that_a_test_opens_is_not_forgotten(
    severity: str, yes: str, hint: list[str], stack: Stack, said: Terminal
) -> None:
    """The output says how to close it; a recovered test closes it, an info test opens none."""
    stack.write(ONCALL)
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)
    stack.meanwhile = lambda: stack.mark("oncall")

    assert stack.send_test("--severity", severity) == 0

    out, _ = said()
    assert out[3:] == [f"1.0 s  sent to oncall: {yes}", *hint]


def test_an_alert_that_opens_later_is_not_forgotten(stack: Stack, said: Terminal) -> None:
    """The test is still in the queue when the command ends."""
    stack.write(ONCALL)
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)

    assert stack.send_test("--timeout", "5s") == 1

    assert said()[0][3:] == HINT


def test_the_command_to_copy_names_the_region(stack: Stack, said: Terminal) -> None:
    """Without it, the command might close nothing, or something in another region."""
    stack.write(ONCALL)
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)

    assert stack.send_test("--timeout", "5s", "--region", "eu-west-1") == 1

    assert said()[0][-1] == f"notifier send-test --stack {STACK} --region eu-west-1 --severity recovered --to oncall"


def test_ctrl_c_shows_how_to_close_the_alert(stack: Stack, said: Terminal) -> None:
    """The test opens the alert all the same."""
    stack.write(ONCALL)
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)

    def break_off() -> None:
        raise KeyboardInterrupt

    stack.meanwhile = break_off

    with pytest.raises(KeyboardInterrupt):
        stack.send_test()
    assert said()[0][3:] == HINT


def test_a_dead_lettered_delivery_is_reported_and_stays_in_its_queue(stack: Stack, said: Terminal) -> None:
    """The other delivery arrives, and the command ends before its time-out."""
    enqueue(stack.cloud, "hello")
    stack.cloud.event_source.hand_over_all()
    stack.slack.responses.append(FakeResponse(404, "no_service"))

    assert stack.send_test() == 1

    out, err = said()
    assert out[2:] == [
        f"0.0 s  sent to email: {SNS}",
        "10.0 s  given up for slack: Slack answered 404 no_service (gone)",
    ]
    assert err == [
        f"{STACK}: slack did not get it",
        '  Fix the cause: "Permanently failed sends" in docs/operations.md.',
        f"  Its delivery is in FailedDeliveries. Send it back: notifier redrive --stack {STACK}",
    ]
    assert stack.failed_deliveries() == 2


def test_the_failed_deliveries_are_read_if_the_log_cannot_be(stack: Stack, said: Terminal) -> None:
    """If they cannot be released, they are visible again after half a minute at most."""
    stack.calls.refuse("cloudwatch-logs.FilterLogEvents")
    stack.calls.refuse("sqs.ChangeMessageVisibilityBatch")
    stack.slack.responses.append(FakeResponse(404, "no_service"))

    assert stack.send_test("--to", "slack") == 1

    hindrance, release, given_up = said()[0][2:]
    assert hindrance.startswith("10.0 s  cannot read the log: you need logs:FilterLogEvents: An error")
    assert release.startswith(
        "10.0 s  cannot read the failed deliveries: you need sqs:ChangeMessageVisibility: An error"
    )
    assert given_up == "10.0 s  given up for slack: Slack answered 404 no_service (gone)"
    shown_again_at = stack.cloud.queue("FailedDeliveries").next_visible_at
    assert shown_again_at is not None
    assert 0 < shown_again_at - time.time() <= 31


@pytest.mark.parametrize("log_tells", [True, False])
def test_the_failed_deliveries_are_rarely_read(log_tells: bool, stack: Stack, said: Terminal) -> None:  # noqa: FBT001
    """They are read at the end, and once before if the log cannot be: meanwhile, nobody else can receive them."""
    moments = []

    def refuse(_body: bytes) -> dict[str, Any]:
        moments.append(stack.seconds)
        return {"Error": {"Code": "AccessDenied", "Message": "Not allowed."}}

    stack.calls.answer("lambda.Invoke", stack.enqueue_only)
    stack.calls.answer("sqs.ReceiveMessage", refuse)
    if not log_tells:
        stack.calls.refuse("cloudwatch-logs.FilterLogEvents")

    assert stack.send_test("--timeout", "1m") == 1

    assert moments == ([60] if log_tells else [10, 60])
    needed = "cannot read the failed deliveries: you need sqs:ReceiveMessage: "
    assert len([line for line in said()[0] if needed in line]) == 1


def test_a_delivery_missing_from_the_ledger_counts_as_sent_by_the_log(
    stack: Stack, said: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output says that the ledger does not know."""
    monkeypatch.setattr(stack.cloud, "delivery_function", stack.cloud.cold_start("DeliveryFunction"))
    stack.calls.refuse("dynamodb.BatchWriteItem")

    assert stack.send_test("--to", "slack") == 0

    refused = "An error occurred (AccessDenied) when calling the BatchWriteItem operation: Not allowed."
    why = f"the ledger did not take the mark of a sent delivery: {refused}"
    assert said()[0][2:] == [f"10.0 s  sent to slack, but the ledger does not know: {why}"]


def test_a_sent_delivery_that_is_redelivered_and_fails_counts_as_sent(stack: Stack, said: Terminal) -> None:
    """Without its mark in the ledger, SQS may redeliver it."""
    fields = {"correlation_id": "e", "destination": "slack", "resource": "r", "attempts": 1, "message_id": "m"}
    lines = [
        {"message": "sent", **fields, "batch_size": 1, "ledger_error": "busy"},
        {"message": "not sent", **fields, "why": "no", "reason": None, "seconds": 10},
    ]
    found = {"events": [{"message": json.dumps(line)} for line in lines]}
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)
    stack.calls.answer("cloudwatch-logs.FilterLogEvents", lambda _body: found)

    assert stack.send_test("--to", "slack") == 0
    assert said()[0][2:] == ["10.0 s  sent to slack, but the ledger does not know: busy"]


def test_the_log_is_read_if_the_ledger_cannot_be(stack: Stack, said: Terminal) -> None:
    """One refused call does not prevent the next."""
    stack.calls.refuse("dynamodb.GetItem")

    assert stack.send_test("--to", "slack") == 0

    refused = "An error occurred (AccessDenied) when calling the GetItem operation: Not allowed."
    assert said()[0][2:] == [
        f"0.0 s  cannot read the ledger: you need dynamodb:GetItem: {refused}",
        "10.0 s  sent to slack: Slack posted it",
    ]


def test_a_throttled_ledger_is_read_again(stack: Stack, said: Terminal) -> None:
    """It may be busy for a second."""
    throttled = {"Error": {"Code": "ThrottlingException", "Message": "Slower."}}
    item = {"Item": {"state": {"S": "sent"}}, "ConsumedCapacity": {"TableName": stack.cloud.physical_id("Ledger")}}
    stack.calls.answer("dynamodb.GetItem", lambda _body: item if stack.seconds >= 1 else throttled)

    assert stack.send_test("--to", "slack") == 0

    busy = "An error occurred (ThrottlingException) when calling the GetItem operation: Slower."
    assert said()[0][2:] == [
        f"0.0 s  cannot read the ledger: {busy}",
        "1.0 s  sent to slack: Slack posted it",
    ]


@pytest.mark.parametrize("operation", ["cloudwatch-logs.FilterLogEvents", "dynamodb.GetItem", "sqs.ReceiveMessage"])
def test_an_unreachable_service_is_reported_and_the_rest_read(operation: str, stack: Stack, said: Terminal) -> None:
    """A network error is treated like a missing permission."""

    def unreachable(_body: bytes) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="https://nowhere.example")

    stack.calls.answer("lambda.Invoke", stack.enqueue_only)
    stack.calls.answer(operation, unreachable)

    assert stack.send_test("--timeout", "1m") == 1

    (line,) = said()[0][2:]
    assert "cannot read the " in line
    assert line.endswith('Could not connect to the endpoint URL: "https://nowhere.example"')


def test_a_log_line_of_another_shape_is_skipped(stack: Stack, said: Terminal) -> None:
    """Another version may have written it."""
    stack.slack.responses.append(FakeResponse(404, "no_service"))

    def find(request: bytes) -> dict[str, Any]:
        found = stack.find(request)
        return {**found, "events": [{"message": '{"message": "sent"}'}, {"message": "hello"}, *found["events"]]}

    stack.calls.answer("cloudwatch-logs.FilterLogEvents", find)

    assert stack.send_test("--to", "slack") == 1
    assert said()[0][2:] == ["10.0 s  given up for slack: Slack answered 404 no_service (gone)"]


def test_a_deferred_delivery_is_reported_and_waited_for(stack: Stack, said: Terminal) -> None:
    """The reason from the log is printed once; the retry sends the delivery."""
    stack.slack.responses.append(FakeResponse(429, "rate_limited", {"Retry-After": "30"}))
    stack.meanwhile = lambda: stack.mark("slack") if stack.seconds >= 31 else None

    assert stack.send_test("--to", "slack") == 0

    assert said()[0][2:] == [
        "10.0 s  not sent to slack: Slack answered 429 rate_limited (rate limited); it is retried after 30 s",
        "31.0 s  sent to slack: Slack posted it",
    ]


def test_a_delivery_deferred_beyond_the_time_out_is_reported(stack: Stack, said: Terminal) -> None:
    """A person does not wait for hours at a terminal."""
    stack.slack.responses.append(FakeResponse(503, ""))

    assert stack.send_test("--to", "slack", "--timeout", "1m") == 1

    assert said()[1] == [
        f"{STACK}: slack does not have it yet",
        '  It is retried automatically, for hours: "Old deliveries" in docs/operations.md, step 3.',
        "  A longer --timeout waits for it.",
    ]


def test_the_command_ends_at_its_time_out(stack: Stack, said: Terminal) -> None:
    """Deliveries that nobody received are reported, with the section to read."""
    stack.calls.answer("lambda.Invoke", stack.enqueue_only)

    assert stack.send_test("--timeout", "1m") == 1

    out, err = said()
    assert stack.seconds == 60
    assert len(out) == 2
    assert err == [
        f"{STACK}: it is unknown whether email has it",
        '  Does the delivery function receive deliveries? "Old deliveries" in docs/operations.md, from step 1 on.',
        "  A long BatchingWindowSeconds needs a longer --timeout.",
        f"{STACK}: it is unknown whether slack has it",
        '  Does the delivery function receive deliveries? "Old deliveries" in docs/operations.md, from step 1 on.',
        "  A long BatchingWindowSeconds needs a longer --timeout.",
    ]


def test_a_function_that_fails_is_quoted(stack: Stack, said: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has its type, and the section to read."""
    monkeypatch.setattr(stack.cloud, "events_function", stack.cloud.cold_start("EventsFunction"))
    stack.calls.refuse("ssm.GetParameter")

    assert stack.send_test() == 1

    refused = "An error occurred (AccessDenied) when calling the GetParameter operation: Not allowed."
    out, err = said()
    assert out == []
    assert err == [
        f"{STACK}: the events function failed: RoutesError: the routes could not be read: {refused}",
        '  Fix the cause: "Function errors" in docs/operations.md. The test is not retried.',
    ]


def test_a_stack_of_an_earlier_version_gets_no_test(stack: Stack, said: Terminal) -> None:
    """Its function takes an unknown event for Proton's, and would alert everybody in spite of --to."""
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    outputs = [each for each in described["Outputs"] if each["OutputKey"] != "TestEventSource"]
    stack.calls.answer("cloudformation.DescribeStacks", lambda _body: {"Stacks": [{**described, "Outputs": outputs}]})

    assert stack.send_test("--to", "slack") == 1

    assert stack.event_id == ""
    assert said() == (
        [],
        [
            f"{STACK}: deploy this version first",
            "  The stack's version does not know tests: it would alert everybody of an unknown status change.",
        ],
    )


def test_a_function_of_another_version_is_detected(stack: Stack, said: Terminal) -> None:
    """Its response has other fields."""
    older = {"id": "1", "title": "Test (unnamed) changed", "destinations": ["email"]}
    stack.calls.answer("lambda.Invoke", lambda _payload: {"Payload": io.BytesIO(json.dumps(older).encode())})

    assert stack.send_test() == 1
    assert said()[1] == [
        f"{STACK}: the events function responds as another version does: deploy this version",
        f"  {json.dumps(older)}",
    ]


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("cloudformation.DescribeStacks", "cloudformation:DescribeStacks"),
        ("cloudformation.ListStackResources", "cloudformation:ListStackResources"),
        ("lambda.Invoke", "lambda:InvokeFunction"),
    ],
)
def test_a_missing_permission_is_named(operation: str, permission: str, stack: Stack, said: Terminal) -> None:
    """It is named as in a policy."""
    stack.calls.refuse(operation)

    assert stack.send_test() == 1
    name = operation.partition(".")[2]
    refused = f"An error occurred (AccessDenied) when calling the {name} operation: Not allowed."
    assert said()[1] == [f"{STACK}: you need {permission}: {refused}"]


def test_a_deleted_function_is_reported(stack: Stack, said: Terminal) -> None:
    """The error says how to get it back."""
    gone = {"Error": {"Code": "ResourceNotFoundException", "Message": "Function not found"}}
    stack.calls.answer("lambda.Invoke", lambda _payload: gone)

    assert stack.send_test() == 1
    assert said()[1] == [
        f"{STACK}: An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found",
        "  The function was deleted: deploy again.",
    ]


@pytest.mark.usefixtures("stack")
def test_a_missing_stack_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """It may be in another region."""
    assert main(["send-test", "--stack", "other"]) == 1
    assert capsys.readouterr().err == (
        "other: An error occurred (ValidationError) when calling the ListStackResources operation: Stack with id other "
        "does not exist\n  Is that its name, and is this its region (--region)?\n"
    )


def test_every_type_of_channel_has_its_proof() -> None:
    """A new channel needs a row."""
    assert set(PROOFS) == set(CHANNEL_TYPES)
    assert [*PROOFS] == sorted(PROOFS)
