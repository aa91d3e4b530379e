"""What logs and metrics say of the deliveries to one destination."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from handlers.runtime import logger
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.channels.errors import PERMANENT
from notifier.delivery.outcomes import LOG_MESSAGES, SILENT_LOG_MESSAGE, LogFields, Outcome, Sent
from notifier.delivery.worker import QueuedDelivery
from notifier.sources import heartbeat


def report(destination: str, batch: Sequence[QueuedDelivery], outcomes: Mapping[str, Outcome]) -> None:
    """Log each delivery's outcome, and measure all of them."""
    settled = [(received, outcomes[received.message_id]) for received in batch]
    for received, outcome in settled:
        _log(received, outcome)
    sent = [(received, outcome) for received, outcome in settled if isinstance(outcome, Sent) and outcome.batch_size]
    beats = [
        received
        for received, outcome in settled
        if isinstance(outcome, Sent) and received.delivery.notification.resource_type == heartbeat.RESOURCE_TYPE
    ]
    refused = [outcome for _, outcome in settled if not isinstance(outcome, Sent) and outcome.reason]
    # No zeros, for a metric is paid by the hour in which it is sent.
    _measure(
        {"destination": destination},
        # Before the counts: Powertools writes after a hundred values, and warns at the end if nothing is left to write.
        LatencySeconds=_latencies([received for received, _ in sent]),
        Sent=_count(len(sent)),
        Digests=_count(any(outcome.batch_size >= DIGEST_MINIMUM for _, outcome in sent)),
        Heartbeats=[1 for _ in beats],
    )
    # Of all destinations together: one alarm is for those, too, that only a routes document knows.
    _measure({}, PermanentlyFailed=_count(sum(outcome.reason in PERMANENT for outcome in refused)))
    for reason, number in Counter(outcome.reason for outcome in refused).items():
        _measure({"destination": destination, "reason": str(reason)}, Failed=[number])


def _log(received: QueuedDelivery, outcome: Outcome) -> None:
    notification = received.delivery.notification
    delivery = LogFields(
        correlation_id=notification.event_id,
        destination=received.delivery.destination,
        resource=notification.name,
        attempts=received.attempts,
        message_id=received.message_id,
    )
    is_sent = isinstance(outcome, Sent)
    message = SILENT_LOG_MESSAGE if is_sent and received.delivery.silent else LOG_MESSAGES[type(outcome)]
    log = logger.info if is_sent else logger.error
    log(message, extra={**asdict(delivery), **asdict(outcome)})


def _latencies(sent: list[QueuedDelivery]) -> list[float]:
    """Say how many seconds after their events the messages were out."""
    now = datetime.now(UTC)
    moments = [received.delivery.notification.occurred_at for received in sent]
    return [max((now - moment).total_seconds(), 0) for moment in moments if moment]


def _count(number: int) -> list[int]:
    return [number] if number else []


@cache
def _measurements() -> EphemeralMetrics:
    """Keep what writes measurements; it is empty after each that it has written."""
    return EphemeralMetrics()


def _measure(dimensions: Mapping[str, str], **values: Sequence[float]) -> None:
    if not any(values.values()):
        return
    measured = _measurements()
    for dimension, value in dimensions.items():
        measured.add_dimension(dimension, value)
    for metric, each in values.items():
        unit = MetricUnit.Seconds if metric.endswith("Seconds") else MetricUnit.Count
        for number in each:
            measured.add_metric(metric, unit, number)
    measured.flush_metrics()
