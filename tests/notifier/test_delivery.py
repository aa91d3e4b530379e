import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery import Delivery, deliver_each, sender
from notifier.destinations import Destination
from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification
from tests.samples import NAMES, environment_event, event, notification

PLACES = (Destination("email", "sns", ()), Destination("slack", "slack", ()))
COMPOSED = notification(event("service-created"))


class RememberingChannel:
    """A channel that remembers what it was given and refuses if it is told to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.sent: list[tuple[str, str]] = []
        self._refuses = refuses

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Remember or refuse."""
        if self._refuses:
            raise DeliveryError(destination.name, Reason.UNAVAILABLE)
        self.sent += ((notification.title, destination.name) for notification in notifications)


def test_a_delivery_goes_to_its_destination_alone() -> None:
    """The name leads to the channel."""
    channels = {"sns": RememberingChannel(), "slack": RememberingChannel()}

    sender("slack", PLACES, channels)((COMPOSED,))

    assert channels["slack"].sent == [("Service checkout is active", "slack")]
    assert channels["sns"].sent == []


def test_a_destination_that_is_gone_is_an_error() -> None:
    """A delivery that waited while its destination was removed is not lost silently."""
    with pytest.raises(DeliveryError, match="there is no destination named pager") as failed:
        sender("pager", PLACES, {})((COMPOSED,))

    assert failed.value.reason is Reason.MISCONFIGURED


def test_one_broken_channel_does_not_silence_the_others() -> None:
    """Every delivery is tried, and what failed arrives as one group."""
    channels = {"sns": RememberingChannel(refuses=True), "slack": RememberingChannel()}
    deliveries = tuple(Delivery(notification=COMPOSED, destination=place.name) for place in PLACES)

    with pytest.raises(ExceptionGroup, match="1 of 2 deliveries failed") as failed:
        deliver_each(deliveries, PLACES, channels)

    assert [str(error) for error in failed.value.exceptions] == ["email"]
    assert channels["slack"].sent == [("Service checkout is active", "slack")]


def test_deliveries_that_all_succeed_raise_nothing() -> None:
    """The ordinary case."""
    channels = {"sns": RememberingChannel(), "slack": RememberingChannel()}

    deliver_each(tuple(Delivery(notification=COMPOSED, destination=place.name) for place in PLACES), PLACES, channels)

    assert [len(channel.sent) for channel in channels.values()] == [1, 1]


def test_a_silent_delivery_is_sent_to_nobody() -> None:
    """The others are."""
    channels = {"sns": RememberingChannel(), "slack": RememberingChannel()}
    silent = Delivery(notification=COMPOSED, destination="email", silent=True)

    deliver_each((silent, Delivery(notification=COMPOSED, destination="slack")), PLACES, channels)

    assert [len(channel.sent) for channel in channels.values()] == [0, 1]


def test_a_delivery_of_an_earlier_version_is_not_silent() -> None:
    """What waits in a queue while the stack is updated is sent as ever."""
    wire = json.loads(Delivery(notification=COMPOSED, destination="email").model_dump_json())
    del wire["silent"]

    assert Delivery.model_validate_json(json.dumps(wire)).silent is False


def test_an_id_names_event_and_destination() -> None:
    """The same delivery has the same id, however often it is made."""
    delivery = Delivery(notification=COMPOSED, destination="slack")

    assert delivery.id == f"{event('service-created')['id']}/slack"


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_survives_the_queue(name: str) -> None:
    """What comes out of the queue is what went in."""
    delivery = Delivery(notification=notification(event(name)), destination="email")

    assert Delivery.model_validate_json(delivery.model_dump_json()) == delivery


@given(text=st.text(max_size=400))
def test_a_delivery_of_anything_fits_the_queue(text: str) -> None:
    """SQS takes a mebibyte; no event makes a delivery of more than a fraction."""
    detail = {"name": text * 500, "status": text * 500, "previousStatus": text * 500, text: text}
    composed = notification({**environment_event(**detail), "region": text * 500})
    delivery = Delivery(notification=composed, destination="email")

    wire = delivery.model_dump_json()

    assert Delivery.model_validate_json(wire) == delivery
    assert len(wire) < 64 * 1024
