"""A notification on its way to one destination."""

from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification
from notifier.routing import Destination


class Delivery(BaseModel):
    """One notification for one destination, by name, as it travels through the queue in JSON."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    notification: Notification
    destination: str

    @property
    def id(self) -> str:
        """The same for the same event and destination, whoever makes it and however often."""
        return f"{self.notification.event_id}/{self.destination}"


class Channel(Protocol):
    """The code that can send to one type of place."""

    def send(self, notifications: tuple[Notification, ...], address: str) -> None:
        """Send *notifications* to *address* in one message; raise `DeliveryError` if that fails."""


def sender(
    name: str, destinations: tuple[Destination, ...], channels: Mapping[str, Channel]
) -> Callable[[tuple[Notification, ...]], None]:
    """Find what sends to the destination *name*; if there is none, what is sent raises `DeliveryError`."""
    destination = next((place for place in destinations if place.name == name), None)

    def send(notifications: tuple[Notification, ...]) -> None:
        if destination is None:
            message = f"there is no destination named {name}"
            raise DeliveryError(message, Reason.MISCONFIGURED)
        channels[destination.channel].send(notifications, destination.address)

    return send


def deliver_each(
    deliveries: tuple[Delivery, ...],
    destinations: tuple[Destination, ...],
    channels: Mapping[str, Channel],
) -> None:
    """Send every one of *deliveries* at once; raise an `ExceptionGroup` of what failed after all were tried."""
    failures = []
    for delivery in deliveries:
        try:
            sender(delivery.destination, destinations, channels)((delivery.notification,))
        except DeliveryError as error:
            failures.append(error)
    if failures:
        message = f"{len(failures)} of {len(deliveries)} deliveries failed"
        raise ExceptionGroup(message, failures)
