"""What this project wants to keep to, and whether it did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.measure.stats import Spread, ratios, spread
from bench.results import Measured, Run, Start

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
    floors, ours = ([each.subjects[name] for each in run.rounds] for name in (FLOOR, OURS))
    yield Target(
        "median event to both channels, with latencies, to the floor's",
        1.5,
        "times",
        ratios([each.simulated.p50_ms for each in ours], [each.simulated.p50_ms for each in floors]),
    )
    # Apart from the SDK's calls the floor does next to nothing: a ratio to that would be one to the clock's tick.
    yield Target(
        "CPU of both handlers an event, apart from the SDK's calls, to the floor's with them",
        1.25,
        "times",
        ratios([own_cpu_ms(each) for each in ours], [cpu_ms(each) for each in floors]),
    )
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


def cpu_ms(measured: Measured) -> float:
    """Add up the CPU of all processes."""
    return sum(part.cpu_ms for part in measured.parts.values())


def own_cpu_ms(measured: Measured) -> float:
    """Add up the CPU of all processes outside of the SDK's calls."""
    return sum(part.own_cpu_ms or 0 for part in measured.parts.values())
