"""Dead letters: the title of each message of a dead-letter queue, the reason, and the body to send again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AliasPath, BaseModel, Field, ValidationError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.sanitize import tidy
from notifier.sources.envelope import Text
from proton_notifier.common.event_files import UnreadableEventError, compose_notification, describe_errors, parse_json
from proton_notifier.common.sqs import attributes_of

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Attributes = Mapping[str, str]
# The title of a message, the reasons why it was not sent, and what to send again.
Content = tuple[str, tuple[str | None, ...], str]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of a dead-letter *queue*, by its logical id; *body* is what to send again, None if it is unreadable.

    *sent_at* is when the message was sent to the queue, or if SQS moved it there, when it was first sent.
    """

    queue: str
    message_id: str
    sent_at: datetime
    description: str
    body: str | None

    def __str__(self) -> str:
        """Describe the message in one line."""
        return f"{self.queue:16}  {self.sent_at:%Y-%m-%d %H:%M:%S} UTC  {self.description}"


class FailedInvocation(BaseModel):
    """The record that Lambda sends when an asynchronous invocation failed; only the event is required.

    The fields are those of "Retaining records of asynchronous invocations" in the Lambda Developer Guide. The
    response is missing if the function never ran.
    """

    event: dict[str, Any] = Field(alias="requestPayload")
    condition: Annotated[Text, Field(validation_alias=AliasPath("requestContext", "condition"))] = None
    error_type: Annotated[Text, Field(validation_alias=AliasPath("responsePayload", "errorType"))] = None
    error_message: Annotated[Text, Field(validation_alias=AliasPath("responsePayload", "errorMessage"))] = None


def read(queue: str, message: "MessageTypeDef") -> DeadLetter:
    """Read a *message* of *queue*, one of `READERS`."""
    sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    body: str | None = None
    try:
        title, reasons, body = READERS[queue](message["Body"], attributes_of(message))
        reason = ": ".join(filter(None, map(tidy, reasons)))
        description = f"{title} ({reason or 'no reason given'})"
    except (UnreadableDeliveryError, UnreadableEventError, ValidationError) as error:
        details = describe_errors(error) if isinstance(error, ValidationError) else str(error)
        description = f"UNREADABLE, stays there: {tidy(details)}"
    return DeadLetter(queue, message["MessageId"], sent_at, description, body)


def _rule_dead_letter(body: str, attributes: Attributes) -> Content:
    """Read an event that EventBridge could not deliver."""
    reasons = (attributes.get("ERROR_CODE"), attributes.get("ERROR_MESSAGE"))
    return compose_notification(parse_json(body)).title, reasons, body


def _failed_event(body: str, _attributes: Attributes) -> Content:
    """Read Lambda's record of an event that the first function failed to handle."""
    failed = FailedInvocation.model_validate(parse_json(body))
    reasons = (failed.condition, failed.error_type, failed.error_message)
    return compose_notification(failed.event).title, reasons, json.dumps(failed.event)


def _failed_delivery(body: str, attributes: Attributes) -> Content:
    """Read a delivery that its destination did not accept; it has no reason if SQS moved it."""
    parse_json(body)  # Describes broken JSON as for the other queues.
    delivery = Delivery.from_json(body)
    title = f"{tidy(delivery.notification.title)}, to {tidy(delivery.destination)}"
    return title, (attributes.get("reason"),), body


# By logical id, in the order of the flow.
READERS: Final[Mapping[str, Callable[[str, Attributes], Content]]] = {
    "RuleDeadLetters": _rule_dead_letter,
    "FailedEvents": _failed_event,
    "FailedDeliveries": _failed_delivery,
}
