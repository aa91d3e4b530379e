"""Decide which turn an event adds to the incident of its resource, and which destinations receive it."""

import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final

from aws_lambda_powertools.metrics import MetricUnit

from handlers.incidents.families import CONTENTION, TRIES, end_parts, forget_parts, keep_opening, withhold
from handlers.runtime import clients, deliveries_queue, logger, metrics, settings
from notifier.delivery.delivery import dispatch
from notifier.memory.changes import can_have_incidents, depth_of, entry_of, key_of
from notifier.memory.decisions import CLOSING, OPENINGS, IncidentDecision, decide
from notifier.memory.families import ENDS_PARTS, fails_after_waiting, with_end_of
from notifier.memory.history import Entry
from notifier.memory.items import Item
from notifier.memory.rules import Rules
from notifier.memory.store import Memory, MemoryUnavailableError
from notifier.memory.timers import Sending, after
from notifier.memory.words import well_since, with_story
from notifier.model.composition import compose
from notifier.model.notification import KEY_LIMIT, Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Reading, Recovery, Severity, StatusChange
from notifier.routes.decisions import (
    RouteOutcome,
    RoutingDecision,
    bypass_routes,
    decide_incident,
    decide_routes,
    escalations,
)
from notifier.routes.document import Document
from notifier.settings import DeliveryMode, EventsResources
from notifier.sources.table import Purpose, Source

# These severities are sent even if the memory cannot be used.
URGENT: Final = frozenset({Severity.ACTION, Severity.FAILURE})


@dataclass(frozen=True, slots=True)
class RoutedNotification:
    """A *notification* and the *decision* about its recipients; after an *error*, the memory does not know of it."""

    notification: Notification
    decision: RoutingDecision
    error: MemoryUnavailableError | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """The destinations that get a message."""
        return tuple(each.destination for each in self.decision.recipients if not each.root_only)

    @property
    def sending(self) -> Sending:
        """The sending, for the memory."""
        results = self.decision.results
        quiet = any(result.outcome is RouteOutcome.QUIET for result in results)
        silenced = not self.recipients and (quiet or self.decision.silenced_by is not None)
        return Sending(self.notification, self.recipients, silenced, escalations(self.decision))


class MeasuredMemory(Memory):
    """Memory that counts opened and closed incidents, without zeros: a metric is billed by the hour."""

    def keep(self, key: str, before: Item, after: Item) -> Item | None:
        """Replace *before* by *after*, and measure what that changes."""
        found = super().keep(key, before, after)
        if found is None and after.incident and not before.incident:
            metrics.add_metric("Opened", MetricUnit.Count, 1)
        if found is None and before.incident and not after.incident:
            metrics.add_metric("Closed", MetricUnit.Count, 1)
            failing, well_at = before.summary, well_since(after)
            failed_at = failing.failed_at or failing.opened_at
            # Waiting for a person is no failure, and a deleted resource has not recovered.
            if failing.attempts and well_at > failed_at > 0:
                metrics.add_metric("SecondsToRecovery", MetricUnit.Seconds, well_at - failed_at)
        return found


