"""Log lines and metrics of the deliveries to one destination."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from msgspec import to_builtins

from handlers.runtime import logger
from notifier.channels.destination import PERMANENT
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.delivery.attempts import QueuedDelivery
from notifier.delivery.outcomes import LOG_MESSAGES, SILENT_LOG_MESSAGE, LogFields, Outcome, Sent
from notifier.model.status_change import HEARTBEAT


def report(destination: str, batch: Sequence[QueuedDelivery], outcomes: Mapping[str, Outcome]) -> None:
    """Log the outcome of each delivery, and send the metrics of all."""
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
        # Before the counts: Powertools flushes after a hundred values, and warns if the last flush has none.
        LatencySeconds=[max((now - time).total_seconds(), 0) for time in times if time],
        Sent=_count(len(new)),
        Digests=_count(any(batch_size >= DIGEST_MINIMUM for _, batch_size in new)),
        Heartbeats=[1 for notification, _ in sent if notification.resource_type == HEARTBEAT],
    )
    # Without a dimension: its alarm is also for destinations that only a routes document declares.
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
    """Make the metrics, which are empty after each flush."""
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
