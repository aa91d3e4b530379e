"""The contract of a channel."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from notifier.channels.destination import DeliveryError, Destination, Reason, Setting
from notifier.model.incident import State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from notifier.channels.http.client import HttpClient
    from notifier.channels.secrets import StoredSecrets


Notifications = tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients that channels send through; *sns_in* returns the SNS client of a region, by default the stack's."""

    http: "HttpClient"
    secrets: "StoredSecrets"
    sns_in: Callable[[str | None], "SNSClient"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that a destination has accepted.

    *note*, for the log, says what the message lacks or what was unusual about the response. *id* and *place* identify
    the message, if the channel supports that. *is_root* is true if the message is known to be outside any thread.
    """

    note: str = ""
    id: str = ""
    place: str = ""
    is_root: bool = False


# A destination without threads and edits gets a message at each of these turns.
MILESTONES: Final = frozenset(Turn) - {Turn.OPENED, Turn.UPDATED, Turn.PROGRESS, Turn.NOTED, Turn.COUNTED}
# The severity of the first message of an open incident, and of a page.
OPEN_SEVERITIES: Final = {
    State.FAILING: Severity.FAILURE,
    State.FLAPPING: Severity.FAILURE,
    State.WAITING: Severity.ACTION,
}
# More than an SQS batch can hold.
UNLIMITED_BATCH: Final = 10_000


class Channel(ABC):
    """Channel to one destination: its settings, its messages, and the sending.

    *max_batch* is the number of notifications that one message can hold. The vendor of an *ordered* channel keeps a
    state, which an older turn of an incident would falsify. A destination that knows of an incident gets the turns in
    *followed* even without a route.
    """

    settings: ClassVar[tuple[Setting, ...]]
    max_batch: int = UNLIMITED_BATCH
    ordered: ClassVar[bool] = False
    followed: ClassVar[frozenset[Turn]] = MILESTONES

    def __init__(self, clients: Clients, destination: Destination) -> None:
        self._clients = clients
        self.destination = destination

    @classmethod
    def follows(cls, _destination: Destination, /) -> frozenset[Turn]:
        """Return the turns that *destination* follows."""
        return cls.followed

    @staticmethod
    @abstractmethod
    def message(notifications: Notifications, destination: Destination, /) -> Mapping[str, Any]:
        """Render *notifications* in one message to *destination*, without the secrets."""

    @abstractmethod
    def send(self, notifications: Notifications) -> Receipt | None:
        """Send *notifications* in one message; return a receipt if the channel has one, or raise `DeliveryError`."""


class ThreadedChannel(Channel):
    """Channel that keeps one message about an incident up to date, the *root*, and posts replies in its thread."""

    @abstractmethod
    def reply(self, notifications: Notifications, root: Receipt, *, late: bool) -> Receipt:
        """Send *notifications* to the thread of *root*; if *late*, say that the thread already has newer messages."""

    @abstractmethod
    def edit(self, notification: Notification, root: Receipt) -> None:
        """Replace the message *root*."""

    @abstractmethod
    def find(self, notifications: Notifications, root: Receipt, since: float) -> Mapping[str, Receipt]:
        """Look for messages of *notifications* sent *since* a time, also in the thread of *root* if it has an id.

        Return the receipts of the found messages by event id; raise no `DeliveryError`.
        """


class MissingDestination(Channel):
    """Channel to an undeclared destination; an *error* of the routes means that it may be declared again later."""

    def __init__(self, name: str, error: str) -> None:
        self._error_text = f"there is no destination named {name}" + (f"; {error}" if error else "")
        self._reason = Reason.UNAVAILABLE if error else Reason.MISCONFIGURED

    @staticmethod
    def message(_notifications: Notifications, _destination: Destination) -> Mapping[str, Any]:
        """Render nothing."""
        return {}

    def send(self, _notifications: Notifications) -> None:
        """Fail."""
        raise DeliveryError(self._error_text, self._reason)
