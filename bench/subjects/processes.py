"""A subject in a fresh process: its launch, and the requests that it answers."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from bench.emf import series

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Startup:
    """The time of the imports, and of all that is created before the first event."""

    load_ms: float
    connect_ms: float


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
    """The memory and the log of a process so far, with the custom metrics that CloudWatch would read out of the log."""

    peak_megabytes: float
    logged_bytes: int
    metrics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Launch:
    """The command of a subject: its module in `bench.subjects`, a Python, its environment and its settings."""

    subject: str
    python: str
    environment: Mapping[str, str]
    settings: Mapping[str, Any]


class WorkerError(Exception):
    """A subject's process ended before it answered."""


class WorkerProcess:
    """A subject's process, with its measured *startup*."""

    def __init__(self, process: "subprocess.Popen[str]", launch: Launch, log: Path) -> None:
        self._process = process
        self._launch = launch
        self._log = log
        self.startup = Startup(**self._answer(launch.settings))

    @classmethod
    @contextmanager
    def started(cls, launch: Launch, log: Path) -> Iterator[Self]:
        """Start the subject with its output in the file *log*, and end it."""
        process = subprocess.Popen(
            [launch.python, "-m", "bench.subjects.worker", launch.subject],
            cwd=ROOT,
            env={**launch.environment, "BENCH_LOG": str(log)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield cls(process, launch, log)
            finally:
                process.kill()

    def invoke(self, event: object) -> Invocation:
        """Hand over *event*."""
        return Invocation(**self._answer({"event": event}))

    def count_sdk(self) -> None:
        """Count the CPU of the SDK's calls from now on."""
        self._answer({"count_sdk": True})

    def usage(self) -> Usage:
        """Return the usage so far."""
        usage = self._answer({"usage": True})
        return Usage(**usage, metrics=series(self._log.read_text(encoding="utf-8")))

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin  # noqa: S101 - a pipe
        assert self._process.stdout  # noqa: S101 - a pipe
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            message = f"{self._launch.subject} ended with status {self._process.wait()}"
            raise WorkerError(message)
        answer: dict[str, Any] = json.loads(line)
        return answer
