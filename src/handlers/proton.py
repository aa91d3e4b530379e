"""Takes events from their rules and puts a delivery for each destination into the queue."""

from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.routes import live_routes
from handlers.runtime import deliveries_queue, logger, metrics, settings
from handlers.sources import read
from notifier import heartbeat
from notifier.delivery import Delivery, deliver_each
from notifier.dispatch import dispatch
from notifier.live_routes import CHANGE_SOURCE, LiveRoutes, RoutesError
from notifier.notifications import Notification, compose
from notifier.proton.events import ProtonEvent
from notifier.routes.decisions import decide
from notifier.settings import HeartbeatMode


@logger.inject_lambda_context
@event_parser(model=ProtonEvent)
@metrics.log_metrics
def handler(event: ProtonEvent, _context: LambdaContext) -> dict[str, object]:
    """Notify everyone whom *event* concerns; return what was made of it."""
    logger.set_correlation_id(event.id)
    metrics.add_metric("Received", MetricUnit.Count, 1)
    rewritten = event.source == CHANGE_SOURCE
    live = live_routes(fresh=rewritten)
    metrics.add_metric("RoutesInTrouble", MetricUnit.Count, int(bool(live.trouble)))
    if live.trouble:
        logger.error("routes in trouble", trouble=live.trouble)
    if live.guess:
        # Lambda tries again, and then keeps the event; what goes out by a guess could not be taken back.
        raise RoutesError(live.trouble)
    if rewritten:
        return {"id": event.id, "trouble": live.trouble}
    notification = compose(*read(event), dict(live.document.accounts))
    beats = event.source == heartbeat.SOURCE
    deliveries = _heartbeats(notification, live) if beats else _routed(notification, live)
    queue = settings().deliveries_queue_url
    if queue:
        deliveries_queue(queue).put(deliveries)
    else:
        # What sends is loaded where there is no other function to do so.
        from handlers.senders import sender  # noqa: PLC0415

        deliver_each(deliveries, sender)
    names = [delivery.destination for delivery in deliveries]
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


def _routed(notification: Notification, live: LiveRoutes) -> tuple[Delivery, ...]:
    """Ask the routes; what is silenced is counted and logged, never just gone."""
    decision = decide(live.document, notification, datetime.now(UTC))
    silence = decision.silenced_by
    metrics.add_metric("Silenced", MetricUnit.Count, int(silence is not None))
    if silence:
        logger.info(
            "silenced",
            resource=notification.name,
            severity=notification.severity,
            reason=silence.reason,
            by=silence.by,
            until=silence.until.isoformat(),
        )
    return dispatch(notification, decision)


def _heartbeats(notification: Notification, live: LiveRoutes) -> tuple[Delivery, ...]:
    """Every destination gets the heartbeat, whatever the routes say."""
    silent = settings().heartbeat is not HeartbeatMode.MESSAGE
    return tuple(
        Delivery(notification=notification, destination=place.name, silent=silent)
        for place in live.document.destinations
    )
