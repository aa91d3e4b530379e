"""A round: one measurement of each subject, and of its startup."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench.measure.events import numbered_events
from bench.measure.measuring import measure, measure_startup
from bench.results import Round, Startup
from bench.subjects.catalog import BASELINE, OURS, Setup, Subject
from bench.subjects.processes import Event

# Startups vary more than events do. Those of the peers are in no target, and are measured once.
STARTUPS: Final = 5


def measure_round(number: int, subjects: Sequence[Subject], setup: Setup, without_bytecode: Setup) -> Round:
    """Measure each of the *subjects* in *setup*, and our startups in *without_bytecode*, too."""
    results = {subject.name: measure(subject, setup, _events(subject, number)) for subject in subjects}
    peers = [subject for subject in subjects if subject not in {BASELINE, OURS}]
    return Round(
        results,
        {**_startups((BASELINE, OURS), setup, number), **_startups(peers, setup, number, 1)},
        _startups((BASELINE, OURS), without_bytecode, number),
    )


def _startups(subjects: Sequence[Subject], setup: Setup, number: int, times: int = STARTUPS) -> Mapping[str, Startup]:
    """Start *subjects* in turn, and select the median startup of each worker."""
    samples: dict[str, list[Startup]] = defaultdict(list)
    for subject in [*subjects] * times:
        for name, startup in measure_startup(subject, setup, _events(subject, number)).items():
            samples[name].append(startup)
    return {name: sorted(sample, key=lambda each: each.total_ms)[times // 2] for name, sample in samples.items()}


def _events(subject: Subject, number: int) -> Iterator[Event]:
    return numbered_events(f"{subject.name}-{number}")
