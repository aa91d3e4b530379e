"""The figures that stand in the README, between marks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bench import cost
from bench.measure.stats import ratios, spread
from bench.report.tables import figure, table
from bench.report.targets import FLOOR, FUNCTIONS, cpu_ms, start_ratio, whole_start
from bench.results import Run, Storm

FILE: Final = Path(__file__).parents[2] / "README.md"
BEGINS: Final = "<!-- bench: {name} -->\n"
ENDS: Final = "<!-- bench: end -->"
# As the benchmark names them, and in a word.
TROUBLES: Final[Mapping[str, str]] = {
    "Slack 429 once, Retry-After 1": "a 429",
    "Slack 500 once": "a 500",
    "SNS 500 for 16 s": "SNS down",
}


class MarkError(Exception):
    """The README does not say where figures go."""


def blocks(run: Run) -> Mapping[str, str]:
    """Write what stands between the marks, by their names."""
    return {"cost": cost.summary(run), "speed": _speed(run)}


def filled(text: str, figures: Mapping[str, str]) -> str:
    """Put *figures* into a README's *text*; raise `MarkError` if a mark is missing."""
    for name, block in figures.items():
        begins = BEGINS.format(name=name)
        before, found, rest = text.partition(begins)
        _, end, after = rest.partition(ENDS)
        if not (found and end):
            message = f"the README has no {begins.strip()} with {ENDS} after it"
            raise MarkError(message)
        text = f"{before}{begins}\n{block}\n\n{ENDS}{after}"
    return text


def _speed(run: Run) -> str:
    head = ("", "ms to both channels", "to the floor", "CPU ms", *TROUBLES.values(), "1,000 at once")
    proton, delivery = (figure(start_ratio(run, name, whole_start), 2) for name in FUNCTIONS)
    return (
        f"{table(head, [tuple(_row(run, name)) for name in run.rounds[0].subjects])}\n\n"
        f"A cold start with its first event takes {proton} times as long as the floor's for the function that takes\n"
        f"events, and {delivery} times for the one that sends."
    )


def _row(run: Run, name: str) -> Iterator[str]:
    measured = [each.subjects[name] for each in run.rounds]
    p50s_ms = [each.simulated.p50_ms for each in measured]
    storm, faults = run.storms[name], run.faults[name]
    yield name
    yield figure(spread(p50s_ms))
    yield figure(ratios(p50s_ms, [each.subjects[FLOOR].simulated.p50_ms for each in run.rounds]), 2)
    yield figure(spread([cpu_ms(each) for each in measured]), 1)
    for trouble in TROUBLES:
        yield "all arrives" if faults[trouble].slack and faults[trouble].sns else "**lost**"
    yield _came_of(storm)


def _came_of(storm: Storm) -> str:
    tried = f"{storm.tried:,}" if storm.tried == storm.events else f"the {storm.tried} tried in {storm.seconds:.0f} s"
    if storm.lost:
        return f"**{storm.lost} of {tried} lost**"
    return f"none of {tried} lost, in {storm.slack_messages} message{'s'[: storm.slack_messages != 1]}"
