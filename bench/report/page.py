"""Render the targets, RESULTS.md and the figures of other pages from the results of a run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule

from bench import cost, results
from bench.measure import measuring, windows
from bench.measure.faults import STORM_EVENTS, STORM_SECONDS
from bench.results import BASELINE_NAME, OUR_NAME, Result
from bench.stack import stack

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "bench" / "RESULTS.md"
# The other pages, by the name of the mark above the figures and of the template's macro.
PAGES: Final = {"cost": ROOT / "docs/cost.md", "speed": ROOT / "docs/comparison.md", "summary": ROOT / "README.md"}
END: Final = "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Target:
    """A limit for the median of the measured values, one a round."""

    name: str
    limit: float
    unit: str
    measured: Sequence[float]

    @property
    def met(self) -> bool:
        """True if the median is within the limit."""
        return median(self.measured) <= self.limit


def targets(run: Result) -> Iterator[Target]:
    """Compare *run* with each target."""
    for function, limit in (("events", 1.5), ("delivery", 1.25)):
        for span, words in (("total_ms", "with its first event"), ("before_event_ms", "before the event")):
            startups = [each["startups"] for each in run["rounds"]]
            measured = [each[function][span] / each[BASELINE_NAME][span] for each in startups]
            yield Target(f"cold start of `handlers.{function}` {words}, to the baseline's", limit, "times", measured)
    subjects = [(each["subjects"][OUR_NAME], each["subjects"][BASELINE_NAME]) for each in run["rounds"]]
    medians = [ours["with_latencies"]["p50_ms"] / baseline["with_latencies"]["p50_ms"] for ours, baseline in subjects]
    name = "median time of an event to both channels, with latencies, to the baseline's"
    yield Target(name, 1.55, "times", medians)
    without_memory = [each["without_memory"] for each in run["rounds"]]
    # An event without a memory has the limit of the time before there was one.
    for measured, limit, words in (
        ([ours for ours, _ in subjects], 2, ""),
        (without_memory, 1.25, ", without the memory"),
    ):
        # The baseline's CPU time outside of the SDK is too short to be measured.
        pairs = zip(measured, subjects, strict=True)
        outside = [each["cpu_outside_sdk_ms"] / baseline["cpu_ms"] for each, (_, baseline) in pairs]
        name = f"CPU time of an event in both functions outside of the SDK's calls{words}, to the baseline's with them"
        yield Target(name, limit, "times", outside)
    if artifact := run["artifact"]:
        name = f"artifact, zipped, {'with' if artifact['has_bytecode'] else 'without'} bytecode"
        yield Target(name, 5.5, "MB", [artifact["zipped_bytes"] / 1_000_000])


def ratios(values: Iterable[float], baseline: Iterable[float]) -> list[float]:
    """Divide *values* by the *baseline* of the same rounds, so that a slow minute of the machine cancels out."""
    return [value / base for value, base in zip(values, baseline, strict=True)]


def summary(values: Iterable[float], digits: int = 0) -> str:
    """Write the median of *values*, one a round, and the extremes in brackets unless they are equal."""
    sample = [*values]
    middle, minimum, maximum = (f"{value:.{digits}f}" for value in (median(sample), min(sample), max(sample)))
    return middle if minimum == maximum else f"{middle} ({minimum} to {maximum})"


def pages(run: Result) -> Iterator[tuple[Path, str]]:
    """Render RESULTS.md, and fill in the figures of the other pages."""
    template = render(run)
    yield FILE, str(template)
    for name, file in PAGES.items():
        yield file, fill(file.read_text(encoding="utf-8"), name, str(getattr(template, name)()).strip())


def fill(text: str, name: str, figures: str) -> str:
    """Replace the part of *text* between the marks of *name* by *figures*; raise `ValueError` if a mark is missing."""
    begin = f"<!-- bench: {name} -->"
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition(END)
    if not (found and end):
        message = f"there is no {begin} with {END} after it"
        raise ValueError(message)
    return f"{before}{begin}\n\n{figures}\n\n{END}{after}"


def render(run: Result) -> TemplateModule:
    """Render RESULTS.md; the figures of other pages are macros of the result."""
    environment = Environment(  # noqa: S701 - it renders Markdown
        loader=FileSystemLoader(Path(__file__).parent),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"money": "{:,.2f}".format, "ratios": ratios, "summary": summary}
    return environment.get_template("report.md.j2").make_module(
        {
            "bills": [cost.bill(run, events, cold) for events, cold in cost.VOLUMES.items()],
            "costs": cost,
            "STORM_EVENTS": STORM_EVENTS,
            "STORM_SECONDS": STORM_SECONDS,
            "measuring": measuring,
            "prices": cost.prices(),
            "results": results,
            "run": run,
            "stack": stack(),
            "windows": windows,
            "targets": [*targets(run)],
        }
    )
