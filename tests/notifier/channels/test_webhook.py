import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from moto import mock_aws

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.notification_json import json_document
from notifier.channels.secrets import Secret
from notifier.channels.webhook import WebhookChannel, message_id, signature, signing_key
from notifier.model.incident import Incident, State, Turn
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.webhook import KEY, FakeReceiver
from tests.clients import channel_clients
from tests.samples import NAMES, environment_event, event, notification

PLACE: Final = Destination("hook", "webhook", (("url", "hook-url"), ("signing_key", "hook-key")))
COMPOSED: Final = notification(event("service-update-failed"))
SCHEMA: Final = Path(__file__).parents[3] / "docs/schemas/notifications-v1.schema.json"
VALIDATOR: Final = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
ROOM: Final = 10_000_000


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    """Run a receiver whose address and key are in moto."""
    with FakeReceiver() as running, mock_aws():
        secrets = boto3.client("secretsmanager", region_name="eu-west-1")
        secrets.create_secret(Name="hook-url", SecretString=running.url)
        secrets.create_secret(Name="hook-key", SecretString=KEY)
        yield running


def replace_key(key: str) -> None:
    """Put another key into the secret."""
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(SecretId="hook-key", SecretString=key)


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NAMES)
def test_what_is_sent_is_as_the_schema_says(name: str) -> None:
    """Receivers are written against it."""
    written = json_document((notification(event(name)),), ROOM)

    assert [error.message for error in VALIDATOR.iter_errors(written)] == []


@pytest.mark.parametrize("opened_at", [None, datetime(2026, 3, 3, tzinfo=UTC)])
@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("state", State)
def test_an_incident_is_as_the_schema_says(turn: Turn, state: State, opened_at: datetime | None) -> None:
    """Each turn and state, with and without what may be unknown."""
    incident = Incident("1", "1", turn, state, 2 if opened_at else None, opened_at, 1)

    written = json_document((replace(COMPOSED, incident=incident),), ROOM)

    assert [error.message for error in VALIDATOR.iter_errors(written)] == []


@given(text=st.text(max_size=300))
def test_whatever_comes_is_as_the_schema_says(text: str) -> None:
    """Also what no event should hold."""
    raw = {**environment_event(name=text, status=text, previousStatus=text), "region": text, "account": text}

    written = json_document((notification(raw), COMPOSED), ROOM)

    assert [error.message for error in VALIDATOR.iter_errors(written)] == []


def test_the_schema_asks_for_all_that_is_sent() -> None:
    """A field that is added has to be described."""
    (written,) = json_document((COMPOSED,), ROOM)["notifications"]

    assert sorted(VALIDATOR.schema["$defs"]["notification"]["required"]) == sorted(written)


def test_a_signed_message_arrives(receiver: FakeReceiver) -> None:
    """A receiver that follows the specification takes it."""
    WebhookChannel(channel_clients(), PLACE).send((COMPOSED, replace(COMPOSED, event_id="other")))

    (message,) = receiver.messages
    assert [entry["id"] for entry in message["notifications"]] == [COMPOSED.event_id, "other"]
    assert receiver.rejections == []


def test_a_message_that_is_sent_again_is_known_again(receiver: FakeReceiver) -> None:
    """Its id is that of its events, in whatever order they come."""
    other = replace(COMPOSED, event_id="other")
    channel = WebhookChannel(channel_clients(), PLACE)

    channel.send((COMPOSED, other))
    channel.send((other, COMPOSED))

    assert len(receiver.messages) == 1
    assert len(receiver.ids) == 2
    assert message_id((COMPOSED,)) != message_id((other,))


def test_the_signature_is_that_of_the_published_test_vector() -> None:
    """The one that the specification's libraries have in common."""
    key = signing_key(Secret("hook-key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_id_is_fit_for_a_header() -> None:
    """An event's own id may hold anything; a full stop would shift what is signed, a line break the headers."""
    assert re.fullmatch("msg_[0-9a-f]{64}", message_id((replace(COMPOSED, event_id="x.\r\nEvil: y"),)))


def test_a_key_that_was_replaced_is_used_at_once(receiver: FakeReceiver) -> None:
    """The receiver refuses the old one, and the new one is read."""
    replace_key("whsec_" + b64encode(bytes(32)).decode())
    channel = WebhookChannel(channel_clients(), PLACE)
    with pytest.raises(DeliveryError, match=r"^The receiver answered 401$"):
        channel.send((COMPOSED,))
    replace_key(KEY)

    channel.send((COMPOSED,))

    assert len(receiver.messages) == 1


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_short", "whsec_!!", "ü" * 40, "whsec_" + "A" * 100])
def test_what_is_no_key_is_named_and_not_repeated(key: str, receiver: FakeReceiver) -> None:
    """Nothing goes out unsigned."""
    replace_key(key or " ")

    with pytest.raises(DeliveryError, match="the secret hook-key does not hold whsec_ and 24 to 64 bytes") as failed:
        WebhookChannel(channel_clients(), PLACE).send((COMPOSED,))

    assert failed.value.reason is Reason.MISCONFIGURED
    assert receiver.ids == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [(429, Reason.RATE_LIMITED), (500, Reason.UNAVAILABLE), (400, Reason.REJECTED), (410, Reason.GONE)],
)
def test_anything_but_a_success_is_an_error(status: int, reason: Reason, receiver: FakeReceiver) -> None:
    """And of a stranger's answer nothing is repeated."""
    receiver.responses.append(FakeResponse(status, "s3cr3t"))

    with pytest.raises(DeliveryError) as failed:
        WebhookChannel(channel_clients(), PLACE).send((COMPOSED,))

    assert failed.value.reason is reason
    assert "s3cr3t" not in str(failed.value)


def test_a_host_that_nobody_listed_gets_nothing(receiver: FakeReceiver) -> None:
    """There is no vendor whose hosts would be allowed by themselves."""
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(
        SecretId="hook-url", SecretString="https://example.com/"
    )

    with pytest.raises(DeliveryError, match="the secret hook-url does not hold an https URL on") as failed:
        WebhookChannel(channel_clients(), PLACE).send((COMPOSED,))

    assert failed.value.reason is Reason.MISCONFIGURED
    assert receiver.messages == []
