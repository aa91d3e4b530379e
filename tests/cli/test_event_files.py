import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from notifier.delivery.delivery import Delivery
from notifier.sources.envelope import Event
from proton_notifier.common.event_files import FileEvent, read_events
from proton_notifier.main import main
from tests.notifier.sources.documented_events import DOCUMENTED
from tests.samples import EVENTS, event, notification

FAILURE = event("service-instance-deployment-failed")
SUCCESS = event("service-created")
TEXT = json.dumps(FAILURE)
SNS = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": TEXT}
DELIVERY = Delivery(notification=notification(FAILURE), destination="slack").to_json()


def sqs(body: str) -> Mapping[str, Any]:
    """Write a record as SQS passes it to a function."""
    return {"messageId": "1", "receiptHandle": "h", "body": body, "attributes": {}, "eventSource": "aws:sqs"}


def received(body: str) -> Mapping[str, Any]:
    """Write a message as `aws sqs receive-message` prints it."""
    return {"MessageId": "1", "ReceiptHandle": "h", "MD5OfBody": "0", "Body": body}


def titles(tmp_path: Path, content: str) -> list[str]:
    """List the titles, or the errors, of the events of a file with *content*."""
    file = tmp_path / "events.json"
    file.write_text(content, encoding="utf-8")
    return [_title(found) for found in read_events(file)]


def _title(found: FileEvent) -> str:
    return found.notification.title if found.notification else found.error


FAILED = "123456789012: checkout/prod could not be deployed (eu-west-1)"
ACTIVE = "123456789012: service checkout is active (eu-west-1)"


@pytest.mark.parametrize(
    "wrapped",
    [
        {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": SNS}]},
        {"Records": [sqs(TEXT)]},
        {"Records": [sqs(json.dumps(SNS))]},
        {"Messages": [received(TEXT)]},
        {"Messages": [received(json.dumps(SNS))]},
        received(TEXT),
        [sqs(TEXT)],
        SNS,
        {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": FAILURE},
        {"Messages": [received(json.dumps({"requestPayload": FAILURE, "responsePayload": {}}))]},
        {"source": "lambda", "detail-type": "Invocation Result", "detail": {"requestPayload": FAILURE}},
        TEXT,
        [TEXT],
        {"Records": [sqs(json.dumps({"Messages": [received(json.dumps(SNS))]}))]},
        [FAILURE],
        [[FAILURE]],
        {"at": "2026-12-01T08:00:00Z", "event": FAILURE},
        {"notification": json.loads(DELIVERY)["notification"], "destination": "slack"},
        {"Records": [sqs(DELIVERY)]},
    ],
)
def test_a_wrapped_event_is_unwrapped(wrapped: object, tmp_path: Path) -> None:
    """Queues, topics and records of failed invocations wrap events."""
    (title,) = titles(tmp_path, json.dumps(wrapped))

    assert title.replace("production", "123456789012") == FAILED


ENTRY = {
    "Source": "aws.proton",
    "DetailType": FAILURE["detail-type"],
    "Detail": json.dumps(FAILURE["detail"]),
    "Resources": FAILURE["resources"],
}


@pytest.mark.parametrize("wrapped", [[ENTRY, ENTRY], {"Entries": [ENTRY, {**ENTRY, "Time": 1772528400}]}])
def test_entries_of_put_events_are_events(wrapped: object, tmp_path: Path) -> None:
    """Their detail is text, and their time is as the CLI writes it."""
    assert titles(tmp_path, json.dumps(wrapped)) == [FAILED, FAILED]


@pytest.mark.parametrize("wrap", [dict, lambda event: {"Type": "Notification", "Message": json.dumps(event)}])
def test_a_notification_of_the_developer_tools_is_an_event(wrap: Callable[[object], object], tmp_path: Path) -> None:
    """A notification rule spells the detail-type in another way, and leaves the id out."""
    processed = json.loads((DOCUMENTED / "cp_processed_pipeline_failed.json").read_text(encoding="utf-8"))

    assert titles(tmp_path, json.dumps(wrap(processed))) == ["123456789012: pipeline myPipeline failed (us-west-2)"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([FAILURE, SUCCESS]),
        f"{TEXT}\n{json.dumps(SUCCESS)}\n",
        f"{TEXT}\n\n{json.dumps([SUCCESS])}",
        f"{json.dumps(FAILURE, indent=2)}\n{json.dumps(SUCCESS, indent=2)}\n",
        json.dumps({"Records": [sqs(TEXT), sqs(json.dumps(SUCCESS))]}),
        f"{TEXT}{json.dumps(SUCCESS)}",
        f"  {TEXT}\n  {json.dumps(SUCCESS)}",
        f"{TEXT},\n{json.dumps(SUCCESS)},\n",
        f"{json.dumps(TEXT)}\n{json.dumps(json.dumps(SUCCESS))}",
    ],
    ids=["list", "lines", "gaps", "one after another", "records", "joined", "indented", "out of a list", "texts"],
)
def test_several_events_are_numbered(content: str, tmp_path: Path) -> None:
    """Each has its own result."""
    file = tmp_path / "events.json"
    file.write_text(content, encoding="utf-8")

    found = read_events(file)

    assert [each.name for each in found] == [f"{file}#1", f"{file}#2"]
    assert [_title(each) for each in found] == [FAILED, ACTIVE]


def test_a_broken_line_hides_no_other(tmp_path: Path) -> None:
    """Its error has the number of the line."""
    content = f'{TEXT}\n{{"source": \noops\n{json.dumps(SUCCESS)} and more\n2026-03-03 {TEXT}\n{TEXT}'
    broken = ["line 2: not JSON", "line 4: not JSON"]

    assert titles(tmp_path, content) == [FAILED, broken[0], ACTIVE, broken[1], FAILED]


def test_a_single_broken_event_is_one_error(tmp_path: Path) -> None:
    """The number of its lines does not matter."""
    broken = json.dumps(FAILURE, indent=2).replace('"id":', '"id"')

    (title,) = titles(tmp_path, broken)

    assert title.startswith("not JSON: Expecting ':' delimiter: line")


@pytest.mark.parametrize("wrapped", ['{"Records": []}', '{"Messages": []}', "[" * 32 + TEXT + "]" * 32])
def test_a_file_without_events_says_so(wrapped: str, tmp_path: Path) -> None:
    """It may be an empty response of a queue, or lists in lists."""
    assert titles(tmp_path, wrapped) == ["there is no event in it"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"key1": "value1", "key2": "value2", "key3": "value3"}', "the Lambda console's test event"),
        (
            '{"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "Put", "s3": {}}]}',
            "a notification of S3",
        ),
        ('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "", "Bucket": "b"}', "a test notification of S3"),
        (
            '{"Records": [{"eventVersion": "1.08", "eventSource": "proton.amazonaws.com", "eventName": "GetService"}]}',
            "a record of CloudTrail",
        ),
        (
            json.dumps({**SNS, "Message": '{"AlarmName": "a", "NewStateValue": "ALARM"}'}),
            "a message of a CloudWatch alarm",
        ),
        ('{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}', "a CloudFormation template"),
        ('{"httpMethod": "GET", "path": "/", "body": "{}"}', "a request of API Gateway"),
        (json.dumps({**SNS, "Message": "StackId='arn:aws:cloudformation:'\n"}), "a notification of CloudFormation"),
        ('{"Type": "SubscriptionConfirmation", "SubscribeURL": "https://"}', "a confirmation of an SNS subscription"),
        ('{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}', "a response of put-events"),
    ],
)
def test_an_object_that_is_no_event_is_called_by_its_name(content: str, name: str, tmp_path: Path) -> None:
    """A person who chose the wrong file recognises it."""
    assert titles(tmp_path, content) == [f"not an EventBridge event: it is {name}"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ('[[routes]]\nto = ["email"]\n', "a routes document"),
        ("# mine\n[destinations.alerts]\n", "a routes document"),
        ("AWSTemplateFormatVersion: '2010-09-09'\n", "a CloudFormation template"),
        ("<html>", "HTML or XML"),
    ],
)
def test_a_text_that_is_no_json_is_called_by_its_name(content: str, name: str, tmp_path: Path) -> None:
    """A person who chose the wrong file recognises it."""
    assert titles(tmp_path, content) == [f"not JSON: it is {name}"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"Records": [{"messageId": "1", "body": "hello"}]}', "it is no JSON object"),
        (
            '{"notification": {}, "destination": "slack"}',
            "it is a delivery that cannot be read: Object missing",
        ),
        ('{"source": "s"}', "detail-type: Field required; detail: Field required"),
    ],
)
def test_an_unknown_object_is_described(content: str, problem: str, tmp_path: Path) -> None:
    """The error lists the missing fields."""
    (title,) = titles(tmp_path, content)

    assert title.startswith(f"not an EventBridge event: {problem}")


