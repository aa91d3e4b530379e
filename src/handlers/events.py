"""Turn an event into one delivery for each destination, and queue the deliveries."""

from dataclasses import replace

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.incidents.sweep import sweep
from handlers.incidents.turns import memory, notify
from handlers.routes import live_routes
from handlers.runtime import deliveries_queue, logger, lookups, metrics, settings
from notifier.delivery.delivery import dispatch
from notifier.model.status_change import Reading, Severity
from notifier.routes.decisions import as_json
from notifier.routes.live import LiveRoutes, RoutesError
from notifier.settings import HeartbeatMode
from notifier.sources.envelope import Event
from notifier.sources.table import Purpose, Source, source_of


@logger.inject_lambda_context
@event_parser(model=Event)
def handler(event: Event, context: LambdaContext) -> dict[str, object]:
    """Notify the recipients of *event*; return the response that `SOURCES` lists for its source."""
    logger.set_correlation_id(event.id)
    if source_of(event).purpose is Purpose.SWEEP:
        # No metric: an idle stack would be billed for it each hour.
        store = memory()
        return {"id": event.id, "due": sweep(store, _account(context)) if store else 0}
    response: dict[str, object] = _notify(event, context)
    return response


@metrics.log_metrics
def _notify(event: Event, context: LambdaContext) -> dict[str, object]:
    metrics.add_metric("Received", MetricUnit.Count, 1)
    source = source_of(event)
    live = _verified_routes(source)
    if source.purpose is Purpose.ROUTES:
        return {"id": event.id, "error": live.error}
    reading = source.read(event)
    if settings().explains_failures:
        reading = _explained(reading, source, event, context)
    routed = notify(source, reading, live.document)
    if silence := routed.decision.silenced_by:
        # A silenced message must leave a trace.
        metrics.add_metric("Silenced", MetricUnit.Count, 1)
        logger.info(
            "silenced",
            resource=routed.notification.name,
            severity=routed.notification.severity,
            reason=silence.reason,
            by=silence.by,
            until=silence.until.isoformat(),
        )
    silent = source.purpose is Purpose.HEARTBEAT and settings().heartbeat is not HeartbeatMode.MESSAGE
    deliveries = dispatch(routed.notification, routed.decision, silent=silent)
    deliveries_queue().put(deliveries)
    if routed.error:
        # The message is queued although the memory failed; Lambda's retry then updates the memory.
        raise routed.error
    names = [delivery.destination for delivery in deliveries]
    if names:
        metrics.add_metric("Routed", MetricUnit.Count, len(names))
    logger.info(
        "routed",
        resource=routed.notification.name,
        resource_type=routed.notification.resource_type,
        status=routed.notification.status,
        severity=routed.notification.severity,
        destinations=names,
    )
    explanation: dict[str, object] = {}
    if source.purpose is Purpose.TEST:
        known = {destination.name: destination.channel for destination in live.document.destinations}
        explanation = {**as_json(routed.decision), "known": known, "error": live.error}
    return {
        "id": routed.notification.event_id,
        "severity": routed.notification.severity,
        "title": routed.notification.title,
        "destinations": names,
        **explanation,
    }


def _verified_routes(source: Source) -> LiveRoutes:
    """Read the routes for an event of *source*; raise `RoutesError` while it is unknown which document applies."""
    live = live_routes(fresh=source.purpose in {Purpose.ROUTES, Purpose.TEST})
    # Zeros are sent, too, because a zero ends the alarm. Other metrics send none: a metric is billed by the hour.
    metrics.add_metric("RoutesInTrouble", MetricUnit.Count, int(bool(live.error)))
    if live.error:
        logger.error("routes in trouble", error=live.error)
    if live.unverified:
        # Lambda retries, and then puts the event into FailedEvents; a message to the wrong people cannot be taken back.
        raise RoutesError(live.error)
    return live


def _explained(reading: Reading, source: Source, event: Event, context: LambdaContext) -> Reading:
    """Look up the reason of a failure, or the creator of a successful deployment, which may be a rollback."""
    fails = source.has_reasons and reading.meaning.severity is Severity.FAILURE
    if not fails and not (source.has_creators and reading.meaning.severity is Severity.SUCCESS):
        return reading
    # Imported here, as only failures and deployments need them.
    from notifier.reasons import creator, reason  # noqa: PLC0415

    asked = lookups(_account(context), "reason")
    found = (reason if fails else creator)(asked, reading.change)
    if asked.error:
        logger.warning("no reason" if fails else "no creator", error=asked.error)
    if fails:
        return replace(reading, change=replace(reading.change, reason=found or reading.change.reason))
    return source.read(event.model_copy(update={"detail": {**event.detail, "creator": found}}))


def _account(context: LambdaContext) -> str:
    return context.invoked_function_arn.split(":")[4]
