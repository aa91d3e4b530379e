import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.base import MissingDestination
from notifier.channels.destination import DeliveryError, Reason
from notifier.delivery.delivery import Delivery
from tests.samples import NAMES, STUCK, environment_event, event, notification

pytestmark = pytest.mark.uncounted

COMPOSED = notification(event("service-created"))


@pytest.mark.parametrize(
    ("trouble", "told", "reason"),
    [
        ("", "there is no destination named pager", Reason.MISCONFIGURED),
        ("no routes", "there is no destination named pager; no routes", Reason.UNAVAILABLE),
    ],
)
def test_a_destination_that_is_gone_is_an_error(trouble: str, told: str, reason: Reason) -> None:
    """A delivery whose destination was removed is kept; while the routes are in trouble, it waits for them."""
    missing = MissingDestination("pager", trouble)

    with pytest.raises(DeliveryError) as failed:
        missing.send((COMPOSED,))

    assert str(failed.value) == told
    assert failed.value.reason is reason


def test_a_delivery_of_an_earlier_version_is_not_silent() -> None:
    """A delivery that is in the queue during an update of the stack is sent as before."""
    wire = json.loads(Delivery(notification=COMPOSED, destination="email").to_json())
    del wire["silent"]

    assert Delivery.from_json(json.dumps(wire)).silent is False


def test_a_delivery_of_an_earlier_version_has_no_reason_command_or_key() -> None:
    """It is sent without them."""
    delivery = Delivery(notification=notification(STUCK), destination="email")
    wire = json.loads(delivery.to_json())
    for name in ("command", "key", "reason"):
        del wire["notification"][name]

    told = Delivery.from_json(json.dumps(wire)).notification

    assert told == replace(delivery.notification, command=None, key="", reason=None)


def test_an_id_names_event_and_destination() -> None:
    """The same delivery has the same id, however often it is made."""
    delivery = Delivery(notification=COMPOSED, destination="slack")

    assert delivery.id == f"{event('service-created')['id']}/slack"


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_survives_the_queue(name: str) -> None:
    """The delivery from the queue equals the one that was put there."""
    delivery = Delivery(notification=notification(event(name)), destination="email")

    assert Delivery.from_json(delivery.to_json()) == delivery


@given(text=st.text(max_size=400))
def test_a_delivery_of_anything_fits_the_queue(text: str) -> None:
    """SQS takes a mebibyte; no event makes a delivery of more than a fraction."""
    detail = {"name": text * 500, "status": text * 500, "previousStatus": text * 500, text: text}
    composed = notification({**environment_event(**detail), "region": text * 500})
    delivery = Delivery(notification=composed, destination="email")

    wire = delivery.to_json()

    assert Delivery.from_json(wire) == delivery
    assert len(wire) < 64 * 1024
