"""Messages as an SNS topic takes them: email, JSON for programs, or what Amazon Q Developer shows in a chat."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypedDict

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker, TransientRetryableChecker

from notifier.channels.base import UNLIMITED_BATCH, Clients
from notifier.channels.destination import Destination, Setting
from notifier.channels.digest import Digest, digest
from notifier.channels.errors import DeliveryError, Reason, judged, listed
from notifier.channels.notification_json import as_json
from notifier.channels.sns.amazon_q import custom_notification
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within
from notifier.model.status_change import Fact, Severity

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

# SNS refuses a subject of 100 characters or more, with line breaks or control characters, and outside ASCII
# in all its older documentation; it has to begin with a letter, a number or a punctuation mark.
SUBJECT_LIMIT: Final = 99
# Rather than cutting a name to less, a subject leaves out the region, then the account.
NAME_ROOM: Final = 24

# By the code of SNS's error, beside those that botocore knows to pass. Credentials that have run out are renewed, and
# a clock that is wrong is set, by Lambda.
REASONS: Final = listed(
    {
        Reason.GONE: "EndpointDisabled NotFound NotFoundException",
        Reason.MISCONFIGURED: (
            "InvalidAction KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired OptInRequired "
            "UnknownOperationException"
        ),
        Reason.RATE_LIMITED: "KMSThrottling Throttled",
        Reason.REJECTED: (
            "InvalidParameter InvalidParameterException InvalidParameterValue InvalidParameterValueException "
            "ParameterValueInvalid ValidationError ValidationException"
        ),
        Reason.UNAUTHORISED: (
            "AccessDenied AccessDeniedException AuthorizationError AuthorizationErrorException "
            "IncompleteSignature InvalidClientTokenId InvalidSecurity KMSAccessDenied "
            "MissingAuthenticationToken NotAuthorized UnauthorizedOperation UnrecognizedClientException"
        ),
        Reason.UNAVAILABLE: (
            "ExpiredToken ExpiredTokenException InternalError InternalFailure InvalidSignatureException "
            "MalformedHttpRequestException RequestAbortedException RequestExpired RequestInTheFuture "
            "RequestTimeTooSkewed ServiceUnavailable "
            "SignatureDoesNotMatch TokenRefreshRequired"
        ),
    }
)

FIFO: Final = "must not be a FIFO topic: FIFO topics cannot deliver to email, SMS or HTTP(S)"
TOPIC_ARN: Final = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}"

# SNS counts attributes into the message's 256 KiB, and a kilobyte is for the names of what stands around them.
SIZE_LIMIT: Final = 262_144 - 1_024
ARRAY_LIMIT: Final = 100

TEXT: Final = "text"

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
    """Publishes to a topic."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("topic", TOPIC_ARN, "the ARN of an SNS topic", never=(rf"{TOPIC_ARN}\.fifo", FIFO)),
        Setting("format", "amazon-q|json|text", "amazon-q, json or text", default=TEXT),
    )

    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @staticmethod
    def message(notifications: tuple[Notification, ...], destination: Destination) -> SnsMessage:
        """Write a subject, and the message in the destination's format."""
        return _written(notifications, destination)[0]

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Publish *notifications* in one message, with attributes for the subscribers' filter policies."""
        topic = destination.setting("topic")
        written, filtered_by = _written(notifications, destination)
        if destination.setting("format", TEXT) == "json" and not _is_whole(written, notifications):
            # A program wants each whole; what is rejected is halved.
            problem = f"{len(notifications)} notifications do not fit into one message of SNS"
            raise DeliveryError(problem, Reason.REJECTED)
        try:
            self._client(topic).publish(TopicArn=topic, MessageAttributes=filtered_by, **written)
        except ClientError as error:
            problem = f"SNS did not take the message for {topic}: {error}"
            reason = _reason(error)
            # A permission takes minutes to be known everywhere.
            raise DeliveryError(problem, reason, settling=reason is Reason.UNAUTHORISED) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            problem = f"SNS did not answer in time: {error}"
            raise DeliveryError(problem, Reason.TIMED_OUT) from error
        except BotoCoreError as error:
            problem = f"SNS did not answer: {error}"
            raise DeliveryError(problem, Reason.UNAVAILABLE) from error

    def _client(self, topic: str) -> "SNSClient":
        own = self._clients.sns
        if not topic.startswith("arn:"):
            return own  # under sam local, which puts the resource's name there
        _, partition, _, region, *_ = topic.split(":")
        client = self._clients.sns_in(region)
        if not partition == client.meta.partition == own.meta.partition:
            problem = f"the topic {topic} is not in a region of {own.meta.partition}, where the stack is"
            raise DeliveryError(problem, Reason.MISCONFIGURED)
        return client


def _written(
    notifications: tuple[Notification, ...], destination: Destination
) -> "tuple[SnsMessage, dict[str, MessageAttributeValueTypeDef]]":
    """Write all of a message: a notification for which any of it cannot be written is given up alone."""
    return message(notifications, destination.setting("format", TEXT)), attributes(notifications)


def _is_whole(written: SnsMessage, notifications: tuple[Notification, ...]) -> bool:
    return len(json.loads(written["Message"])["notifications"]) == len(notifications)


