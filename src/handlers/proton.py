"""Takes Proton's events from the rule and puts a delivery for each destination into the queue."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers import runtime
from handlers.runtime import logger, metrics
from notifier.delivery import Delivery, deliver_each
from notifier.notifications import compose
from notifier.proton.changes import status_change
from notifier.proton.events import ProtonEvent
from notifier.proton.transitions import classify
from notifier.routing import route


@logger.inject_lambda_context
@event_parser(model=ProtonEvent)
@metrics.log_metrics
def handler(event: ProtonEvent, _context: LambdaContext) -> dict[str, object]:
    """Notify everyone whom *event* concerns; return what was made of it."""
    logger.set_correlation_id(event.id)
    metrics.add_metric("Received", MetricUnit.Count, 1)
    settings = runtime.settings()
    change = status_change(event)
    notification = compose(change, classify(change), dict(settings.account_names))
    names = [destination.name for destination in route(notification, settings.destinations, settings.scope)]
    deliveries = tuple(Delivery(notification=notification, destination=name) for name in names)
    if settings.deliveries_queue_url:
        runtime.deliveries_queue(settings.deliveries_queue_url).put(deliveries)
    else:
        deliver_each(deliveries, settings.destinations, runtime.channels())
    metrics.add_metric("Routed", MetricUnit.Count, len(names))
    logger.info(
        "routed",
        resource=notification.name,
        resource_type=notification.resource_type,
        status=notification.status,
        severity=notification.severity,
        destinations=names,
    )
    return {
        "id": notification.event_id,
        "severity": notification.severity,
        "title": notification.title,
        "destinations": names,
    }
