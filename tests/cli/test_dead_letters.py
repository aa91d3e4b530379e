import json
from typing import Any

import pytest

from notifier.delivery.delivery import Delivery
from proton_notifier.redrive.command import read
from tests.samples import HEARTBEAT, event, notification

FAILURE = event("service-instance-deployment-failed")
TITLE = "123456789012: checkout/prod could not be deployed (eu-west-1)"
SENT = "production: checkout/prod could not be deployed (eu-west-1)"
DELIVERY = Delivery(notification=notification(FAILURE), destination="slack").to_json()
# The sample of "Retaining records of asynchronous invocations", around an event of ours.
RECORD: dict[str, Any] = {
    "version": "1.0",
    "timestamp": "2019-11-14T18:16:05.568Z",
    "requestContext": {
        "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
        "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": FAILURE,
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "queue\nis gone", "errorType": "EnqueueError"},
}


def dead_letter(queue: str, body: str, **attributes: str) -> tuple[str, str | None]:
    """Read the description and the body of one message."""
    found = read(
        queue,
        {
            "MessageId": "1",
            "Body": body,
            "Attributes": {"SentTimestamp": "1772506720000"},
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        },
    )
    return found.description, found.body


def test_a_dead_letter_is_one_line() -> None:
    """Without attributes, its time is when it was sent."""
    message = {"MessageId": "1", "Body": DELIVERY, "Attributes": {"SentTimestamp": "1772506720999"}}

    assert str(read("FailedDeliveries", message)) == (  # type: ignore[arg-type] # boto3-stubs wants every attribute's type
        f"FailedDeliveries  2026-03-03 02:58:40 UTC  {SENT}, to slack (no reason given)"
    )


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "User\r\n\x1b[2Jdenied"}, "NO_PERMISSIONS: User [2Jdenied"),
        ({"ERROR_CODE": "TIMEOUT", "RETRY_ATTEMPTS": "185"}, "TIMEOUT"),
        ({"ERROR_MESSAGE": "denied"}, "denied"),
        ({}, "no reason given"),
    ],
)
def test_a_rule_dead_letter_is_the_event(attributes: dict[str, str], reason: str) -> None:
    """EventBridge gives the reason in attributes; the event is sent back unchanged."""
    body = json.dumps(FAILURE, indent=1)

    assert dead_letter("RuleDeadLetters", body, **attributes) == (f"{TITLE} ({reason})", body)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, "RetriesExhausted: EnqueueError: queue is gone"),
        ({"requestContext": {"condition": "EventAgeExceeded"}, "responsePayload": None}, "EventAgeExceeded"),
        ({"requestContext": None}, "EnqueueError: queue is gone"),
        ({"requestContext": {}, "responsePayload": "timed out"}, "no reason given"),
        ({"requestContext": [], "responsePayload": {"errorType": 1, "errorMessage": {}}}, "1"),
    ],
)
def test_a_failed_event_is_a_record_around_the_event(changed: dict[str, Any], reason: str) -> None:
    """Other fields may be missing or odd."""
    description, body = dead_letter("FailedEvents", json.dumps({**RECORD, **changed}))

    assert description == f"{TITLE} ({reason})"
    assert body
    assert json.loads(body) == FAILURE


def test_a_heartbeat_reads_as_one() -> None:
    """It is sent back unchanged, so that the function recognises it."""
    body = json.dumps(HEARTBEAT)

    assert dead_letter("RuleDeadLetters", body, ERROR_CODE="NO_RESOURCE") == (
        "123456789012: notifier heartbeat arrived: messages get through (eu-west-1) (NO_RESOURCE)",
        body,
    )


def test_a_record_needs_only_the_event() -> None:
    """A function that never ran has no response."""
    assert dead_letter("FailedEvents", json.dumps({"requestPayload": FAILURE})) == (
        f"{TITLE} (no reason given)",
        json.dumps(FAILURE),
    )


@pytest.mark.parametrize(("attributes", "reason"), [({"reason": "gone"}, "gone"), ({}, "no reason given")])
def test_a_failed_delivery_is_a_delivery(attributes: dict[str, str], reason: str) -> None:
    """SQS moves one without a reason."""
    assert dead_letter("FailedDeliveries", DELIVERY, **attributes) == (
        f"{SENT}, to slack ({reason})",
        DELIVERY,
    )


@pytest.mark.parametrize(
    ("queue", "body", "error"),
    [
        ("RuleDeadLetters", "hello", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("RuleDeadLetters", "[" * 100_000, "not JSON: "),
        ("RuleDeadLetters", "[]", "not an EventBridge event: it is no JSON object"),
        ("RuleDeadLetters", '{"source": "s", "detail": {}}', "not an EventBridge event: detail-type: Field required"),
        ("FailedEvents", "hello", "not JSON: "),
        ("FailedEvents", "[]", "Input should be a valid dictionary or instance of FailedInvocation"),
        ("FailedEvents", "{}", "requestPayload: Field required"),
        ("FailedEvents", '{"requestPayload": "cut', "not JSON: "),
        ("FailedEvents", '{"requestPayload": {}}', "not an EventBridge event: source: Field required"),
        ("FailedDeliveries", "hello", "not JSON: "),
        ("FailedDeliveries", "7", "Expected `object`, got `int`"),
        ("FailedDeliveries", '{"destination": "slack"}', "Object missing required field `notification`"),
    ],
)
def test_an_unreadable_message_says_why(queue: str, body: str, error: str) -> None:
    """Each queue may contain anything."""
    description, to_send = dead_letter(queue, body)

    assert to_send is None
    assert description.startswith(f"UNREADABLE, stays there: {error}")
