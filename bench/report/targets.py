"""The targets of this project, and the measured values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.measure.stats import Summary, ratios, summarize
from bench.results import BASELINE_NAME, OUR_NAME, Run

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A limit, and the measured value of each round; the median counts."""

    name: str
    limit: float
    unit: str
    measured: Summary

    @property
    def met(self) -> bool:
        """Compare the median with the limit."""
        return self.measured.median <= self.limit


def targets(run: Run) -> Iterator[Target]:
    """Compare *run* with each target."""
    baseline_startups = [each.startups[BASELINE_NAME] for each in run.rounds]
    for function, limit in (("events", 1.5), ("delivery", 1.25)):
        startups = [each.startups[function] for each in run.rounds]
        start = f"cold start of `handlers.{function}`"
        totals = ([each.total_ms for each in sample] for sample in (startups, baseline_startups))
        yield Target(f"{start} with its first event, to the baseline's", limit, "times", ratios(*totals))
        earlier = ([each.before_event_ms for each in sample] for sample in (startups, baseline_startups))
        yield Target(f"{start} before the event, to the baseline's", limit, "times", ratios(*earlier))
    ours, baseline = ([each.subjects[name] for each in run.rounds] for name in (OUR_NAME, BASELINE_NAME))
    medians = ([each.with_latencies.p50_ms for each in sample] for sample in (ours, baseline))
    name = "median time of an event to both channels, with latencies, to the baseline's"
    yield Target(name, 1.55, "times", ratios(*medians))
    # The baseline's CPU time outside of the SDK is too short to be measured.
    name = "CPU time of an event in both functions outside of the SDK's calls, to the baseline's with them"
    outside = [each.cpu_outside_sdk_ms or 0 for each in ours]
    yield Target(name, 1.25, "times", ratios(outside, [each.cpu_ms for each in baseline]))
    if run.artifact:
        name = f"artifact, zipped, {'with' if run.artifact.has_bytecode else 'without'} bytecode"
        yield Target(name, 5.5, "MB", summarize([run.artifact.zipped_bytes / MEGABYTE]))