def test_both_commands_number_the_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They also say if a deployed stack would drop an event."""
    file, document = tmp_path / "events.json", tmp_path / "routes.toml"
    file.write_text(json.dumps([FAILURE, {**SUCCESS, "source": "mine"}, 7]), encoding="utf-8")
    document.write_text('[[routes]]\nto = ["email"]\n', encoding="utf-8")
    note = 'no rule of the stack matches it: no rule is for its source, "mine"'

    for command in (["preview"], ["routes", "test", str(document)]):
        status = main([*command, "--output", "json", str(file)])

        shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert status == 1
        assert [each["file"] for each in shown] == [f"{file}#{number}" for number in (1, 2, 3)]
        assert [each.get("note") for each in shown] == [None, note if command[0] == "routes" else None, None]
        assert shown[2]["error"] == "not an EventBridge event: it is no JSON object"

        main([*command, str(file)])

        captured = capsys.readouterr()
        assert note in " ".join((captured.out + captured.err).split())


def test_the_consoles_scheduled_event_is_no_heartbeat(tmp_path: Path) -> None:
    """It is the sample of the consoles of Lambda and EventBridge."""
    sample = {
        "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "1970-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/ExampleRule"],
        "detail": {},
    }

    assert Event.model_validate(sample).source == "aws.events"
    assert titles(tmp_path, json.dumps(sample)) == [
        "123456789012: Scheduled Event rule/ExampleRule changed, but its event names no status (us-east-1)"
    ]


def test_a_batch_of_deliveries_has_its_notifications(capsys: pytest.CaptureFixture[str]) -> None:
    """The messages of a queue can be previewed, too."""
    status = main(["preview", "--output", "json", str(EVENTS / "deliveries/two-destinations.json")])

    assert status == 0
    assert all(json.loads(line)["messages"] for line in capsys.readouterr().out.splitlines())
