"""Takes events from their rules and puts a delivery for each destination into the queue."""

from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.routes import live_routes
from handlers.runtime import deliveries_queue, logger, metrics, settings
from notifier.delivery.delivery import deliver_each
from notifier.delivery.dispatch import dispatch
from notifier.model.notification import Notification, compose
from notifier.routes.decisions import Decision, as_json, bypass_routes, decide
from notifier.routes.live import CHANGE_SOURCE, LiveRoutes, RoutesError
from notifier.settings import HeartbeatMode
from notifier.sources import heartbeat, test_message
from notifier.sources.envelope import ProtonEvent
from notifier.sources.table import read


@logger.inject_lambda_context
@event_parser(model=ProtonEvent)
@metrics.log_metrics
def handler(event: ProtonEvent, _context: LambdaContext) -> dict[str, object]:
    """Notify everyone whom *event* concerns; return what was made of it."""
    logger.set_correlation_id(event.id)
    metrics.add_metric("Received", MetricUnit.Count, 1)
    rewritten, tried = event.source == CHANGE_SOURCE, event.source == test_message.SOURCE
    live = live_routes(fresh=rewritten or tried)
    # A zero, too, for it ends the alarm; no other metric has any, as each is paid by the hour in which it is sent.
    metrics.add_metric("RoutesInTrouble", MetricUnit.Count, int(bool(live.error)))
    if live.error:
        logger.error("routes in trouble", error=live.error)
    if live.unverified:
        # Lambda tries again, and then keeps the event; what goes out by a guess could not be taken back.
        raise RoutesError(live.error)
    if rewritten:
        return {"id": event.id, "error": live.error}
    notification = compose(*read(event), dict(live.document.accounts))
    decision = _decision(event, notification, live)
    _count_silenced(notification, decision)
    silent = heartbeat.sent(event) and settings().heartbeat is not HeartbeatMode.MESSAGE
    deliveries = dispatch(notification, decision, silent=silent)
    queue = settings().deliveries_queue_url
    if queue:
        deliveries_queue(queue).put(deliveries)
    else:
        # What sends is loaded where there is no other function to do so.
        from handlers.wiring import sender  # noqa: PLC0415

        deliver_each(deliveries, sender)
    names = [delivery.destination for delivery in deliveries]
    if names:
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
        **(_explanation(decision, live) if tried else {}),
    }


def _decision(event: ProtonEvent, notification: Notification, live: LiveRoutes) -> Decision:
    """Ask the routes, but for a heartbeat, which is for every destination, and a test of certain ones."""
    if heartbeat.sent(event):
        return bypass_routes(live.document, [place.name for place in live.document.destinations])
    if event.source == test_message.SOURCE and (named := test_message.read(event).to):
        return bypass_routes(live.document, named)
    return decide(live.document, notification, datetime.now(UTC))


def _explanation(decision: Decision, live: LiveRoutes) -> dict[str, object]:
    """Say to whoever tries it out why the destinations are these, and which others there are, of which type."""
    known = {place.name: place.channel for place in live.document.destinations}
    return {**as_json(decision), "known": known, "error": live.error}


def _count_silenced(notification: Notification, decision: Decision) -> None:
    """Count and log what is silenced, so that it is never just gone."""
    silence = decision.silenced_by
    if silence:
        metrics.add_metric("Silenced", MetricUnit.Count, 1)
        logger.info(
            "silenced",
            resource=notification.name,
            severity=notification.severity,
            reason=silence.reason,
            by=silence.by,
            until=silence.until.isoformat(),
        )
