"""A round: each subject once, and some starts besides."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from bench.measure.events import numbered
from bench.measure.measuring import Paces, measure, measure_start
from bench.results import Round, Start
from bench.subjects.catalog import FLOOR, OURS, Place, Subject
from bench.subjects.runners import Event

# They vary more than events do.
STARTS: Final = 5


def measured_round(number: int, subjects: Sequence[Subject], where: Place, cold: Place) -> Round:
    """Measure each of the *subjects* in *where*, and starts without cached bytecode in *cold*."""
    measured = {subject.name: measure(subject, where, _events(subject, number), Paces()) for subject in subjects}
    once = {name: part.start for subject in measured.values() for name, part in subject.parts.items()}
    return Round(measured, {**once, **_starts(where, number)}, _starts(cold, number))


def _starts(where: Place, number: int) -> dict[str, Start]:
    """Start this project and the floor in turn, and find the median start of each process."""
    found: dict[str, list[Start]] = defaultdict(list)
    for _ in range(STARTS):
        for subject in (FLOOR, OURS):
            for name, start in measure_start(subject, where, _events(subject, number)).items():
                found[name].append(start)
    return {name: sorted(starts, key=lambda start: start.whole_ms)[STARTS // 2] for name, starts in found.items()}


def _events(subject: Subject, number: int) -> Iterator[Event]:
    return numbered(f"{subject.name}-{number}")
