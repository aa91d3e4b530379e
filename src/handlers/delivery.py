"""Lambda handler that sends a batch of deliveries from the queue to their destinations."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.destination_threads import send_batches
from handlers.metrics import report
from handlers.runtime import deliveries_queue, logger
from handlers.settlement import Record, receive_count, settle
from notifier.channels.errors import Reason
from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.delivery.time_budget import TimeBudget
from notifier.delivery.worker import QueuedDelivery


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send a batch of deliveries; return the messages that the queue is to redeliver."""
    records: dict[str, Record] = {record["messageId"]: record for record in event["Records"]}

    def has_time_for(step: TimeBudget) -> bool:
        return context.get_remaining_time_in_millis() >= step

    batches, unreadable = _parse(records)
    outcomes = settle(unreadable, records, has_time_for)
    errors: list[Exception] = []
    with closing(send_batches(batches, context, has_time_for, errors)) as sent:
        for destination, results in sent:
            outcomes |= settle(results, records, has_time_for)
            report(destination, batches[destination], outcomes)
    if errors:
        # An error redelivers the whole batch, and so would dead-letter a delivery again.
        final = [message_id for message_id, outcome in outcomes.items() if not isinstance(outcome, Deferred)]
        handles = [records[message_id]["receiptHandle"] for message_id in final]
        deliveries_queue().delete(handles, lambda: has_time_for(TimeBudget.DEFER))
        message = "not every destination could be served"
        raise ExceptionGroup(message, errors)
    return {
        "batchItemFailures": [
            {"itemIdentifier": message_id} for message_id, outcome in outcomes.items() if isinstance(outcome, Deferred)
        ]
    }


def _parse(records: Mapping[str, Record]) -> tuple[Mapping[str, list[QueuedDelivery]], Mapping[str, Outcome]]:
    """Group the deliveries by destination; return them, and the outcomes of records that are no deliveries."""
    unreadable: dict[str, Outcome] = {}
    batches: dict[str, list[QueuedDelivery]] = defaultdict(list)
    for message_id, record in records.items():
        try:
            delivery = Delivery.from_json(record["body"])
        except UnreadableDeliveryError as error:
            logger.error("not a delivery", message_id=message_id, exc_info=error)
            unreadable[message_id] = DeadLettered("it is not a delivery", Reason.REJECTED)
        else:
            item = QueuedDelivery(message_id, record["receiptHandle"], receive_count(record), delivery)
            batches[delivery.destination].append(item)
    return batches, unreadable
