"""What a run found, as it is kept in results.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

FILE: Final = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Times:
    """How long an event takes, over so many *events*."""

    p50_ms: float
    p99_ms: float
    events: int


@dataclass(frozen=True, slots=True)
class Part:
    """One process of a subject.

    *load_ms* went into imports, *connect_ms* into what is made before the first event. *cpu_ms* is an event's, on
    loopback, and *own_cpu_ms* what of it was outside of the SDK's calls, if that could be counted. *simulated_ms* is its share of
    the median event with latencies, *logged_bytes* an event's.
    """

    load_ms: float
    connect_ms: float
    first_ms: float
    cpu_ms: float
    own_cpu_ms: float | None
    simulated_ms: float
    simulated_cpu_ms: float
    peak_megabytes: float
    logged_bytes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject in one round."""

    loopback: Times
    simulated: Times
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Start:
    """A process's start without cached bytecode, in milliseconds as in `Part`."""

    load_ms: float
    connect_ms: float
    first_ms: float


@dataclass(frozen=True, slots=True)
class Round:
    """Each subject once, and the starts without cached bytecode."""

    subjects: Mapping[str, Measured]
    uncached: Mapping[str, Start]


@dataclass(frozen=True, slots=True)
class Fault:
    """What came of one event under a fault: *slack* and *sns* in how many seconds each message was taken.

    *raw* is what of the event's name could act in Slack. *broken* counts messages to Slack that were no JSON.
    """

    slack: tuple[float, ...]
    sns: tuple[float, ...]
    raw: tuple[str, ...]
    broken: int
    seconds: float
    result: str


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of many events at once; *told* counts the events that a channel's messages tell of."""

    tried: int
    slack_messages: int
    emails: int
    slack_told: int
    emails_told: int
    refused: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """All of it; *absent* says why a subject was not measured."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    absent: Mapping[str, str]
    artifact_bytes: int | None
    rounds: tuple[Round, ...]
    faults: Mapping[str, Mapping[str, Fault]]
    storms: Mapping[str, Storm]


RUN: Final = TypeAdapter(Run)


def read(file: Path = FILE) -> Run:
    """Read what the last run found."""
    return RUN.validate_json(file.read_bytes())


def write(run: Run, file: Path = FILE) -> None:
    """Keep it."""
    file.write_bytes(RUN.dump_json(run, indent=1) + b"\n")
