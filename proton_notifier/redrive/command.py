"""`notifier redrive`: list the messages in a stack's dead-letter queues and send them back."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AliasPath, BaseModel, Field, ValidationError
from rich.console import Console
from rich.progress import track

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.sanitize import tidy
from notifier.sources.envelope import Text
from proton_notifier.common.deployed_stack import STACK_ERRORS, DeployedStack, confirm, explain_error, stop
from proton_notifier.common.event_files import UnreadableEventError, compose_notification, describe_errors, parse_json
from proton_notifier.common.sqs import Queue, attributes_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# SQS moves messages only from the dead-letter queue of another queue.
MOVABLE: Final = "FailedDeliveries"
# Lambda responds to an asynchronous invocation with this status and an empty body.
ACCEPTED: Final = 202

Attributes = Mapping[str, str]
# The title of a message, the reasons of its failure, and the body to send again.
Content = tuple[str, tuple[str | None, ...], str]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of a dead-letter *queue*, by its logical id; *body* is to be sent again, None if it is unreadable.

    *sent_at* is the time at which the message was sent to the queue or, if SQS moved it there, first sent.
    """

    queue: str
    message_id: str
    sent_at: datetime
    description: str
    body: str | None

    def __str__(self) -> str:
        return f"{self.queue:16}  {self.sent_at:%Y-%m-%d %H:%M:%S} UTC  {self.description}"


class FailedInvocation(BaseModel):
    """Lambda's record of a failed asynchronous invocation; only the event is required.

    The fields are those of "Retaining records of asynchronous invocations" in the Lambda Developer Guide. The
    response is missing if the function never ran.
    """

    event: dict[str, Any] = Field(alias="requestPayload")
    condition: Annotated[Text, Field(validation_alias=AliasPath("requestContext", "condition"))] = None
    error_type: Annotated[Text, Field(validation_alias=AliasPath("responsePayload", "errorType"))] = None
    error_message: Annotated[Text, Field(validation_alias=AliasPath("responsePayload", "errorMessage"))] = None


def run(arguments: Namespace, stack: DeployedStack) -> int:
    """List the dead letters, and send them back if a person agrees; return 1 if one of them is unreadable."""
    if not (arguments.dry_run or arguments.yes or sys.stdin.isatty()):
        stop("there is no terminal to ask on; give --yes to send without asking, or --dry-run to list only")
    if not arguments.dry_run:
        stack.announce()
    ids, sqs = stack.physical_ids(*READERS, "Deliveries", "EventsFunction"), stack.client("sqs")
    queues = {name: Queue(sqs, ids[name]) for name in READERS}
    found: list[DeadLetter] = []
    readable = 0
    with ExitStack() as closing:
        for queue in queues.values():
            closing.callback(queue.release)
        for name, message in ((name, message) for name, queue in queues.items() for message in queue.messages()):
            found.append(read(name, message))
            print(found[-1])
            readable += found[-1].body is not None
            if readable == arguments.limit:
                break
        print(f"Found {len(found)}, of which {readable} can be sent back.")
        if readable and not arguments.dry_run and (arguments.yes or confirm("Send back?")):
            _send_back(found, queues, stack, ids, whole=arguments.limit is None)
    return 0 if readable == len(found) else 1


def _send_back(
    found: list[DeadLetter], queues: dict[str, Queue], stack: DeployedStack, ids: Mapping[str, str], *, whole: bool
) -> None:
    """Send back the readable messages of *found*, which is *whole* if no limit left any; raise `StackError`."""
    functions, sqs = stack.client("lambda"), stack.client("sqs")
    deliveries = [dead_letter for dead_letter in found if dead_letter.queue == MOVABLE]
    # SQS moves the whole queue: an unreadable message would be moved, too, and fail again hours later.
    move = whole and bool(deliveries) and all(dead_letter.body for dead_letter in deliveries)
    console = Console(stderr=True)
    sent = 0
    try:
        for dead_letter in track(found, "Sending back", console=console, disable=not console.is_terminal):
            if dead_letter.body is None or (move and dead_letter.queue == MOVABLE):
                continue
            if dead_letter.queue == MOVABLE:
                sqs.send_message(QueueUrl=ids["Deliveries"], MessageBody=dead_letter.body)
            else:
                send_event(functions, ids["EventsFunction"], dead_letter.body)
            queues[dead_letter.queue].delete(dead_letter.message_id)
            sent += 1
        if move:
            queues[MOVABLE].start_move(ids["Deliveries"])
    except STACK_ERRORS as error:
        stop(f"stopped after {sent}, the rest is still in its queue: {explain_error(error)}")
    print(f"Sent back: {sent}.")
    if move:
        print(f"Being moved by SQS: {len(deliveries)}. `aws sqs list-message-move-tasks` shows the progress.")


def send_event(functions: "LambdaClient", name: str, event: str) -> None:
    """Invoke the function *name* with *event* as EventBridge does; raise `StackError` if Lambda does not accept it."""
    response = functions.invoke(FunctionName=name, InvocationType="Event", Payload=event.encode())
    if response["StatusCode"] != ACCEPTED or response["Payload"].read():
        stop(f"Lambda responded to an event with {response['StatusCode']} instead of an empty {ACCEPTED}")


def read(queue: str, message: "MessageTypeDef") -> DeadLetter:
    """Read a *message* of *queue*, one of `READERS`."""
    sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    body: str | None = None
    try:
        title, reasons, body = READERS[queue](message["Body"], attributes_of(message))
        description = f"{title} ({': '.join(filter(None, map(tidy, reasons))) or 'no reason given'})"
    except (UnreadableDeliveryError, UnreadableEventError, ValidationError) as error:
        details = describe_errors(error) if isinstance(error, ValidationError) else str(error)
        description = f"UNREADABLE, stays there: {tidy(details)}"
    return DeadLetter(queue, message["MessageId"], sent_at, description, body)


def _rule_dead_letter(body: str, attributes: Attributes) -> Content:
    reasons = (attributes.get("ERROR_CODE"), attributes.get("ERROR_MESSAGE"))
    return compose_notification(parse_json(body)).title, reasons, body


def _failed_event(body: str, _attributes: Attributes) -> Content:
    failed = FailedInvocation.model_validate(parse_json(body))
    reasons = (failed.condition, failed.error_type, failed.error_message)
    return compose_notification(failed.event).title, reasons, json.dumps(failed.event)


def _failed_delivery(body: str, attributes: Attributes) -> Content:
    parse_json(body)  # Describes broken JSON as for the other queues.
    delivery = Delivery.from_json(body)
    title = f"{tidy(delivery.notification.title)}, to {tidy(delivery.destination)}"
    return title, (attributes.get("reason"),), body  # There is no reason if SQS moved it.


# By logical id, in the order of the flow.
READERS: Final[Mapping[str, Callable[[str, Attributes], Content]]] = {
    "RuleDeadLetters": _rule_dead_letter,
    "FailedEvents": _failed_event,
    "FailedDeliveries": _failed_delivery,
}