@cache
def memory() -> Memory | None:
    """Make the memory; None in the mode `print`, and in a stack without its table."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return None
    table = EventsResources.from_env(os.environ).memory_table
    return MeasuredMemory(clients().reader("dynamodb"), table, time.time) if table else None


def notify(source: Source, reading: Reading, document: Document) -> RoutedNotification:
    """Decide what to say about an event and to whom, with the memory if there is one.

    Raise `MemoryUnavailableError` if the memory fails and the event can wait for a retry.
    """
    now = datetime.now(UTC)
    if source.purpose is Purpose.HEARTBEAT or reading.to:
        names = reading.to or [destination.name for destination in document.destinations]
        notification = compose(reading, dict(document.accounts))
        return RoutedNotification(notification, bypass_routes(document, names))
    store, error = memory(), None
    if store and can_have_incidents(reading.change):
        try:
            return remember(reading, document, store, now)
        except MemoryUnavailableError as unavailable:
            error = unavailable
            logger.error("the memory cannot be used", error=str(error))
            metrics.add_metric("MemoryInTrouble", MetricUnit.Count, 1)
    notification = compose(reading, dict(document.accounts))
    if error and notification.recognised and notification.severity not in URGENT:
        raise error
    return RoutedNotification(notification, decide_routes(document, notification, now), error)


def remember(reading: Reading, document: Document, memory: Memory, now: datetime) -> RoutedNotification:
    """Decide about an event, and store the decision; raise `MemoryUnavailableError`."""
    key = key_of(reading.change)
    entry = entry_of(reading, now.timestamp())
    item = memory.recall(key)

    # What is stored is also what is sent, so it is composed once.
    @lru_cache(1)
    def routed_by(decision: IncidentDecision) -> RoutedNotification:
        return _route(decision, reading, document, now)

    def keep(before: Item, decision: IncidentDecision) -> Item | None:
        return memory.keep(key, before, after(decision, routed_by(decision).sending, document.rules))

    for _ in range(TRIES):
        decision, change, found = _decide(item, entry, reading.change, document.rules, memory), reading.change, None
        opens = decision.turn in OPENINGS
        if decision.item.incident and (opens or fails_after_waiting(decision.entry)):
            if opens and document.rules.inhibit:
                recipients = routed_by(decision).recipients
                decision = withhold(decision, key, change, recipients, memory)
            decision, found = keep_opening(decision, key, change, memory, keep)
        elif decision.item is not item:
            found = keep(item, decision)
        if found is None:
            routed = routed_by(decision)
            if suppression := _suppression(decision, routed.notification):
                logger.info(suppression, resource=routed.notification.name, status=routed.notification.status)
            if decision.entry.kind in ENDS_PARTS and not decision.item.summary.is_open:
                left = end_parts(routed.notification, decision.entry, decision.item, document, memory)
                forget_parts(key, left, memory)
            return routed
        item = found
    raise MemoryUnavailableError(CONTENTION)


def _decide(item: Item, entry: Entry, change: StatusChange, rules: Rules, memory: Memory) -> IncidentDecision:
    """Decide about *entry*; the recovery of a part's parent may have arrived before the part's failure."""
    decision, key = decide(item, entry, rules), key_of(change)
    fails = decision.turn in OPENINGS or fails_after_waiting(decision.entry)
    if not fails or decision.repeated or change.recovery is not Recovery.PARENT:
        return decision
    parent = next(iter(change.parents), key)
    return decision if parent == key else decide(with_end_of(memory.read(parent), item, key, entry), entry, rules)


def close(reading: Reading, item: Item, document: Document, memory: Memory) -> Item | None:
    """End the incident of *item* by *reading*, for which no event came; return the new item, which is not stored yet.

    Return None if *reading* ends no incident. Report the parts, too; raise `MemoryUnavailableError`.
    """
    now = datetime.now(UTC)
    decision = decide(item, entry_of(reading, now.timestamp()), document.rules)
    if decision.turn not in CLOSING:
        return None
    routed = _route(decision, reading, document, now)
    deliveries_queue().put(dispatch(routed.notification, routed.decision))
    end_parts(routed.notification, decision.entry, decision.item, document, memory)
    return after(decision, routed.sending, document.rules)


def _route(decision: IncidentDecision, reading: Reading, document: Document, now: datetime) -> RoutedNotification:
    notification = compose(with_story(reading, decision), dict(document.accounts))
    if _suppression(decision, notification):
        return RoutedNotification(notification, RoutingDecision(None, (), ()))
    if decision.entry.incident:
        key = tidy(key_of(reading.change), KEY_LIMIT)
        incident = replace(decision.entry.incident, depth=depth_of(reading.change))
        notification = replace(notification, incident=incident, key=key)
    return RoutedNotification(notification, decide_incident(document, notification, decision.entry.followers, now))


def _suppression(decision: IncidentDecision, notification: Notification) -> str:
    """Say why nobody is notified; empty if somebody may be."""
    if not notification.recognised:
        return ""
    if decision.entry.withheld:
        return "held back while the parent is failing"
    return "late, and nothing new" if decision.entry.ignored else ""
