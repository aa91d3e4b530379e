"""Send a batch of deliveries from the queue to their destinations; log and measure the outcomes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import to_builtins

from handlers.destination_threads import send_batches
from handlers.runtime import deliveries_queue, logger
from handlers.wiring import dead_letter_failed, wiring
from notifier.channels.destination import PERMANENT, Reason
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.delivery.attempts import HasTimeFor, QueuedDelivery, TimeBudget
from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.outcomes import (
    LOG_MESSAGES,
    SILENT_LOG_MESSAGE,
    DeadLettered,
    Deferred,
    LogFields,
    Outcome,
    Sent,
)
from notifier.delivery.parallel_calls import call_each
from notifier.model.status_change import HEARTBEAT

# A message of SQS, as Lambda passes it.
Record = Mapping[str, Any]


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send a batch of deliveries; return the messages that the queue must redeliver."""
    records: dict[str, Record] = {record["messageId"]: record for record in event["Records"]}

    def has_time_for(step: TimeBudget) -> bool:
        return context.get_remaining_time_in_millis() >= step

    batches, unreadable = _parse(records)
    outcomes = _settle(unreadable, records, has_time_for)
    errors: list[Exception] = []
    with closing(send_batches(batches, context, has_time_for, errors)) as sent:
        for destination, results in sent:
            outcomes |= _settle(results, records, has_time_for)
            _report(destination, batches[destination], outcomes)
    if errors:
        # An error redelivers the whole batch: a delivery that is still in the queue would be dead-lettered twice.
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
    """Group the deliveries by destination; return the groups, and the outcomes of records that are no deliveries."""
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
    """Move dead letters and defer messages; return *outcomes*, with a deferral for each dead letter that stayed."""
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


def _report(destination: str, batch: Sequence[QueuedDelivery], outcomes: Mapping[str, Outcome]) -> None:
    """Log the outcome of each delivery, and send the metrics of the batch."""
    results = [(item, outcomes[item.message_id]) for item in batch]
    for item, outcome in results:
        _log(item, outcome)
    sent = [(item.delivery.notification, outcome) for item, outcome in results if isinstance(outcome, Sent)]
    new = [(notification, outcome.batch_size) for notification, outcome in sent if outcome.batch_size]
    now = datetime.now(UTC)
    times = [notification.occurred_at for notification, _ in new]
    failures = [outcome.reason for _, outcome in results if not isinstance(outcome, Sent) and outcome.reason]
    # A metric is billed for each hour in which it is sent, so no zeros are sent.
    _send(
        {"destination": destination},
        # Before the counts: Powertools flushes after a hundred values, and warns if the last flush is empty.
        LatencySeconds=[max((now - time).total_seconds(), 0) for time in times if time],
        Sent=_count(len(new)),
        Digests=_count(any(batch_size >= DIGEST_MINIMUM for _, batch_size in new)),
        Heartbeats=[1 for notification, _ in sent if notification.resource_type == HEARTBEAT],
    )
    # Without a dimension, so that the alarm includes destinations that only a routes document declares.
    _send({}, PermanentlyFailed=_count(sum(reason in PERMANENT for reason in failures)))
    for reason, number in Counter(failures).items():
        _send({"destination": destination, "reason": str(reason)}, Failed=[number])


def _log(item: QueuedDelivery, outcome: Outcome) -> None:
    notification = item.delivery.notification
    fields = LogFields(
        correlation_id=notification.event_id,
        destination=item.delivery.destination,
        resource=notification.name,
        attempts=item.attempts,
        message_id=item.message_id,
    )
    is_sent = isinstance(outcome, Sent)
    message = SILENT_LOG_MESSAGE if is_sent and item.delivery.silent else LOG_MESSAGES[type(outcome)]
    (logger.info if is_sent else logger.error)(message, extra={**to_builtins(fields), **to_builtins(outcome)})


def _count(number: int) -> list[int]:
    return [number] if number else []


@cache
def _metrics() -> EphemeralMetrics:
    """Make a metrics object, which each flush empties."""
    return EphemeralMetrics()


def _send(dimensions: Mapping[str, str], **values: Sequence[float]) -> None:
    if not any(values.values()):
        return
    for dimension, value in dimensions.items():
        _metrics().add_dimension(dimension, value)
    for metric, numbers in values.items():
        unit = MetricUnit.Seconds if metric.endswith("Seconds") else MetricUnit.Count
        for number in numbers:
            _metrics().add_metric(metric, unit, number)
    _metrics().flush_metrics()
