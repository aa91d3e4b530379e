"""The targets of this project, and whether a run met them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.measure.stats import Spread, ratios, spread
from bench.results import FLOOR_NAME, OUR_NAME, Run

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A limit, and the measured value of each round; the median counts."""

    name: str
    limit: float
    unit: str
    measured: Spread

    @property
    def met(self) -> bool:
        """Compare the median with the limit."""
        return self.measured.median <= self.limit


def targets(run: Run) -> Iterator[Target]:
    """Compare *run* with each target."""
    for function, limit in (("events", 1.5), ("delivery", 1.25)):
        starts, floor_starts = ([each.starts[name] for each in run.rounds] for name in (function, FLOOR_NAME))
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
    ours, floors = ([each.subjects[name] for each in run.rounds] for name in (OUR_NAME, FLOOR_NAME))
    yield Target(
        "median event to both channels, with latencies, to the floor's",
        1.5,
        "times",
        ratios([each.simulated.p50_ms for each in ours], [each.simulated.p50_ms for each in floors]),
    )
    # Apart from the SDK's calls the floor does next to nothing: its CPU there is too short to be measured.
    yield Target(
        "CPU of both handlers an event, apart from the SDK's calls, to the floor's with them",
        1.25,
        "times",
        ratios([each.own_cpu_ms or 0 for each in ours], [each.cpu_ms for each in floors]),
    )
    if run.artifact:
        name = f"artifact, zipped, {'with' if run.artifact.has_bytecode else 'without'} bytecode"
        yield Target(name, 5, "MB", spread([run.artifact.zipped_bytes / MEGABYTE]))
