"""The memory of the resources, which the first function keeps."""

import os
import time
from functools import cache

from handlers.runtime import clients, settings
from notifier.memory.store import Memory
from notifier.settings import DeliveryMode, EventsResources


@cache
def memory() -> Memory | None:
    """Make the memory; in the mode `print`, and in a stack without its table, there is none."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return None
    table = EventsResources.from_env(os.environ).memory_table
    return Memory(clients().memory, table, time.time) if table else None
