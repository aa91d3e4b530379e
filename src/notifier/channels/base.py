"""The contract between a channel and those who send through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from notifier.channels.destination import Destination, Setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.model.notification import Notification

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from notifier.channels.http.client import Webhooks
    from notifier.channels.secrets import StoredSecrets


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
UNLIMITED_BATCH: Final = 10_000


class Channel(Protocol):
    """What can send to one type of place."""

    @property
    def max_batch(self) -> int:
        """The number of notifications that one message can hold."""

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> str | None:
        """Send *notifications* to *destination* in one message; raise `DeliveryError` if that fails.

        Return a note for the log, if there is anything to note about a message that was sent.
        """


class ChannelType(Protocol):
    """What makes a channel."""

    @property
    def max_batch(self) -> int:
        """The number of notifications that one message of the type can hold."""

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
    """A sender to one destination: *send* takes *max_batch* notifications at most, *write* writes the message only."""

    send: Send
    max_batch: int = UNLIMITED_BATCH
    write: Callable[[tuple[Notification, ...]], object] = len


def missing_destination(name: str, error: str) -> Sender:
    """Make what sends to a destination that is not there; *error* says why it may be there again, if it may."""

    def send(_notifications: tuple[Notification, ...]) -> None:
        message = f"there is no destination named {name}" + (f"; {error}" if error else "")
        raise DeliveryError(message, Reason.UNAVAILABLE if error else Reason.MISCONFIGURED)

    return Sender(send)
