"""Messages as an SNS topic takes them: email, and whatever else subscribes."""

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from notifier.changes import Fact, Severity
from notifier.delivery import DeliveryError
from notifier.notifications import Notification
from notifier.text import title_within

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

# SNS refuses a subject of 100 characters or more, with line breaks or control characters, and outside ASCII
# in all its older documentation; it has to begin with a letter, a number or a punctuation mark.
SUBJECT_LIMIT: Final = 99
# Rather than cutting a name to less, a subject leaves out the region, then the account.
NAME_ROOM: Final = 24

TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S UTC"

SEVERITY_WORDS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "ACTION",
    Severity.FAILURE: "FAILED",
    Severity.INFO: "INFO",
    Severity.PROGRESS: "IN PROGRESS",
    Severity.RECOVERED: "RECOVERED",
    Severity.SUCCESS: "OK",
}


class SnsMessage(TypedDict):
    """The parameters of SNS's Publish that a subscriber gets to read."""

    Subject: str
    Message: str


class SnsChannel:
    """Publishes to the topic whose ARN is the destination's address."""

    def __init__(self, client: "SNSClient") -> None:
        self._client = client

    def send(self, notification: Notification, address: str) -> None:
        """Publish *notification* with attributes for the subscribers' filter policies."""
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            attribute.name: {"DataType": "String", "StringValue": _ascii(attribute.value)}
            for attribute in notification.attributes
        }
        try:
            self._client.publish(TopicArn=address, MessageAttributes=attributes, **render(notification))
        except (BotoCoreError, ClientError) as error:
            message = f"SNS did not take the message for {address}: {error}"
            raise DeliveryError(message) from error


def render(notification: Notification) -> SnsMessage:
    """Write the email that subscribers of the topic receive."""
    return {"Subject": subject(notification), "Message": body(notification)}


def subject(notification: Notification) -> str:
    """Say everything in one line that SNS accepts, the most important words first."""
    word = f"{SEVERITY_WORDS[notification.severity]}: "
    kind, name, headline = map(_ascii, (notification.kind, notification.name, notification.headline))
    needed = len(f"{word}{kind} {name[:NAME_ROOM]} {headline}")
    places = (f" ({_ascii(', '.join(notification.place[:parts]))})" for parts in range(len(notification.place), 0, -1))
    place = next((place for place in places if needed + len(place) <= SUBJECT_LIMIT), "")
    room = SUBJECT_LIMIT - len(word) - len(place)
    return word + title_within(room, kind, name, headline, mark="...") + place


def body(notification: Notification) -> str:
    """Write the plain text of the email: what happened, what to do, the facts, where to look."""
    status = " -> ".join(filter(None, (notification.previous_status, notification.status)))
    facts = (
        Fact("Status", status),
        *notification.facts,
        Fact("Time", f"{notification.occurred_at:{TIME_FORMAT}}" if notification.occurred_at else ""),
    )
    paragraphs = (
        f"{notification.title}.",
        f"What to do: {notification.next_step}" if notification.next_step else "",
        _aligned(facts),
        "\n".join(f"{link.label}:\n{link.url}" for link in notification.links),
        _aligned(notification.references),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _aligned(facts: tuple[Fact, ...]) -> str:
    shown = [fact for fact in facts if fact.value]
    width = max((len(fact.label) for fact in shown), default=0) + 2
    return "\n".join(f"{fact.label + ':':<{width}}{fact.value}" for fact in shown)


def _ascii(text: str) -> str:
    """Spell *text* in printable ASCII, with a question mark for what has no such spelling; never empty."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return bare.encode("ascii", "replace").decode().strip() or "?"
