"""A worker: a process in which a subject starts and takes events."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from bench.emf import series

ROOT: Final = Path(__file__).parents[2]

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """The cost of one event and its outcome; *started_at* is on the machine's monotonic clock."""

    wall_ms: float
    cpu_ms: float
    sdk_cpu_ms: float
    started_at: float
    result: Any
    error: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """The memory and the log of a worker so far, with the custom metrics that CloudWatch finds in the log."""

    peak_megabytes: float
    logged_bytes: int
    metrics: frozenset[str] = frozenset()


def peak_megabytes(process_id: int) -> float:
    """Read the largest resident set of a process from the kernel."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak) / 1024


class WorkerError(Exception):
    """A worker ended before it responded."""


class PythonWorker:
    """A worker that runs `bench.subjects.worker`; *startup* has the milliseconds of imports and clients."""

    def __init__(self, start: str, process: "subprocess.Popen[str]", log: Path, settings: Mapping[str, Any]) -> None:
        self._start = start
        self._process = process
        self._log = log
        self.startup: Mapping[str, float] = self._ask(settings)

    @classmethod
    @contextmanager
    def started(
        cls, start: str, python: str, environment: Mapping[str, str], settings: Mapping[str, Any]
    ) -> Iterator[Self]:
        """Run *start* of `bench.subjects` with the interpreter *python* in a home directory of its own, and end it."""
        with TemporaryDirectory() as home:
            log = Path(home, "log")
            process = subprocess.Popen(
                [python, "-m", "bench.subjects.worker", start],
                cwd=ROOT,
                env={**environment, "BENCH_LOG": str(log), "HOME": home},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            with process:
                try:
                    yield cls(start, process, log, settings)
                finally:
                    process.kill()

    def invoke(self, event: Event) -> Invocation:
        """Hand over *event*, and wait for the result."""
        return Invocation(**self._ask({"event": event}))

    def run_load(self, events: Iterable[Event], seconds: float) -> float:
        """Hand over *events*, for at most *seconds*; return the CPU seconds."""
        deadline = time.monotonic() + seconds
        cpu_ms = 0.0
        for event in events:
            cpu_ms += self.invoke(event).cpu_ms
            if time.monotonic() > deadline:
                break
        return cpu_ms / 1000

    def count_sdk(self) -> None:
        """Wrap the SDK's calls in the process."""
        self._ask({"count_sdk": True})

    def usage(self) -> Usage:
        """Read the memory and the log of the process."""
        log = self._log.read_bytes()
        return Usage(peak_megabytes(self._process.pid), len(log), series(log.decode()))

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin  # noqa: S101 - a pipe
        assert self._process.stdout  # noqa: S101 - a pipe
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            message = f"{self._start} ended with status {self._process.wait()}"
            raise WorkerError(message)
        response: dict[str, Any] = json.loads(line)
        return response
