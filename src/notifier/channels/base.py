"""The contract of a channel, and the sender to one destination."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

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
    message again, if the channel has them. *is_root* is true if the message is known to be outside of any thread.
    """

    note: str = ""
    id: str = ""
    place: str = ""
    is_root: bool = False


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

    *max_batch* is the number of notifications that one message can hold. A channel that is *ordered* keeps a state of
    its own, which an older turn of an incident would make wrong.
    """

    settings: ClassVar[tuple[Setting, ...]]
    max_batch: ClassVar[int] = UNLIMITED_BATCH
    ordered: ClassVar[bool] = False

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


Result = TypeVar("Result")
Notifications = tuple[Notification, ...]
Send = Callable[[Notifications], Receipt | None]
Find = Callable[[Notifications, Receipt, float], Mapping[str, Receipt]]


@dataclass(frozen=True, slots=True)
class Threads:
    """The abilities of a `ThreadedChannel`, bound to one destination; the last argument of *reply* is *late*."""

    reply: Callable[[Notifications, Receipt, bool], Receipt]
    edit: Callable[[Notification, Receipt], None]
    find: Find


class ThreadedChannel(Channel):
    """A channel that keeps one message about an incident up to date, the *root*, and tells the rest in its thread."""

    @abstractmethod
    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> Receipt:
        """Send *notifications* as `Channel.send` does; the receipt names the message."""

    @abstractmethod
    def reply(
        self, notifications: tuple[Notification, ...], destination: Destination, root: Receipt, *, late: bool
    ) -> Receipt:
        """Send *notifications* to the thread of *root*; if *late*, say that the thread knows what came after them."""

    @abstractmethod
    def edit(self, notification: Notification, destination: Destination, root: Receipt) -> None:
        """Replace the message *root*."""

    @abstractmethod
    def find(
        self, notifications: tuple[Notification, ...], destination: Destination, root: Receipt, since: float
    ) -> Mapping[str, Receipt]:
        """Look for messages of *notifications* that were sent *since* then, in the thread of *root* if it has an id.

        Return the receipts of those that were found by the id of the event; raise no `DeliveryError`.
        """

    def threads(self, destination: Destination) -> Threads:
        """Bind the abilities to *destination*."""
        return Threads(
            lambda notifications, root, late: self.reply(notifications, destination, root, late=late),
            lambda notification, root: self.edit(notification, destination, root),
            lambda notifications, root, since: self.find(notifications, destination, root, since),
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """A channel bound to one destination; *render* returns the message that *send* sends."""

    send: Send
    max_batch: int = UNLIMITED_BATCH
    render: Callable[[Notifications], object] = len
    threads: Threads | None = None
    ordered: bool = False

    def within(self, context: Callable[[Notifications], AbstractContextManager[None]]) -> "Sender":
        """Enter *context* around each call of the destination."""

        def wrap(call: Callable[..., Result]) -> Callable[..., Result]:
            def wrapped(first: Notifications | Notification, *others: object) -> Result:
                with context(first if isinstance(first, tuple) else (first,)):
                    return call(first, *others)

            return wrapped

        threads = self.threads and Threads(wrap(self.threads.reply), wrap(self.threads.edit), wrap(self.threads.find))
        return replace(self, send=wrap(self.send), threads=threads)


def missing_destination(name: str, error: str) -> Sender:
    """Make the sender of a destination that is not declared; *error* says why it may be declared again, if it may."""

    def send(_notifications: tuple[Notification, ...]) -> None:
        error_text = f"there is no destination named {name}" + (f"; {error}" if error else "")
        raise DeliveryError(error_text, Reason.UNAVAILABLE if error else Reason.MISCONFIGURED)

    return Sender(send)
