"""A notification on its way to one destination."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import msgspec

from notifier.destinations import Destination, Setting
from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from notifier.stored_secrets import StoredSecrets
    from notifier.webhooks import Webhooks


class UnreadableDeliveryError(Exception):
    """A text is no delivery; the message says where it differs, and repeats nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one destination, by name.

    A *silent* one goes the whole way but for the last step: the destination gets no message.
    """

    notification: Notification
    destination: str
    silent: bool = False

    @property
    def id(self) -> str:
        """The same for the same event and destination, whoever makes it and however often."""
        return f"{self.notification.event_id}/{self.destination}"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a delivery as `to_json` writes it; raise `UnreadableDeliveryError`."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise UnreadableDeliveryError(str(error)) from error

    def to_json(self) -> str:
        """Write the delivery as it travels through the queue."""
        return msgspec.json.encode(self).decode()


class Clients(Protocol):
    """What channels reach the outside with."""

    @property
    def secrets(self) -> "StoredSecrets":
        """The stores of secrets."""

    @property
    def sns(self) -> "SNSClient":
        """AWS's notification service."""

    def sns_in(self, region: str) -> "SNSClient":
        """AWS's notification service in *region*."""

    @property
    def webhooks(self) -> "Webhooks":
        """Kept connections to allowed hosts."""


# More than a batch of SQS can hold.
ALL_AT_ONCE: Final = 10_000


class Channel(Protocol):
    """What can send to one type of place."""

    @property
    def at_once(self) -> int:
        """How many notifications can go into one message."""

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> str | None:
        """Send *notifications* to *destination* in one message; raise `DeliveryError` if that fails.

        Return a note for the log, if there is anything to note about a message that was sent.
        """


class ChannelType(Protocol):
    """What makes a channel."""

    @property
    def at_once(self) -> int:
        """How many notifications can go into one message of the type."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What destinations of the type are configured with."""

    def __call__(self, clients: Clients, /) -> Channel:
        """Make the channel, which asks nobody for anything yet."""

    def message(self, notifications: tuple[Notification, ...], destination: Destination, /) -> Mapping[str, Any]:
        """Write *notifications* in one message, as it goes to *destination* but without its secrets."""


Send = Callable[[tuple[Notification, ...]], str | None]


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends to one destination, *at_once* so many notifications at most; *write* only writes the message."""

    send: Send
    at_once: int = ALL_AT_ONCE
    write: Callable[[tuple[Notification, ...]], object] = len


def nowhere(name: str, trouble: str) -> Sender:
    """Make what sends to a destination that is not there; *trouble* says why it may be there again, if it may."""

    def send(_notifications: tuple[Notification, ...]) -> None:
        message = f"there is no destination named {name}" + (f"; {trouble}" if trouble else "")
        raise DeliveryError(message, Reason.UNAVAILABLE if trouble else Reason.MISCONFIGURED)

    return Sender(send)


def deliver_each(deliveries: tuple[Delivery, ...], sender: Callable[[str], Sender]) -> None:
    """Send each of *deliveries* that is not silent; raise an `ExceptionGroup` of what failed after all were tried.

    *sender* finds what sends to a destination by name.
    """
    failures = []
    for delivery in [delivery for delivery in deliveries if not delivery.silent]:
        try:
            sender(delivery.destination).send((delivery.notification,))
        except DeliveryError as error:
            failures.append(error)
    if failures:
        message = f"{len(failures)} of {len(deliveries)} deliveries failed"
        raise ExceptionGroup(message, failures)
