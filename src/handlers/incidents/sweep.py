"""Send what is due about open incidents without an event, every five minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit

from handlers.incidents.families import failing_parent
from handlers.incidents.turns import close
from handlers.routes import live_routes
from handlers.runtime import deliveries_queue, logger, lookups, metrics, settings
from notifier.delivery.delivery import dispatch
from notifier.memory.items import Item
from notifier.memory.store import Memory, MemoryUnavailableError
from notifier.memory.timers import Due, after_due, due
from notifier.model.incident import Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Reading, Severity
from notifier.routes.decisions import (
    RoutingDecision,
    bypass_routes,
    decide_followers,
    decide_routes,
    escalations,
    first_of,
)
from notifier.routes.document import Document
from notifier.routes.live import RoutesError


def sweep(memory: Memory, account: str) -> int:
    """Queue what is due; return the number of notifications. AWS is asked only about resources of *account*.

    Errors of the memory are logged, counted for the alarm, and left to the next sweep: a retry would come no sooner.
    Raise `RoutesError` while it is unknown which document applies.

    The memory is written again after queuing. If that fails, the next sweep repeats the notification with the same id,
    and the ledger drops it.
    """
    now, number = datetime.now(UTC), 0
    keys: list[str] = []
    errors: list[MemoryUnavailableError] = []
    with _logged(errors):
        keys += memory.due(now.timestamp())
    if keys and (live := live_routes()).unverified:
        raise RoutesError(live.error)
    for key in keys:
        # An unreadable item stays due until a person deletes it, and must not stop the reminders of other items.
        with _logged(errors):
            number += _sweep_item(key, live.document, memory, now, account)
    if errors:
        metrics.add_metric("MemoryInTrouble", MetricUnit.Count, 1)
    if metrics.metric_set:
        metrics.flush_metrics()
    return number


@contextmanager
def _logged(errors: list[MemoryUnavailableError]) -> Iterator[None]:
    try:
        yield
    except MemoryUnavailableError as error:
        logger.error("the memory cannot be used", error=str(error))
        errors.append(error)


def _sweep_item(key: str, document: Document, memory: Memory, now: datetime, account: str) -> int:
    item, number = memory.read(key), 0
    while (found := due(item, now.timestamp(), document.rules)) and (
        decision := _decision(found, item, document, memory, now)
    ):
        # Store its number before queuing, so that an event that comes meanwhile is newer.
        claimed = replace(item, version=found.item.version)
        if newer := memory.keep(key, item, claimed):
            item = newer
            continue
        number += 1
        result = _latest_result(key, found.notification, account)
        after = close(result, item, document, memory) if result else None
        if after is None:
            deliveries_queue().put(dispatch(found.notification, decision))
            names = tuple(recipient.destination for recipient in decision.recipients)
            after = after_due(found, names, document.rules, escalations(decision))
        after = replace(after, version=after.version + 1)
        item = memory.keep(key, claimed, after) or after
    return number


def _latest_result(key: str, notification: Notification, account: str) -> Reading | None:
    """Ask AWS for the latest result before a reminder."""
    if notification.turn is not Turn.REMINDER or not settings().explains_failures:
        return None
    # Imported here, as only reminders need it.
    from notifier.inquiries import latest_result  # noqa: PLC0415

    asked = lookups(account, "reminder")
    result = latest_result(asked, key, notification)
    if asked.error:
        logger.warning("no answer before a reminder", error=asked.error)
    return result


def _decision(found: Due, item: Item, document: Document, memory: Memory, now: datetime) -> RoutingDecision | None:
    """Decide who gets what is due; None while a silence, quiet hours or a failing parent hold it back."""
    routed = decide_routes(document, found.notification, now)
    names = [recipient.destination for recipient in routed.recipients]
    if found.notification.turn is Turn.OPENED:
        withheld_for = item.incident.withheld_for if item.incident and document.rules.inhibit else ""
        is_withheld = withheld_for and failing_parent(withheld_for, names, memory)
        return first_of(routed, ()) if names and not is_withheld else None
    late = found.escalation
    is_first = late is not None and found.notification.severity is Severity.FAILURE
    if found.notification.turn is Turn.REMINDER and (routed.silenced_by if is_first else routed.holds_back):
        return None
    if late:
        past = bypass_routes(document, late.destinations, late.mention, late.runbook)
        return first_of(past, item.recipients)
    return decide_followers(document, found.notification, item.recipients)
