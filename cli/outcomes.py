"""What became of an event's deliveries, as far as a deployed stack tells."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError
from pydantic import BaseModel

from cli.held_queue import HeldQueue
from cli.permissions import explained
from notifier.delivery import Delivery, UnreadableDeliveryError
from notifier.ledger import State
from notifier.text import tidy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

# By logical id: where it is looked.
PLACES: Final = ("DeliveryFunctionLogs", "FailedDeliveries", "Ledger")
# What the function that sends logs of an event's deliveries that it could not send.
UNSENT_PATTERN: Final = (
    '{{ ($.correlation_id = "{event_id}") && (($.message = "not sent") || ($.message = "given up")) }}'
)
# What SQS itself moves to the failed deliveries has no reason with it.
TRIED_TOO_OFTEN: Final = "it was tried too often"
# The clocks here and there may differ.
CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Logs(Protocol):
    """What is asked of CloudWatch Logs."""

    def filter_log_events(self, **request: object) -> Mapping[str, Any]:
        """Find lines in a log group, a page at a time."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The AWS services that tell."""

    dynamodb: "DynamoDBClient"
    logs: Logs
    sqs: "SQSClient"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a delivery is not sent: for now, and is tried again, or *for_good*."""

    why: str
    for_good: bool


class LogLine(BaseModel):
    """What the function that sends logs of a delivery that it could not send; *seconds* if it is tried again."""

    destination: str
    why: str
    reason: str | None
    seconds: int | None = None


class Outcomes:
    """What became of the deliveries of the event *event_id*; *places* are the physical ids of `PLACES`."""

    def __init__(self, clients: Clients, places: Mapping[str, str], event_id: str, since: datetime) -> None:
        self._clients = clients
        self._places = places
        self._event_id = event_id
        self._since = since - CLOCKS_DIFFER

    def is_sent(self, destination: str) -> bool:
        """Ask the ledger."""
        answer = self._clients.dynamodb.get_item(
            TableName=self._places["Ledger"],
            Key={"id": {"S": f"{self._event_id}/{destination}"}},
            ConsistentRead=True,
        )
        return "Item" in answer and answer["Item"]["state"]["S"] == State.SENT

    def troubles(self) -> tuple[Mapping[str, Trouble], tuple[str, ...]]:
        """Ask the log and the failed deliveries; tell what is found, by destination, and what could not be asked."""
        found: dict[str, Trouble] = {}
        hindrances = []
        for look in (self._logged, self._given_up):
            try:
                found |= look()
            except ClientError as error:
                hindrances.append(explained(error))
        return found, tuple(hindrances)

    def _logged(self) -> Iterator[tuple[str, Trouble]]:
        for line in self._log_lines():
            again = "" if line.seconds is None else f"; it is tried again after {line.seconds} s"
            yield line.destination, Trouble(_worded(line.why, line.reason) + again, for_good=line.seconds is None)

    def _log_lines(self) -> Iterator[LogLine]:
        page: Mapping[str, Any] = {}
        while True:
            page = self._clients.logs.filter_log_events(
                logGroupName=self._places["DeliveryFunctionLogs"],
                startTime=int(self._since.timestamp() * 1000),
                filterPattern=UNSENT_PATTERN.format(event_id=self._event_id),
                **({"nextToken": page["nextToken"]} if page else {}),
            )
            for event in page["events"]:
                yield LogLine.model_validate_json(event["message"])
            if "nextToken" not in page:
                return

    def _given_up(self) -> Iterator[tuple[str, Trouble]]:
        """Look through the failed deliveries, and leave them there."""
        queue = HeldQueue(self._clients.sqs, self._places["FailedDeliveries"])
        try:
            for message in queue.messages():
                # What is no delivery is none of the event's.
                with suppress(UnreadableDeliveryError):
                    delivery = Delivery.from_json(message["Body"])
                    if delivery.notification.event_id == self._event_id:
                        said = {
                            name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()
                        }
                        yield (
                            delivery.destination,
                            Trouble(_worded(said.get("why", TRIED_TOO_OFTEN), said.get("reason")), for_good=True),
                        )
        finally:
            queue.release()


def _worded(why: str, reason: str | None) -> str:
    return f"{tidy(why)} ({reason})" if reason else tidy(why)
