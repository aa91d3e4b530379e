"""Started subjects: one worker process, or two functions with a queue between them."""

import json
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, TextIO

from bench.fakes.aws import Queue
from bench.stack import stack

ROOT: Final = Path(__file__).parents[2]
POLL_SECONDS: Final = 0.05
# Enough for a third attempt.
RETRY_SECONDS: Final = 75

Event = Mapping[str, Any]
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup of a subject.

    *requests* has the requests that this project *posted* to Slack and *published* to SNS, which the baseline repeats.
    *variables* are added to each worker's environment. In a storm, events are *grouped*.
    """

    requests: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """The cost of one event and its outcome; *started_at* is on the machine's monotonic clock."""

    wall_ms: float
    cpu_ms: float
    started_at: float
    peak_megabytes: float
    result: Any
    sdk_cpu_ms: float = 0
    error: str | None = None
    log: bytes = b""


# The invocation of each worker for one event.
Invocations = Mapping[str, Invocation]


class SubjectError(Exception):
    """A subject did not do the measured work."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A *process* that runs *start* of `bench.subjects`, reads requests from *channel*, and writes to *log*."""

    start: str
    process: Process
    channel: TextIO
    log: BinaryIO

    def invoke(self, event: Event) -> Invocation:
        """Send *event*, and wait for the result."""
        response = self.ask(event)
        return Invocation(**response, peak_megabytes=peak_megabytes(self.process), log=self.log.read())

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send *request*, and wait for the response."""
        self.channel.write(json.dumps(request) + "\n")
        self.channel.flush()
        line = self.channel.readline()
        if not line:
            message = f"{self.start} ended with status {self.process.wait()}"
            raise SubjectError(message)
        return dict(json.loads(line))


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, stdin: int = subprocess.DEVNULL
) -> Iterator[Process]:
    """Run *command* with its output in *log*; kill it at the end."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=stdin, stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def worker(start: str, python: str, environment: Mapping[str, str]) -> Iterator[Worker]:
    """Start a worker with the interpreter *python* in its own home directory; kill it at the end."""
    ours, theirs = socket.socketpair()
    command = [python, "-m", "bench.subjects.worker", start]
    with (
        TemporaryDirectory() as home,
        ours.makefile("rw", encoding="utf-8") as channel,
        running(command, {**environment, "HOME": home}, Path(home, "log"), theirs.fileno()) as process,
        Path(home, "log").open("rb") as log,
    ):
        ours.close()  # when the channel is closed
        theirs.close()
        yield Worker(start, process, channel, log)


def peak_megabytes(process: Process) -> float:
    """Read the largest resident set of *process* from the kernel."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak) / 1024


@dataclass(frozen=True, slots=True)
class Runner:
    """A started subject; *workers* are its processes by name, *startups* their milliseconds of imports and clients."""

    startups: Mapping[str, Mapping[str, float]]
    workers: Mapping[str, Worker]

    def invoke(self, event: Event) -> Invocations:
        """Send *event* to the worker."""
        return {name: worker.invoke(event) for name, worker in self.workers.items()}

    def sample(self, events: Iterable[Event], limit: int | None, seconds: float) -> Iterator[Invocations]:
        """Send *events*, at least one, until *limit* or *seconds* are reached."""
        deadline = time.monotonic() + seconds
        for event in islice(events, limit):
            yield self.invoke(event)
            if time.monotonic() >= deadline:
                return

    def run_load(self, events: Iterable[Event], seconds: float) -> float:
        """Send *events*, for at most *seconds*; return the CPU seconds."""
        sample = self.sample(events, None, seconds)
        return sum(invocation.cpu_ms for invocations in sample for invocation in invocations.values()) / 1000

    def drain(self) -> Sequence[Invocation]:
        """Wait for retries, and return them; here there are none."""
        return ()


@dataclass(frozen=True, slots=True)
class FunctionsRunner(Runner):
    """The events function, which fills the *queue*, and the delivery function, which drains it.

    The runner does the work of the event source mapping, which is not measured: it passes batches, and deletes the
    messages that did not fail.
    """

    queue: Queue

    def invoke(self, event: Event) -> Invocations:
        """Invoke the events function, and then the delivery function with all deliveries in the queue."""
        routed = self.workers["events"].invoke(event)
        return {"events": routed, "delivery": self._deliver(self.queue.receive(stack().batch_size))}

    def run_load(self, events: Iterable[Event], _seconds: float) -> float:
        """Fill the queue, wait for the batching window, and drain the queue, retries included."""
        began = time.monotonic()
        routed = [self.workers["events"].invoke(event) for event in events]
        time.sleep(max(0, began + stack().batching_window_seconds - time.monotonic()))
        return sum(invocation.cpu_ms for invocation in (*routed, *self.drain())) / 1000

    def drain(self) -> Sequence[Invocation]:
        """Deliver the messages of the queue, deferred messages when they are visible again."""
        deliveries = []
        deadline = time.monotonic() + RETRY_SECONDS
        while self.queue.records and time.monotonic() < deadline:
            if records := self.queue.receive(stack().batch_size):
                deliveries.append(self._deliver(records))
            else:
                time.sleep(POLL_SECONDS)
        return deliveries

    def _deliver(self, records: list[dict[str, Any]]) -> Invocation:
        invocation = self.workers["delivery"].invoke({"Records": records})
        if invocation.error is None:
            failed = {failure["itemIdentifier"] for failure in invocation.result["batchItemFailures"]}
            for handle in {record["receiptHandle"] for record in records} - failed:
                del self.queue.records[handle]
        return invocation
