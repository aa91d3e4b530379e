"""Starting a subject in a fresh process and telling it events."""

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
class Told:
    """What it took to tell one event, and what came of it; *started_at* is on the machine's monotonic clock."""

    wall_ms: float
    cpu_ms: float
    sdk_cpu_ms: float
    started_at: float
    result: Any
    error: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process needed so far, and which custom metrics its log makes."""

    peak_megabytes: float
    logged_bytes: int
    metrics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a subject: its module in `bench.subjects`, by which Python, with what in its environment.

    *settings* is what its module is told besides.
    """

    subject: str
    python: str
    environment: Mapping[str, str]
    settings: Mapping[str, Any]


class ChildError(Exception):
    """A subject's process ended before it answered."""


class Child:
    """A subject's process; *load_ms* went into its imports, *connect_ms* into what it made before the first event."""

    def __init__(self, process: "subprocess.Popen[str]", launch: Launch, log: Path) -> None:
        self._process = process
        self._launch = launch
        self._log = log
        started = self._answer(json.dumps(launch.settings))
        self.load_ms: float = started["load_ms"]
        self.connect_ms: float = started["connect_ms"]

    @classmethod
    @contextmanager
    def started(cls, launch: Launch, log: Path) -> Iterator[Self]:
        """Start the subject, what it prints going into the file *log*, and end it."""
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

    def tell(self, event: object) -> Told:
        """Tell it *event*."""
        return Told(**self._answer(json.dumps({"event": event})))

    def count_sdk(self) -> None:
        """Have it count, from now on, what the SDK's calls need."""
        self._answer(json.dumps({"count_sdk": True}))

    def usage(self) -> Usage:
        """Tell what it needed so far."""
        usage = self._answer(json.dumps({"usage": True}))
        return Usage(**usage, metrics=series(self._log.read_text(encoding="utf-8")))

    def _answer(self, order: str) -> dict[str, Any]:
        assert self._process.stdin  # noqa: S101 - a pipe
        assert self._process.stdout  # noqa: S101 - a pipe
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            message = f"{self._launch.subject} ended with status {self._process.wait()}"
            raise ChildError(message)
        answer: dict[str, Any] = json.loads(line)
        return answer
