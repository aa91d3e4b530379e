"""A round: one measurement of each subject, and some starts more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from bench.measure.events import numbered_events
from bench.measure.measuring import Phases, measure, measure_start
from bench.results import Round, Start
from bench.subjects.catalog import FLOOR, OURS, Setup, Subject
from bench.subjects.runners import Event

# Of the floor and of this project, since starts vary more than events do.
STARTS: Final = 5


def measure_round(number: int, subjects: Sequence[Subject], setup: Setup, uncached: Setup) -> Round:
    """Measure each of the *subjects* in *setup*, and starts without cached bytecode in *uncached*."""
    measured = {subject.name: measure(subject, setup, _events(subject, number), Phases()) for subject in subjects}
    once = {name: part.start for subject in measured.values() for name, part in subject.parts.items()}
    return Round(measured, {**once, **_starts(setup, number)}, _starts(uncached, number))


def _starts(setup: Setup, number: int) -> dict[str, Start]:
    """Start this project and the floor in turn, and find the median start of each process."""
    found: dict[str, list[Start]] = defaultdict(list)
    for _ in range(STARTS):
        for subject in (FLOOR, OURS):
            for name, start in measure_start(subject, setup, _events(subject, number)).items():
                found[name].append(start)
    return {name: sorted(starts, key=lambda start: start.whole_ms)[STARTS // 2] for name, starts in found.items()}


def _events(subject: Subject, number: int) -> Iterator[Event]:
    return numbered_events(f"{subject.name}-{number}")
