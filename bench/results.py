"""The results of a run, as results.json stores them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

FILE: Final = Path(__file__).parent / "results.json"
# The names of this project, of its two functions, and of the subject with which all subjects are compared.
OUR_NAME: Final = "proton-notifier"
FUNCTIONS: Final = ("events", "delivery")
BASELINE_NAME: Final = "baseline"


@dataclass(frozen=True, slots=True)
class Startup:
    """A cold start: the imports, all that is created before the first event, and the first event."""

    imports_ms: float
    clients_ms: float
    first_event_ms: float

    @property
    def before_event_ms(self) -> float:
        """Sum up the time before the first event."""
        return self.imports_ms + self.clients_ms

    @property
    def total_ms(self) -> float:
        """Sum up the time until the first event is done."""
        return self.before_event_ms + self.first_event_ms


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The time of an event, over a sample of *events*."""

    p50_ms: float
    p99_ms: float
    events: int


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """The use of one worker process by an event.

    *cpu_ms* is its CPU time on loopback, *cpu_outside_sdk_ms* the share outside of the SDK's calls, if measured.
    *with_latencies_ms* and *with_latencies_cpu_ms* are its time and CPU time with latencies. *metrics* are the custom
    metrics in the worker's log.
    """

    cpu_ms: float
    cpu_outside_sdk_ms: float | None
    with_latencies_ms: float
    with_latencies_cpu_ms: float
    peak_megabytes: float
    logged_bytes: float
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """A subject in one round; *calls* are the AWS operations and written rows of an event.

    *loopback* is the time until the call returns, *with_latencies* the time until both channels have the event.
    """

    calls: Mapping[str, float]
    loopback: Percentiles
    with_latencies: Percentiles
    workers: Mapping[str, WorkerResult]

    @property
    def cpu_ms(self) -> float:
        """Sum up the workers' CPU time."""
        return sum(worker.cpu_ms for worker in self.workers.values())

    @property
    def cpu_outside_sdk_ms(self) -> float | None:
        """Sum up the workers' CPU time outside of the SDK, if measured."""
        return sum(filter(None, (worker.cpu_outside_sdk_ms for worker in self.workers.values()))) or None


@dataclass(frozen=True, slots=True)
class Round:
    """Each subject once, and the startup of each worker: with cached bytecode and without."""

    subjects: Mapping[str, SubjectResult]
    startups: Mapping[str, Startup]
    startups_without_bytecode: Mapping[str, Startup]


@dataclass(frozen=True, slots=True)
class FaultResult:
    """The outcome of one event under a fault: the seconds until each accepted message of a channel.

    *unescaped* lists the markup that Slack got unescaped. *invalid_json* counts the messages to Slack that are no JSON.
    *outcome* is the end of the call.
    """

    slack: tuple[float, ...]
    sns: tuple[float, ...]
    unescaped: tuple[str, ...]
    invalid_json: int
    outcome: str


@dataclass(frozen=True, slots=True)
class StormResult:
    """The outcome of many *events* at once, of which *attempted* were handed over.

    *slack_events* and *email_events* count the events that the accepted messages name or count.
    """

    events: int
    attempted: int
    slack_messages: int
    emails: int
    slack_events: int
    email_events: int
    rate_limited: int
    seconds: float
    cpu_seconds: float

    @property
    def lost(self) -> int:
        """Count the events that are missing in one of the channels."""
        return max(self.attempted - min(self.slack_events, self.email_events), 0)


@dataclass(frozen=True, slots=True)
class WindowResult:
    """A batching window of *window_seconds*, in simulated time.

    *calm_seconds* is the median time from an event to Slack in a calm hour, *storm_messages* counts those of a storm.
    """

    window_seconds: int
    calm_seconds: float
    storm_messages: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """The artifact; it has bytecode if the build found a Python of Lambda's version."""

    zipped_bytes: int
    has_bytecode: bool


@dataclass(frozen=True, slots=True)
class Run:
    """All results; *not_measured* gives the reason for each subject that was not measured."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    not_measured: Mapping[str, str]
    artifact: Artifact | None
    rounds: tuple[Round, ...]
    faults: Mapping[str, Mapping[str, FaultResult]]
    storms: Mapping[str, StormResult]
    windows: tuple[WindowResult, ...]


RUN: Final = TypeAdapter(Run)


def read(file: Path = FILE) -> Run:
    """Read the results of the last run."""
    return RUN.validate_json(file.read_bytes())


def write(run: Run, file: Path = FILE) -> None:
    """Write *run* to *file*."""
    file.write_bytes(RUN.dump_json(run, indent=1) + b"\n")
