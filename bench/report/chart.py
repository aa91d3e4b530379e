"""The run as a picture: bars of the median event with latencies, and of the start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bench.measure.stats import Spread, spread
from bench.report.targets import FLOOR, FUNCTIONS, OURS
from bench.results import Run

WIDTH: Final = 760
LABELS: Final = 150
BARS: Final = 430
ROW: Final = 34
BAR: Final = 18
TITLE: Final = 44
# A peer that takes fifty times as long would leave no more than outlines of the others: its bar is broken off.
BREAK_OFF: Final = 3.0

SHOWN: Final[Mapping[str, str]] = {
    FLOOR: "floor (no peer)",
    **{name: f"handlers.{name}" for name in FUNCTIONS},
}

STYLE: Final = """\
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: #24292f; }
.title { font-size: 15px; font-weight: 600; }
.figure { font-size: 12px; fill: #57606a; }
.other { fill: #8c959f; }
.ours { fill: #0969da; }
.spread { stroke: #24292f; stroke-width: 1.5; }
.cut { stroke: #ffffff; stroke-width: 3; }
.axis { stroke: #d0d7de; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .figure { fill: #9198a1; }
  .other { fill: #6e7681; }
  .ours { fill: #4493f8; }
  .spread { stroke: #e6edf3; }
  .cut { stroke: #0d1117; }
  .axis { stroke: #3d444d; }
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One subject's value; *ours* in another colour."""

    label: str
    value: Spread
    ours: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars on one scale of milliseconds."""

    title: str
    bars: tuple[Bar, ...]


def panels(run: Run) -> tuple[Panel, ...]:
    """Choose what is shown."""
    subjects = run.rounds[0].subjects
    events = tuple(
        Bar(SHOWN.get(name, name), spread([each.subjects[name].simulated.p50_ms for each in run.rounds]), name == OURS)
        for name in subjects
    )
    starts = tuple(
        Bar(SHOWN.get(name, name), spread([each.starts[name].whole_ms for each in run.rounds]), name in FUNCTIONS)
        for name in run.rounds[0].starts
    )
    return (
        Panel("From an event to Slack and email, with simulated latencies: median, ms", events),
        Panel("Start: import, clients, first event, ms", starts),
    )


def chart(shown: Sequence[Panel]) -> str:
    """Draw *shown*, one panel under the other."""
    height = sum(TITLE + ROW * len(panel.bars) + 12 for panel in shown) + 8
    top = 0
    drawn: list[str] = []
    for panel in shown:
        drawn += _panel(panel, top)
        top += TITLE + ROW * len(panel.bars) + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img">\n<style>\n{STYLE}\n</style>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _panel(panel: Panel, top: int) -> Iterator[str]:
    yield f'<text class="title" x="8" y="{top + 28}">{escape(panel.title)}</text>'
    scale = BARS / _longest(panel)
    for number, bar in enumerate(panel.bars):
        yield from _bar(bar, top + TITLE + ROW * number, scale)
    bottom = top + TITLE + ROW * len(panel.bars)
    yield f'<line class="axis" x1="{LABELS}" y1="{top + TITLE - 6}" x2="{LABELS}" y2="{bottom - 4}"/>'


def _longest(panel: Panel) -> float:
    """Find the longest value that is drawn to scale."""
    values = sorted(bar.value.highest for bar in panel.bars)
    longest = values[0]
    for value in values[1:]:
        if value > longest * BREAK_OFF:
            break
        longest = value
    return longest


def _bar(bar: Bar, top: int, scale: float) -> Iterator[str]:
    middle = top + BAR / 2
    broken = bar.value.highest * scale > BARS + 1
    width = BARS + 30 if broken else bar.value.middle * scale
    yield f'<text x="{LABELS - 10}" y="{middle + 4.5}" text-anchor="end">{escape(bar.label)}</text>'
    colour = "ours" if bar.ours else "other"
    yield f'<rect class="{colour}" x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>'
    end = LABELS + width
    if broken:
        yield f'<line class="cut" x1="{LABELS + BARS}" y1="{top + BAR + 3}" x2="{LABELS + BARS + 8}" y2="{top - 3}"/>'
    else:
        left, right = (LABELS + value * scale for value in (bar.value.lowest, bar.value.highest))
        yield f'<line class="spread" x1="{left:.1f}" y1="{middle}" x2="{right:.1f}" y2="{middle}"/>'
        end = max(end, right)
    yield f'<text class="figure" x="{end + 8:.1f}" y="{middle + 4.5}">{_figure(bar.value)}</text>'


def _figure(value: Spread) -> str:
    middle, lowest, highest = (f"{each:,.0f}" for each in (value.middle, value.lowest, value.highest))
    return middle if lowest == highest else f"{middle} ({lowest} to {highest})"
