"""Takes deliveries from the queue and sends each to its destination."""

from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    ExceptionInfo,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.base import FailureResponse
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers import runtime
from handlers.runtime import logger, metrics
from notifier.delivery import Delivery, DeliveryError, deliver

# Reading a secret and posting may take ten seconds each, a publication ten: see the timeouts of the clients. If
# Lambda ended the function instead, what was sent before would be sent again.
LONGEST_SEND_MILLISECONDS: Final = 20_000


class LoggedBatch(BatchProcessor):
    """A batch that logs why a record goes back to the queue."""

    def failure_handler(self, record: SQSRecord, exception: ExceptionInfo) -> FailureResponse:
        """Log the failure of *record*, which the queue brings back later."""
        logger.error("not sent", message_id=record.message_id, exc_info=exception[1])
        metrics.add_metric("Failed", MetricUnit.Count, 1)
        return super().failure_handler(record, exception)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Send each delivery of a batch; return those that failed, which the queue brings back."""
    metrics.add_metric("Received", MetricUnit.Count, len(event.get("Records", ())))
    batch = LoggedBatch(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, _deliver, batch, context)


def _deliver(record: SQSRecord, lambda_context: LambdaContext) -> None:
    logger.set_correlation_id(None)
    logger.remove_keys(["destination", "resource"])
    delivery = Delivery.model_validate_json(record.body)
    logger.set_correlation_id(delivery.notification.event_id)
    logger.append_keys(destination=delivery.destination, resource=delivery.notification.name)
    if lambda_context.get_remaining_time_in_millis() < LONGEST_SEND_MILLISECONDS:
        message = "too little time was left to try"
        raise DeliveryError(message)
    deliver(delivery, runtime.settings().destinations, runtime.channels())
    logger.info("sent")
    metrics.add_metric("Sent", MetricUnit.Count, 1)
