"""The contract of a channel, and the sender to one destination."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from notifier.channels.destination import Destination, Setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.model.incident import Turn
from notifier.model.notification import Notification

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from notifier.channels.http.client import HttpClient
    from notifier.channels.secrets import StoredSecrets


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients that channels send through; *sns_in* opens SNS in a region, by default in the stack's."""

    http: "HttpClient"
    secrets: "StoredSecrets"
    sns_in: Callable[[str | None], "SNSClient"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that a destination has taken.

    *note*, for the log, says what the message lacks or what was unusual about the response. *id* and *place* find the
    message again, if the channel has them.
    """

    note: str = ""
    id: str = ""
    place: str = ""


# A destination that can neither thread nor edit gets a message at each of these.
MILESTONES: Final = frozenset(
    {
        Turn.AGAIN,
        Turn.FINISHED,
        Turn.RECOVERED,
        Turn.ENDED,
        Turn.LATE,
        Turn.REMINDER,
        Turn.FLAPPING,
        Turn.SETTLED,
    }
)
# More than a batch of SQS can hold.
UNLIMITED_BATCH: Final = 10_000


class Channel(ABC):
    """A type of destination: its settings, its messages, and how they are sent.

    *max_batch* is the number of notifications that one message can hold.
    """

    settings: ClassVar[tuple[Setting, ...]]
    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @classmethod
    def follows(cls, _destination: Destination, /) -> frozenset[Turn]:
        """Return the turns of an incident that *destination* gets if it was told of it, even without a route."""
        return MILESTONES

    @staticmethod
    @abstractmethod
    def message(notifications: tuple[Notification, ...], destination: Destination, /) -> Mapping[str, Any]:
        """Render *notifications* in one message to *destination*, without the secrets."""

    @abstractmethod
    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> Receipt | None:
        """Send *notifications* to *destination* in one message; raise `DeliveryError` if that fails.

        Return a receipt if it says anything.
        """


Send = Callable[[tuple[Notification, ...]], Receipt | None]


@dataclass(frozen=True, slots=True)
class Sender:
    """A channel bound to one destination; *render* returns the message that *send* sends."""

    send: Send
    max_batch: int = UNLIMITED_BATCH
    render: Callable[[tuple[Notification, ...]], object] = len


def missing_destination(name: str, error: str) -> Sender:
    """Make the sender of a destination that is not declared; *error* says why it may be declared again, if it may."""

    def send(_notifications: tuple[Notification, ...]) -> None:
        error_text = f"there is no destination named {name}" + (f"; {error}" if error else "")
        raise DeliveryError(error_text, Reason.UNAVAILABLE if error else Reason.MISCONFIGURED)

    return Sender(send)
