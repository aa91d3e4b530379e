"""What this project wants to keep to, and whether it did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.results import Round, Run, Start
from bench.spread import Spread, ratios, spread

FLOOR: Final = "floor"
OURS: Final = "proton-notifier"
FUNCTIONS: Final = ("proton", "delivery")
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A limit, and what was measured over the rounds; its median counts."""

    what: str
    limit: float
    unit: str
    measured: Spread

    @property
    def met(self) -> bool:
        """Whether it was kept to."""
        return self.measured.middle <= self.limit


def targets(run: Run) -> Iterator[Target]:
    """Hold what *run* found against each target."""
    for function, limit in (("proton", 1.5), ("delivery", 1.25)):
        yield Target(
            f"start of `handlers.{function}` with its first event, to the floor's with its own",
            limit,
            "times",
            start_ratio(run, function, whole_start),
        )
        yield Target(
            f"start of `handlers.{function}` before the event, to the floor's import and clients",
            limit,
            "times",
            start_ratio(run, function, early_start),
        )
    yield Target(
        "median event to both channels, with latencies",
        150,
        "ms",
        spread([each.subjects[OURS].simulated.p50_ms for each in run.rounds]),
    )
    yield Target("CPU of both handlers an event, apart from the SDK's calls", 2, "ms", spread(own_cpu(run)))
    if run.artifact:
        what = f"artifact, zipped, {'with' if run.artifact.has_bytecode else 'without'} bytecode"
        yield Target(what, 5, "MB", spread([run.artifact.zipped_bytes / MEGABYTE]))


def whole_start(start: Start) -> float:
    """Tell what the first event waits for."""
    return start.whole_ms


def early_start(start: Start) -> float:
    """Tell what precedes the first event."""
    return start.early_ms


def start_ratio(run: Run, name: str, took: Callable[[Start], float]) -> Spread:
    """Compare the start of the process *name* with the floor's."""
    return ratios([took(each.starts[name]) for each in run.rounds], [took(each.starts[FLOOR]) for each in run.rounds])


def own_cpu(run: Run) -> list[float]:
    """Add up both handlers' CPU outside of the SDK, round by round."""
    return [_own_cpu(each) for each in run.rounds]


def _own_cpu(measured: Round) -> float:
    return sum(part.own_cpu_ms or 0 for part in measured.subjects[OURS].parts.values())
