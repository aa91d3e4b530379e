"""The subjects at work: one call an event, or two functions and the queue between them."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bench.fakes.control import StandIn
from bench.subjects.processes import Child, Told, Usage

Event = Mapping[str, Any]
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Start:
    """What went into the imports, and into what is made before the first event."""

    load_ms: float
    connect_ms: float


class Runner(Protocol):
    """A subject that has started; it may consist of parts, which are told one after the other."""

    def starts(self) -> Mapping[str, Start]:
        """Tell what each part's start took."""

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Tell it one event; return what each part made of it."""

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Tell it all *events* as it would get them, for so many *seconds* at most; return each part's CPU seconds."""

    def settle(self, seconds: float) -> None:
        """Let it try again what it could not send, for so many *seconds* at most."""

    def count_sdk(self) -> bool:
        """Have the SDK's CPU counted from now on; say whether it can be."""

    def usage(self) -> Mapping[str, Usage]:
        """Tell what each part needed so far."""


class OneCall:
    """A subject that is called once an event and then done; *counts* if its SDK's CPU is of interest."""

    def __init__(self, name: str, child: Child, *, counts: bool) -> None:
        self._name = name
        self._child = child
        self._counts = counts

    def starts(self) -> Mapping[str, Start]:
        """Tell what the start took."""
        return {self._name: Start(self._child.load_ms, self._child.connect_ms)}

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Call it."""
        return {self._name: self._child.tell(event)}

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Call it for one event after the other."""
        deadline = time.monotonic() + seconds
        cpu = 0.0
        for event in events:
            cpu += self._child.tell(event).cpu_ms / 1000
            if time.monotonic() > deadline:
                break
        return {self._name: cpu}

    def settle(self, seconds: float) -> None:
        """Do nothing: a call that has returned tries nothing again."""

    def count_sdk(self) -> bool:
        """Count, if it is of interest."""
        if self._counts:
            self._child.count_sdk()
        return self._counts

    def usage(self) -> Mapping[str, Usage]:
        """Ask it."""
        return {self._name: self._child.usage()}


class TwoFunctions:
    """A function that fills a queue, and one that works it off.

    Between the two it does what the event source mapping does, outside of every clock: it hands over batches of
    *batch_size*, and deletes what did not fail.
    """

    def __init__(self, proton: Child, delivery: Child, stand_in: StandIn, batch_size: int, window_seconds: int) -> None:
        self._functions = {"proton": proton, "delivery": delivery}
        self._stand_in = stand_in
        self._batch_size = batch_size
        self._window_seconds = window_seconds

    def starts(self) -> Mapping[str, Start]:
        """Tell what each function's start took."""
        return {name: Start(child.load_ms, child.connect_ms) for name, child in self._functions.items()}

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Invoke the one, and then the other with what came into the queue."""
        routed = self._functions["proton"].tell(event)
        return {"proton": routed, "delivery": self._delivered(self._stand_in.receive(self._batch_size))}

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Put all into the queue, wait for the batching window, and work the queue off."""
        began = time.monotonic()
        cpu = {"proton": sum(self._functions["proton"].tell(event).cpu_ms for event in events) / 1000, "delivery": 0.0}
        time.sleep(max(0, began + self._window_seconds - time.monotonic()))
        for delivered in self._work_off(began + seconds):
            cpu["delivery"] += delivered.cpu_ms / 1000
        return cpu

    def settle(self, seconds: float) -> None:
        """Deliver again what comes back."""
        for _ in self._work_off(time.monotonic() + seconds):
            pass

    def count_sdk(self) -> bool:
        """Count in both."""
        for child in self._functions.values():
            child.count_sdk()
        return True

    def usage(self) -> Mapping[str, Usage]:
        """Ask both."""
        return {name: child.usage() for name, child in self._functions.items()}

    def _work_off(self, deadline: float) -> Iterator[Told]:
        while self._stand_in.waiting() and time.monotonic() < deadline:
            if records := self._stand_in.receive(self._batch_size):
                yield self._delivered(records)
            else:
                time.sleep(LOOK_SECONDS)

    def _delivered(self, records: list[dict[str, Any]]) -> Told:
        told = self._functions["delivery"].tell({"Records": records})
        if told.error is None:
            failed = {failure["itemIdentifier"] for failure in told.result["batchItemFailures"]}
            self._stand_in.delete(record["receiptHandle"] for record in records if record["messageId"] not in failed)
        return told
