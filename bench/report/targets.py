"""What this project wants to keep to, and whether it did."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.measure.stats import Spread, ratios, spread
from bench.results import Run

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
        starts, floor_starts = ([each.starts[name] for each in run.rounds] for name in (function, FLOOR))
        yield Target(
            f"start of `handlers.{function}` with its first event, to the floor's with its own",
            limit,
            "times",
            ratios([start.whole_ms for start in starts], [start.whole_ms for start in floor_starts]),
        )
        yield Target(
            f"start of `handlers.{function}` before the event, to the floor's import and clients",
            limit,
            "times",
            ratios([start.early_ms for start in starts], [start.early_ms for start in floor_starts]),
        )
    ours, floors = ([each.subjects[name] for each in run.rounds] for name in (OURS, FLOOR))
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
        ratios([each.own_cpu_ms or 0 for each in ours], [each.cpu_ms for each in floors]),
    )
    if run.artifact:
        what = f"artifact, zipped, {'with' if run.artifact.has_bytecode else 'without'} bytecode"
        yield Target(what, 5, "MB", spread([run.artifact.zipped_bytes / MEGABYTE]))
