"""Runners hand events to a started subject: to one worker, or to two functions with a queue between them."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bench.fakes.aws import Queue
from bench.stack import stack
from bench.subjects.alertmanager import Alertmanager
from bench.subjects.processes import Event, Invocation, PythonWorker

POLL_SECONDS: Final = 0.05
# Enough for a third attempt.
RETRY_SECONDS: Final = 75


class Runner:
    """A started subject; *workers* are its processes by name."""

    def __init__(self, workers: Mapping[str, PythonWorker | Alertmanager]) -> None:
        self.workers = workers

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Hand *event* to the worker."""
        return {name: worker.invoke(event) for name, worker in self.workers.items()}

    def run_load(self, events: Iterable[Event], seconds: float) -> float:
        """Hand over *events*, for at most *seconds*; return the CPU seconds."""
        return sum(worker.run_load(events, seconds) for worker in self.workers.values())

    def drain(self) -> None:
        """Wait for retries; a call that has returned retries nothing."""


class FunctionsRunner(Runner):
    """Two functions: *events* fills the *queue*, and *delivery* drains it.

    The runner does the work of the event source mapping outside of every clock: it hands over batches, and deletes the
    messages that did not fail.
    """

    def __init__(self, events: PythonWorker, delivery: PythonWorker, queue: Queue) -> None:
        super().__init__({"events": events, "delivery": delivery})
        self._events = events
        self._delivery = delivery
        self._queue = queue

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Invoke the first function, and then the second with all deliveries in the queue."""
        routed = self._events.invoke(event)
        return {"events": routed, "delivery": self._deliver(self._queue.receive(stack().batch_size))}

    def run_load(self, events: Iterable[Event], _seconds: float) -> float:
        """Fill the queue, wait for the batching window, and drain the queue, retries included."""
        began = time.monotonic()
        events_ms = sum(self._events.invoke(event).cpu_ms for event in events)
        time.sleep(max(0, began + stack().batching_window_seconds - time.monotonic()))
        return (events_ms + sum(delivery.cpu_ms for delivery in self._deliveries())) / 1000

    def drain(self) -> None:
        """Deliver deferred messages when they are visible again."""
        deque(self._deliveries(), maxlen=0)

    def _deliveries(self) -> Iterator[Invocation]:
        deadline = time.monotonic() + RETRY_SECONDS
        while self._queue and time.monotonic() < deadline:
            if records := self._queue.receive(stack().batch_size):
                yield self._deliver(records)
            else:
                time.sleep(POLL_SECONDS)

    def _deliver(self, records: list[dict[str, Any]]) -> Invocation:
        invocation = self._delivery.invoke({"Records": records})
        if invocation.error is None:
            failed = {failure["itemIdentifier"] for failure in invocation.result["batchItemFailures"]}
            self._queue.delete(record["receiptHandle"] for record in records if record["messageId"] not in failed)
        return invocation