def message(notifications: tuple[Notification, ...], form: str = TEXT) -> SnsMessage:
    """Write one notification or several together; whatever the *form* of the message, its subject is the email's."""
    email = render(notifications[0]) if len(notifications) == 1 else render_digest(digest(notifications))
    if form == TEXT:
        return email
    return {"Subject": email["Subject"], "Message": json.dumps(PAYLOADS[form](notifications))}


def for_programs(notifications: tuple[Notification, ...]) -> dict[str, Any]:
    """Write as many of *notifications* as SNS takes beside their attributes."""
    return as_json(notifications, SIZE_LIMIT - len(json.dumps(attributes(notifications))))


PAYLOADS: Final[Mapping[str, Callable[[tuple[Notification, ...]], dict[str, Any]]]] = {
    "amazon-q": custom_notification,
    "json": for_programs,
}


def attributes(notifications: tuple[Notification, ...]) -> "dict[str, MessageAttributeValueTypeDef]":
    """Write what a filter policy can ask for; of several notifications, every value that occurs."""
    values: dict[str, dict[str, None]] = {}
    for notification in notifications:
        for attribute in notification.attributes:
            values.setdefault(attribute.name, {})[_ascii(attribute.value)] = None
    if len(notifications) == 1:
        return {name: {"DataType": "String", "StringValue": next(iter(each))} for name, each in values.items()}
    return {
        name: {"DataType": "String.Array", "StringValue": json.dumps([*each][:ARRAY_LIMIT])}
        for name, each in values.items()
    }


def render(notification: Notification) -> SnsMessage:
    """Write the email that subscribers of the topic receive."""
    return {"Subject": subject(notification), "Message": body(notification)}


def render_digest(together: Digest) -> SnsMessage:
    """Write the email of several notifications."""
    counts = ", ".join(f"{number} {SEVERITY_WORDS[severity]}" for severity, number in together.counts)
    total = f"{len(together.notifications)} status changes"
    lines = [_line(notification) for notification in together.told]
    rest = [f"{count.number} more {SEVERITY_WORDS[count.severity]}: {count.words}" for count in together.rest]
    paragraphs = (f"{total}: {counts}.", "\n\n".join(lines), "\n".join(rest))
    return {
        "Subject": cut(f"{counts} ({total})", SUBJECT_LIMIT, "..."),
        "Message": "\n\n".join(filter(None, paragraphs)) + "\n",
    }


def _line(notification: Notification) -> str:
    change = " -> ".join(notification.statuses)
    facts = ", ".join(filter(None, (change, *notification.place, notification.time)))
    links = (link.url for link in notification.links)
    first = f"{SEVERITY_WORDS[notification.severity]}: {notification.title}"
    return "\n".join(filter(None, (first, facts, *links)))


def subject(notification: Notification) -> str:
    """Say everything in one line that SNS accepts, the most important words first."""
    word = "" if notification.is_test else f"{SEVERITY_WORDS[notification.severity]}: "
    kind, name, headline = (_ascii(part) if part else "" for part in notification.title_parts)
    needed = len(f"{word}{kind} {name[:NAME_ROOM]} {headline}")
    places = (f" ({_ascii(', '.join(notification.place[:parts]))})" for parts in range(len(notification.place), 0, -1))
    place = next((place for place in places if needed + len(place) <= SUBJECT_LIMIT), "")
    room = SUBJECT_LIMIT - len(word) - len(place)
    return word + title_within(room, kind, name, headline, mark="...") + place


def body(notification: Notification) -> str:
    """Write the plain text of the email: what happened, what to do, the facts, where to look."""
    facts = (
        Fact("Status", " -> ".join(notification.statuses)),
        *notification.facts,
        Fact("Time", notification.time),
    )
    built_in = (f"What to do: {notification.next_step}" if notification.next_step else "", _aligned(facts))
    paragraphs = (
        f"{notification.title}.",
        *((notification.custom_body,) if notification.custom_body else built_in),
        "\n".join(f"{link.label}:\n{link.url}" for link in notification.links),
        _aligned(notification.references),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _reason(error: ClientError) -> Reason:
    context = RetryContext(1, parsed_response=dict(error.response))
    if ThrottledRetryableChecker().is_retryable(context):
        known: Reason | None = Reason.RATE_LIMITED
    elif TransientRetryableChecker().is_retryable(context):
        known = Reason.TIMED_OUT
    else:
        # Without a code it is no error of SNS's, but a page of something in between.
        code = str(context.get_error_code() or "")
        known = REASONS.get(code) if code else Reason.UNAVAILABLE
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    # A word that nobody knows is not about the content.
    return judged(status, known or (Reason.MISCONFIGURED if status == HTTPStatus.BAD_REQUEST else None))


def _aligned(facts: tuple[Fact, ...]) -> str:
    shown = [fact for fact in facts if fact.value]
    width = max((len(fact.label) for fact in shown), default=0) + 2
    return "\n".join(f"{fact.label + ':':<{width}}{fact.value}" for fact in shown)


def _ascii(text: str) -> str:
    """Spell *text* in printable ASCII, with a question mark for what has no such spelling; never empty."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return bare.encode("ascii", "replace").decode().strip() or "?"
