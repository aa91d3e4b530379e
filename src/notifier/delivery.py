"""A notification on its way to one destination."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from notifier.notifications import Notification
from notifier.routing import Destination


class DeliveryError(Exception):
    """A destination did not take a notification; the message says why and holds no secret."""


class Delivery(BaseModel):
    """One notification for one destination, by name, as it travels through the queue in JSON."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    notification: Notification
    destination: str


class Channel(Protocol):
    """The code that can send to one type of place."""

    def send(self, notification: Notification, address: str) -> None:
        """Render and send *notification* to *address*; raise `DeliveryError` if that fails."""


def deliver(delivery: Delivery, destinations: tuple[Destination, ...], channels: Mapping[str, Channel]) -> None:
    """Send *delivery* to its destination; raise `DeliveryError` if there is none or it does not take it."""
    destination = next((place for place in destinations if place.name == delivery.destination), None)
    if destination is None:
        message = f"there is no destination named {delivery.destination}"
        raise DeliveryError(message)
    channels[destination.channel].send(delivery.notification, destination.address)


def deliver_each(
    deliveries: tuple[Delivery, ...],
    destinations: tuple[Destination, ...],
    channels: Mapping[str, Channel],
) -> None:
    """Send every one of *deliveries*; raise an `ExceptionGroup` of what failed after all were tried."""
    failures = []
    for delivery in deliveries:
        try:
            deliver(delivery, destinations, channels)
        except DeliveryError as error:
            failures.append(error)
    if failures:
        message = f"{len(failures)} of {len(deliveries)} deliveries failed"
        raise ExceptionGroup(message, failures)
