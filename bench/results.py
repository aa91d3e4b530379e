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
class Start:
    """What went into the imports of a process, into what is made before the first event, and into that event."""

    load_ms: float
    connect_ms: float
    first_ms: float

    @property
    def early_ms(self) -> float:
        """What Lambda does before it hands over an event."""
        return self.load_ms + self.connect_ms

    @property
    def whole_ms(self) -> float:
        """What the first event waits for, itself included."""
        return self.early_ms + self.first_ms


@dataclass(frozen=True, slots=True)
class Part:
    """One process of a subject.

    *metrics* are the custom metrics that its log makes. *start* is its start in this measurement. *cpu_ms* is an
    event's, on loopback, and *own_cpu_ms* what of it was outside of the SDK's calls, if that could be counted.
    *simulated_ms* and *simulated_cpu_ms* are an event's with latencies.
    """

    start: Start
    cpu_ms: float
    own_cpu_ms: float | None
    simulated_ms: float
    simulated_cpu_ms: float
    peak_megabytes: float
    logged_bytes: float
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject in one round; *calls* are AWS's operations an event, and rows written.

    *loopback* is until the call returns, *simulated* until both channels have the event.
    """

    calls: Mapping[str, float]
    loopback: Times
    simulated: Times
    parts: Mapping[str, Part]

    @property
    def cpu_ms(self) -> float:
        """Add up the parts' CPU."""
        return sum(part.cpu_ms for part in self.parts.values())

    @property
    def own_cpu_ms(self) -> float | None:
        """Add up the parts' CPU outside of the SDK, if it was counted."""
        own = [part.own_cpu_ms for part in self.parts.values() if part.own_cpu_ms is not None]
        return sum(own) if own else None


@dataclass(frozen=True, slots=True)
class Round:
    """Each subject once, and the median start of each process; *uncached* are starts without cached bytecode."""

    subjects: Mapping[str, Measured]
    starts: Mapping[str, Start]
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
    """What came of many *events* at once; *told* counts those that a channel's messages tell of."""

    events: int
    tried: int
    slack_messages: int
    emails: int
    slack_told: int
    emails_told: int
    refused: int
    seconds: float
    cpu_seconds: float

    @property
    def lost(self) -> int:
        """How many of those tried one of the channels does not tell of."""
        return max(self.tried - min(self.slack_told, self.emails_told), 0)


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is uploaded; a build has bytecode if it found a Python of Lambda's version."""

    zipped_bytes: int
    has_bytecode: bool


@dataclass(frozen=True, slots=True)
class Run:
    """All of it; *absent* says why a subject was not measured."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    absent: Mapping[str, str]
    artifact: Artifact | None
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
