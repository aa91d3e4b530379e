"""What became of an event's deliveries, as far as a deployed stack tells."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.ledger import State
from notifier.delivery.outcomes import Sent
from proton_notifier.common.aws_errors import explained
from proton_notifier.common.deployed_stack import DeployedStack
from proton_notifier.common.sqs import Queue
from proton_notifier.send_test.logs import Logs, Status, Unsent, logged, worded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

# By logical id: where it is looked.
PLACES: Final = ("DeliveryFunctionLogs", "FailedDeliveries", "Ledger")
# What SQS itself moves to the failed deliveries has no reason with it.
TRIED_TOO_OFTEN: Final = "it was tried too often"
# Long enough to look through them. If they cannot be released, whoever wants to send them back need not wait long.
HOLD_SECONDS: Final = 30
# The clocks here and there may differ.
CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Outcomes:
    """What became of the deliveries of the event *event_id* in *stack*; *places* are the physical ids of `PLACES`."""

    def __init__(self, stack: DeployedStack, places: Mapping[str, str], event_id: str, since: datetime) -> None:
        self._dynamodb: DynamoDBClient = stack.client("dynamodb")
        self._logs: Logs = stack.client("logs")
        self._sqs: SQSClient = stack.client("sqs")
        self._places = places
        self._event_id = event_id
        self._since = since - CLOCKS_DIFFER
        self._queue_was_asked = False

    def in_ledger(self, destinations: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ask the ledger; tell which of *destinations* have the event, and what could not be asked."""
        sent = []
        for destination in destinations:
            try:
                if self._is_sent(destination):
                    sent.append(destination)
            except (BotoCoreError, ClientError) as error:
                # The others would only wait for the same time-out.
                return tuple(sent), (explained(error),)
        return tuple(sent), ()

    def look(self, *, last: bool) -> tuple[Mapping[str, Status], tuple[str, ...]]:
        """Ask the log; tell what is found, by destination, and what could not be asked.

        The failed deliveries are asked when it is the *last* time, and once before if the log cannot tell: each look
        takes all of them from others.
        """
        found: dict[str, Status] = {}
        hindrances = _gather(
            logged(self._logs, self._places["DeliveryFunctionLogs"], self._event_id, self._since), found
        )
        if last or (hindrances and not self._queue_was_asked):
            self._queue_was_asked = True
            hindrances += _gather(self._given_up(), found)
        return found, hindrances

    def _is_sent(self, destination: str) -> bool:
        answer = self._dynamodb.get_item(
            TableName=self._places["Ledger"],
            Key={"id": {"S": f"{self._event_id}/{destination}"}},
            ConsistentRead=True,
        )
        return "Item" in answer and answer["Item"]["state"]["S"] == State.SENT

    def _given_up(self) -> Iterator[tuple[str, Status]]:
        """Look through the failed deliveries, and leave them there."""
        queue = Queue(self._sqs, self._places["FailedDeliveries"], HOLD_SECONDS)
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
                            Unsent(worded(said.get("why", TRIED_TOO_OFTEN), said.get("reason")), final=True),
                        )
        finally:
            queue.release()


def _gather(told: Iterator[tuple[str, Status]], found: dict[str, Status]) -> tuple[str, ...]:
    """Add to *found* what is *told*; return what could not be asked."""
    try:
        for destination, outcome in told:
            # What has arrived once may come a second time, and fail.
            if not isinstance(found.get(destination), Sent):
                found[destination] = outcome
    except (BotoCoreError, ClientError) as error:
        return (explained(error),)
    return ()
