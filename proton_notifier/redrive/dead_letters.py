"""What a message in each of the dead-letter queues says, and what of it is to be sent again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.sanitize import tidy
from notifier.sources.envelope import Text
from proton_notifier.common.event_files import UnreadableEventError, notification_of, parse, problems

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What a dead letter is about: the *title* of its message, the *reason* why it lies there, the *body* to send."""

    title: str
    reason: str
    body: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is wrong with a message that nothing can be made of."""

    problem: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message of the *queue* of that logical id; it was sent there, or first tried, at *sent_at*."""

    queue: str
    message_id: str
    sent_at: datetime
    content: Content | Unreadable

    def __str__(self) -> str:
        """Put it into one line."""
        match self.content:
            case Content(title, reason):
                said = f"{title} ({reason or 'no reason given'})"
            case Unreadable(problem):
                said = f"UNREADABLE, stays there: {problem}"
        return f"{self.queue:16}  {self.sent_at:%Y-%m-%d %H:%M:%S} UTC  {said}"


def _nothing_unless_an_object(value: object) -> object:
    return value if isinstance(value, dict) else {}


class Circumstances(BaseModel):
    """Why Lambda gave up, as far as it says so."""

    condition: Text = None


class Failure(BaseModel):
    """What the function raised; it is absent where the function never ran."""

    error_type: Text = Field(default=None, alias="errorType")
    error_message: Text = Field(default=None, alias="errorMessage")


class FailedInvocation(BaseModel):
    """What Lambda sends to the destination on failure of an asynchronous invocation; only the event is needed.

    The fields are those of "Retaining records of asynchronous invocations" in the Lambda Developer Guide.
    """

    event: dict[str, Any] = Field(alias="requestPayload")
    circumstances: Annotated[Circumstances, BeforeValidator(_nothing_unless_an_object)] = Field(
        alias="requestContext", default_factory=Circumstances
    )
    failure: Annotated[Failure, BeforeValidator(_nothing_unless_an_object)] = Field(
        alias="responsePayload", default_factory=Failure
    )


def read(queue: str, message: "MessageTypeDef") -> DeadLetter:
    """Read a *message* of the *queue* of that logical id, which `READERS` lists."""
    attributes = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    content: Content | Unreadable
    try:
        content = READERS[queue](message["Body"], attributes)
    except (UnreadableDeliveryError, UnreadableEventError) as error:
        content = Unreadable(tidy(str(error)))
    except ValidationError as error:
        content = Unreadable(tidy(problems(error)))
    sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return DeadLetter(queue, message["MessageId"], sent_at, content)


def _event_not_handed_over(body: str, attributes: Attributes) -> Content:
    """Read what EventBridge keeps: the event itself."""
    title = notification_of(parse(body)).title
    return Content(title, _reason(attributes.get("ERROR_CODE"), attributes.get("ERROR_MESSAGE")), body)


def _event_not_handled(body: str, _attributes: Attributes) -> Content:
    """Read what Lambda keeps: a record around the event."""
    invocation = FailedInvocation.model_validate(parse(body))
    failure = invocation.failure
    reason = _reason(invocation.circumstances.condition, failure.error_type, failure.error_message)
    return Content(notification_of(invocation.event).title, reason, json.dumps(invocation.event))


def _delivery_not_taken(body: str, attributes: Attributes) -> Content:
    """Read what the second function's queue keeps: a delivery, with a reason unless SQS itself moved it."""
    parse(body)  # Says the same of broken JSON as for the other queues.
    delivery = Delivery.from_json(body)
    title = f"{tidy(delivery.notification.title)}, to {tidy(delivery.destination)}"
    return Content(title, _reason(attributes.get("reason")), body)


def _reason(*parts: str | None) -> str:
    return ": ".join(filter(None, map(tidy, parts)))


# In the order of the flow, by logical id.
READERS: Final[Mapping[str, Callable[[str, Attributes], Content]]] = {
    "RuleDeadLetters": _event_not_handed_over,
    "FailedEvents": _event_not_handled,
    "FailedDeliveries": _delivery_not_taken,
}
