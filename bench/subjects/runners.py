"""The drivers of the subjects: one process, or two functions with a queue between them."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from bench.fakes.control import StandIn
from bench.subjects.processes import Invocation, Startup, Usage, WorkerProcess

Event = Mapping[str, Any]
POLL_SECONDS: Final = 0.05


class Runner(Protocol):
    """A subject that has started, of one or more parts; each method returns a value for each part, by its name."""

    def startups(self) -> Mapping[str, Startup]:
        """Return the measured startups."""

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Hand over one event, to one part after the other."""

    def run_load(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Hand over all *events*, for at most *seconds*; return the CPU seconds."""

    def drain(self, seconds: float) -> None:
        """Let the subject retry what it could not send, for at most *seconds*."""

    def count_sdk(self) -> bool:
        """Count the SDK's CPU from now on; return whether this is possible."""

    def usage(self) -> Mapping[str, Usage]:
        """Return the usage so far."""


class OneProcess:
    """A subject of one process, which is done when its call returns; *counts_sdk* if its SDK's CPU is of interest."""

    def __init__(self, name: str, process: WorkerProcess, *, counts_sdk: bool) -> None:
        self._name = name
        self._process = process
        self._counts_sdk = counts_sdk

    def startups(self) -> Mapping[str, Startup]:
        """Return the process' startup."""
        return {self._name: self._process.startup}

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Call the subject with *event*."""
        return {self._name: self._process.invoke(event)}

    def run_load(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Call the subject with one event after the other."""
        deadline = time.monotonic() + seconds
        cpu = 0.0
        for event in events:
            cpu += self._process.invoke(event).cpu_ms / 1000
            if time.monotonic() > deadline:
                break
        return {self._name: cpu}

    def drain(self, seconds: float) -> None:
        """Do nothing: a call that has returned retries nothing."""

    def count_sdk(self) -> bool:
        """Count the SDK's CPU, if it is of interest."""
        if self._counts_sdk:
            self._process.count_sdk()
        return self._counts_sdk

    def usage(self) -> Mapping[str, Usage]:
        """Return the process' usage."""
        return {self._name: self._process.usage()}


class TwoFunctions:
    """One function that fills a queue, and one that drains it.

    Between the two the runner does the event source mapping's work, outside of every clock: it hands over batches of
    *batch_size*, and deletes what did not fail.
    """

    def __init__(
        self,
        events: WorkerProcess,
        delivery: WorkerProcess,
        stand_in: StandIn,
        *,
        batch_size: int,
        window_seconds: int,
    ) -> None:
        self._functions = {"events": events, "delivery": delivery}
        self._stand_in = stand_in
        self._batch_size = batch_size
        self._window_seconds = window_seconds

    def startups(self) -> Mapping[str, Startup]:
        """Return both functions' startups."""
        return {name: process.startup for name, process in self._functions.items()}

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Invoke the first function, and then the second with all that is in the queue."""
        routed = self._functions["events"].invoke(event)
        return {"events": routed, "delivery": self._deliver(self._stand_in.receive(self._batch_size))}

    def run_load(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Fill the queue, wait for the batching window, and drain the queue."""
        began = time.monotonic()
        routing_ms = sum(self._functions["events"].invoke(event).cpu_ms for event in events)
        time.sleep(max(0, began + self._window_seconds - time.monotonic()))
        delivering_ms = sum(delivered.cpu_ms for delivered in self._deliver_until(began + seconds))
        return {"events": routing_ms / 1000, "delivery": delivering_ms / 1000}

    def drain(self, seconds: float) -> None:
        """Deliver again what becomes visible again."""
        for _ in self._deliver_until(time.monotonic() + seconds):
            pass

    def count_sdk(self) -> bool:
        """Count the SDK's CPU in both functions."""
        for process in self._functions.values():
            process.count_sdk()
        return True

    def usage(self) -> Mapping[str, Usage]:
        """Return both functions' usage."""
        return {name: process.usage() for name, process in self._functions.items()}

    def _deliver_until(self, deadline: float) -> Iterator[Invocation]:
        while self._stand_in.queue_length() and time.monotonic() < deadline:
            if records := self._stand_in.receive(self._batch_size):
                yield self._deliver(records)
            else:
                time.sleep(POLL_SECONDS)

    def _deliver(self, records: list[dict[str, Any]]) -> Invocation:
        delivered = self._functions["delivery"].invoke({"Records": records})
        if delivered.error is None:
            failed = {failure["itemIdentifier"] for failure in delivered.result["batchItemFailures"]}
            self._stand_in.delete(record["receiptHandle"] for record in records if record["messageId"] not in failed)
        return delivered
