"""The results of a run, as results.json keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

FILE: Final = Path(__file__).parent / "results.json"
# The names of this project, of its two processes, and of the subject that others are compared with.
OUR_NAME: Final = "proton-notifier"
FUNCTIONS: Final = ("events", "delivery")
FLOOR_NAME: Final = "floor"


@dataclass(frozen=True, slots=True)
class Times:
    """The time of an event, over so many *events*."""

    p50_ms: float
    p99_ms: float
    events: int


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a process: its imports, all that is created before the first event, and that event."""

    load_ms: float
    connect_ms: float
    first_ms: float

    @property
    def early_ms(self) -> float:
        """Sum up the time before the first event."""
        return self.load_ms + self.connect_ms

    @property
    def whole_ms(self) -> float:
        """Sum up the time until the first event is done."""
        return self.early_ms + self.first_ms


@dataclass(frozen=True, slots=True)
class Part:
    """One process of a subject.

    *start* is its start in this measurement. *cpu_ms* is an event's CPU on loopback, and *own_cpu_ms* its share outside
    of the SDK's calls, if that could be counted. *simulated_ms* and *simulated_cpu_ms* are an event's with latencies.
    *metrics* are the custom metrics in its log.
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
class SubjectResult:
    """A subject in one round; *calls* are an event's AWS operations, and the rows that it writes.

    *loopback* is the time until the call returns, *simulated* until both channels have the event.
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

    subjects: Mapping[str, SubjectResult]
    starts: Mapping[str, Start]
    uncached: Mapping[str, Start]


@dataclass(frozen=True, slots=True)
class FaultResult:
    """The outcome of one event under a fault: *slack* and *sns* are the seconds until each message was accepted.

    *raw* lists the markup of the event's name that Slack got unescaped. *broken* counts messages to Slack that were no
    JSON. *result* is the subject's own account.
    """

    slack: tuple[float, ...]
    sns: tuple[float, ...]
    raw: tuple[str, ...]
    broken: int
    seconds: float
    result: str


@dataclass(frozen=True, slots=True)
class StormResult:
    """The outcome of many *events* at once, of which *tried* were handed over.

    *slack_events* and *email_events* count the events that the accepted messages name or count.
    """

    events: int
    tried: int
    slack_messages: int
    emails: int
    slack_events: int
    email_events: int
    refused: int
    seconds: float
    cpu_seconds: float

    @property
    def lost(self) -> int:
        """Count the events that one of the channels has no message about."""
        return max(self.tried - min(self.slack_events, self.email_events), 0)


@dataclass(frozen=True, slots=True)
class Artifact:
    """The artifact; it has bytecode if the build found a Python of Lambda's version."""

    zipped_bytes: int
    has_bytecode: bool


@dataclass(frozen=True, slots=True)
class Run:
    """All results; *absent* gives the reason why a subject was not measured."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    absent: Mapping[str, str]
    artifact: Artifact | None
    rounds: tuple[Round, ...]
    faults: Mapping[str, Mapping[str, FaultResult]]
    storms: Mapping[str, StormResult]


RUN: Final = TypeAdapter(Run)


def read(file: Path = FILE) -> Run:
    """Read the results of the last run."""
    return RUN.validate_json(file.read_bytes())


def write(run: Run, file: Path = FILE) -> None:
    """Write *run* to *file*."""
    file.write_bytes(RUN.dump_json(run, indent=1) + b"\n")
