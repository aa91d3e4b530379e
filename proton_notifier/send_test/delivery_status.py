"""The statuses of an event's deliveries, read from a deployed stack's ledger, log and failed deliveries."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.ledger import SENT
from notifier.delivery.outcomes import DeadLettered, Deferred, Sent
from notifier.model.sanitize import tidy
from proton_notifier.common.delivery_log import filter_pattern, read
from proton_notifier.common.deployed_stack import DeployedStack, explain_error
from proton_notifier.common.sqs import Queue, attributes_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The logical ids of the resources to read.
RESOURCES: Final = ("DeliveryFunctionLogs", "FailedDeliveries", "Ledger")
# For a delivery that SQS dead-lettered, which has no reason.
NO_REASON: Final = "it was tried too often"
# Long enough to read the queue. If releasing the messages fails, other consumers see them again after this time.
VISIBILITY_TIMEOUT_SECONDS: Final = 30
# The local clock may be ahead of AWS's clock.
CLOCK_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery that was not sent; it is retried unless it is *final*."""

    why: str
    final: bool


Statuses = Iterable[tuple[str, Sent | Unsent]]


@dataclass
class DeliveryStatus:
    """Statuses of an event's deliveries; errors go to *report*. *ids* has the physical ids of `RESOURCES`."""

    stack: DeployedStack
    dynamodb: "DynamoDBClient"
    ids: Mapping[str, str]
    event_id: str
    sent_at: datetime
    report: Callable[[str], None]
    queue_was_read: bool = False

    def read(self, destinations: Collection[str], *, log: bool, last: bool) -> Mapping[str, Sent | Unsent]:
        """Read the statuses of *destinations* from the ledger, and missing statuses from the *log*.

        Read the failed deliveries only the *last* time, and once before if the log cannot be read, because reading
        hides them from other consumers.
        """
        found: dict[str, Sent | Unsent] = {}
        self._collect("the ledger", self._from_ledger(destinations), found)
        if log and len(found) < len(destinations):
            readable = self._collect("the log", self._from_log(), found)
            if last or not (readable or self.queue_was_read):
                self.queue_was_read = True
                self._collect("the failed deliveries", self._from_failed_deliveries(), found)
        return found

    def _collect(self, source: str, statuses: Statuses, found: dict[str, Sent | Unsent]) -> bool:
        try:
            for destination, status in statuses:
                # A sent delivery may be redelivered and then fail.
                if not isinstance(found.get(destination), Sent):
                    found[destination] = status
        except (BotoCoreError, ClientError) as error:
            self.report(f"cannot read {source}: {explain_error(error)}")
            return False
        return True

    def _from_ledger(self, destinations: Iterable[str]) -> Iterator[tuple[str, Sent]]:
        for destination in destinations:
            response = self.dynamodb.get_item(
                TableName=self.ids["Ledger"],
                Key={"id": {"S": f"{self.event_id}/{destination}"}},
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",  # its proof (handlers.proofs)
            )
            if "Item" in response and response["Item"]["state"]["S"] == SENT:
                yield destination, Sent(0)

    def _from_log(self) -> Iterator[tuple[str, Sent | Unsent]]:
        pages = self.stack.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=self.ids["DeliveryFunctionLogs"],
            startTime=int((self.sent_at - CLOCK_SKEW).timestamp() * 1000),
            filterPattern=filter_pattern(self.event_id),
        )  # fmt: skip
        for fields, outcome in (line for page in pages for event in page["events"] for line in read(event["message"])):
            match outcome:
                case Sent():
                    yield fields.destination, outcome
                case Deferred(seconds, why, reason):
                    why = f"{_why(why, reason)}; it is retried after {seconds} s"
                    yield fields.destination, Unsent(why, final=False)
                case DeadLettered(why, reason):
                    yield fields.destination, Unsent(_why(why, reason), final=True)

    def _from_failed_deliveries(self) -> Iterator[tuple[str, Unsent]]:
        queue = Queue(self.stack.client("sqs"), self.ids["FailedDeliveries"], VISIBILITY_TIMEOUT_SECONDS)
        try:
            for message in queue.messages():
                # A message that is no delivery belongs to another event.
                with suppress(UnreadableDeliveryError):
                    delivery = Delivery.from_json(message["Body"])
                    if delivery.notification.event_id == self.event_id:
                        attributes = attributes_of(message)
                        why = _why(attributes.get("why", NO_REASON), attributes.get("reason"))
                        yield delivery.destination, Unsent(why, final=True)
        finally:
            queue.release()


def _why(why: str, reason: str | None) -> str:
    return f"{tidy(why)} ({reason})" if reason else tidy(why)
