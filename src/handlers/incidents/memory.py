"""The memory of the resources, which the first function keeps."""

import os
import time
from functools import cache

from aws_lambda_powertools.metrics import MetricUnit

from handlers.runtime import clients, metrics, settings
from notifier.memory.items import Item
from notifier.memory.store import Memory
from notifier.memory.words import well_since
from notifier.settings import DeliveryMode, EventsResources


class MeasuredMemory(Memory):
    """A memory that counts the incidents that it opens and closes, without zeros: a metric is billed by the hour."""

    def keep(self, key: str, before: Item, after: Item) -> Item | None:
        """Replace *before* by *after*, and measure what that changes."""
        found = super().keep(key, before, after)
        if found is None and after.incident and not before.incident:
            metrics.add_metric("Opened", MetricUnit.Count, 1)
        if found is None and before.incident and not after.incident:
            metrics.add_metric("Closed", MetricUnit.Count, 1)
            failing, well_at = before.summary, well_since(after)
            # To wait for a person is no failure, and a deleted resource has not recovered.
            if failing.attempts and well_at > failing.opened_at > 0:
                metrics.add_metric("SecondsToRecovery", MetricUnit.Seconds, well_at - failing.opened_at)
        return found


@cache
def memory() -> Memory | None:
    """Make the memory; in the mode `print`, and in a stack without its table, there is none."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return None
    table = EventsResources.from_env(os.environ).memory_table
    return MeasuredMemory(clients().reader("dynamodb"), table, time.time) if table else None
