"""Lambda handler that sends a batch of deliveries from the queue to their destinations."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from handlers.destination_threads import send_batches
from handlers.metrics import report
from handlers.runtime import deliveries_queue, logger
from handlers.wiring import dead_letter_failed, wiring
from notifier.channels.destination import Reason
from notifier.delivery.attempts import HasTimeFor, QueuedDelivery, TimeBudget
from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.delivery.parallel_calls import call_each

# A message of SQS, as Lambda passes it.
Record = Mapping[str, Any]


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send a batch of deliveries; return the messages that the queue is to redeliver."""
    records: dict[str, Record] = {record["messageId"]: record for record in event["Records"]}

    def has_time_for(step: TimeBudget) -> bool:
        return context.get_remaining_time_in_millis() >= step

    batches, unreadable = _parse(records)
    outcomes = _settle(unreadable, records, has_time_for)
    errors: list[Exception] = []
    with closing(send_batches(batches, context, has_time_for, errors)) as sent:
        for destination, results in sent:
            outcomes |= _settle(results, records, has_time_for)
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
            enqueued_at = int(record["attributes"]["SentTimestamp"]) / 1_000
            item = QueuedDelivery(message_id, _receive_count(record), delivery, enqueued_at)
            batches[delivery.destination].append(item)
    return batches, unreadable


def _settle(
    outcomes: Mapping[str, Outcome], records: Mapping[str, Record], has_time_for: HasTimeFor
) -> dict[str, Outcome]:
    """Settle *outcomes* by message id; return them, with a deferral for each dead letter that could not be moved."""
    dead_letters = [(records[key], outcome) for key, outcome in outcomes.items() if isinstance(outcome, DeadLettered)]
    settled = {**outcomes}
    for record, outcome in dead_letters:
        settled[record["messageId"]] = dead_letter_failed(_receive_count(record), outcome, "no time")
    for (record, _outcome), result in call_each(_dead_letter, dead_letters, lambda: has_time_for(TimeBudget.CALL)):
        settled[record["messageId"]] = result
    delays = {
        records[message_id]["receiptHandle"]: outcome.seconds
        for message_id, outcome in settled.items()
        if isinstance(outcome, Deferred)
    }
    if delays:
        try:
            deliveries_queue().defer(delays, lambda: has_time_for(TimeBudget.DEFER))
        except (BotoCoreError, ClientError):
            # The queue redelivers the messages anyway, after its own visibility timeout.
            logger.warning("not deferred", exc_info=True)
    return settled


def _receive_count(record: Record) -> int:
    """Read how often SQS has delivered a message."""
    return int(record["attributes"]["ApproximateReceiveCount"])


def _dead_letter(entry: tuple[Record, DeadLettered]) -> Outcome:
    record, outcome = entry
    return wiring().dead_letter(record["body"], _receive_count(record), outcome)
