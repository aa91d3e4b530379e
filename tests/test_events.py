"""The sample events and batches as a whole."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels import CHANNEL_TYPES
from notifier.channels.sns.topic import attributes
from notifier.delivery.delivery import dispatch
from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.routes.decisions import Recipient, RoutingDecision
from notifier.routes.document import Match, Route
from notifier.sources.proton.event_types import EVENT_TYPES
from proton_notifier.preview.command import payload
from tests.batches import BATCHES, DELIVERIES, batch
from tests.samples import EVENTS, NAMES, event, notification

# The samples of "Automate AWS Proton with EventBridge" in the AWS Proton User Guide.
USER_GUIDE = {
    "environment-deletion-failed": (
        "Environment",
        "environment/sample-environment",
        {"name": "sample-environment", "status": "DELETE_FAILED", "previousStatus": "DELETE_IN_PROGRESS"},
    ),
    "service-template-published": (
        "Service Template",
        "service-template/sample-service-template-name",
        {"name": "sample-service-template-name", "status": "PUBLISHED", "previousStatus": "DRAFT"},
    ),
    "service-template-version-registration-failed": (
        "Service Template Version",
        "service-template/sample-service-template-name:1.0",
        {
            "name": "sample-service-template-name",
            "majorVersion": "1",
            "minorVersion": "0",
            "status": "REGISTRATION_FAILED",
            "previousStatus": "REGISTRATION_IN_PROGRESS",
        },
    ),
}


@pytest.mark.parametrize("name", USER_GUIDE)
def test_the_user_guides_samples_are_as_printed_there(name: str) -> None:
    """A list as detail-type, a placeholder as region, and no version, id, account or region."""
    resource, arn, detail = USER_GUIDE[name]

    assert event(name) == {
        "source": "aws.proton",
        "detail-type": [f"AWS Proton {resource} Status Change"],
        "time": "2021-03-22T23:21:40.734Z",
        "resources": [f"arn:aws:proton:region_id:123456789012:{arn}"],
        "detail": detail,
    }


def test_there_is_a_sample_for_every_resource_and_severity() -> None:
    """Whoever looks for a situation finds it."""
    composed = [notification(event(name)) for name in NAMES]
    severities = Counter(entry.severity for entry in composed)

    assert {entry.resource_type for entry in composed} >= {row.resource_type for row in EVENT_TYPES.values()}
    assert set(severities) == set(Severity)
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_a_samples_name_begins_with_its_resource(name: str) -> None:
    """Files of one resource stand together."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", notification(event(name)).resource_type).lower()

    assert name.startswith(f"{words}-")


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_sample_batch_is_what_the_first_function_would_enqueue(name: str) -> None:
    """After a change of wording, `make batches` writes them anew."""
    assert json.loads((BATCHES / f"{name}.json").read_text(encoding="utf-8")) == json.loads(batch(name))


def _hostile(value: object, text: str) -> object:
    """Put *text* into each text of an event, and into each key of its detail."""
    match value:
        case dict():
            return {key: _hostile(each, text) for key, each in value.items()} | {text: text}
        case list():
            return [_hostile(each, text) for each in value]
        case _:
            return f"{value}{text}"


@given(
    name=st.sampled_from(NAMES),
    known=st.booleans(),
    text=st.sampled_from(
        ["\x1b", "\x7f", "\x9b", "\ud800", "\ufdd0", "\ufeff", "\ufffe", "\uffff", "\U0010fffe", "\u200d"]
    )
    | st.text(),
)
def test_whatever_an_event_says_goes_through_queue_and_topic(name: str, text: str, *, known: bool) -> None:
    """As SQS, SNS, a log, a terminal and a key of DynamoDB take it; half the texts that JSON can spell they do not."""
    raw = json.loads(json.dumps(_hostile(event(name), text)))
    told = notification(raw | ({"detail-type": event(name)["detail-type"]} if known else {}))
    route = Route("all", Match(), ("email",), title="${ name } ${ status }", body="${ name }\n${ account }")

    (delivery,) = dispatch(told, RoutingDecision(None, (), (Recipient("email", route, None),)))
    body = delivery.to_json()

    # What the API reference of SendMessage lists.
    assert re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", body)
    assert len(delivery.id.encode()) <= 1_024
    for said in _texts(json.loads(body)):
        assert said == tidy(said, len(said)) or said == delivery.notification.custom_body
    for channel in CHANNEL_TYPES:
        assert json.dumps(payload(channel, delivery.notification), ensure_ascii=False).encode()
    for attribute in attributes((delivery.notification,)).values():
        assert re.fullmatch("[ -~]+", attribute["StringValue"])


def _texts(value: object) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case str():
            yield value


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("code-build-build-with-a-password-in-its-environment", "correct-horse-battery-staple"),
        ("step-functions-execution-failed", "not-for-a-chat"),
    ],
)
def test_a_samples_secret_is_in_no_message(name: str, secret: str) -> None:
    """A build's variables and an execution's input stand in their events in plain text."""
    assert secret in json.dumps(event(name))
    assert not [each for each in CHANNEL_TYPES if secret in json.dumps(payload(each, notification(event(name))))]


def test_there_are_no_other_files() -> None:
    """A file that nobody knows is not tested."""
    assert {file.stem for file in EVENTS.glob("deliveries/*")} == set(DELIVERIES)
    assert [file for file in EVENTS.rglob("*") if file.is_file() and file.suffix != ".json"] == []
