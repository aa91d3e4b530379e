"""Takes Proton's events and the heartbeat from their rules and puts a delivery for each destination into the queue."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers import runtime
from handlers.runtime import logger, metrics
from handlers.sources import read
from notifier import heartbeat
from notifier.delivery import Delivery, deliver_each
from notifier.notifications import compose
from notifier.proton.events import ProtonEvent
from notifier.routing import Scope, route
from notifier.settings import HeartbeatMode


@logger.inject_lambda_context
@event_parser(model=ProtonEvent)
@metrics.log_metrics
def handler(event: ProtonEvent, _context: LambdaContext) -> dict[str, object]:
    """Notify everyone whom *event* concerns; return what was made of it."""
    logger.set_correlation_id(event.id)
    metrics.add_metric("Received", MetricUnit.Count, 1)
    settings = runtime.settings()
    notification = compose(*read(event), dict(settings.account_names))
    beats = event.source == heartbeat.SOURCE
    scope = Scope.EVERYTHING if beats else settings.scope
    silent = beats and settings.heartbeat is not HeartbeatMode.MESSAGE
    names = [destination.name for destination in route(notification, settings.destinations, scope)]
    deliveries = tuple(Delivery(notification=notification, destination=name, silent=silent) for name in names)
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
