"""A round: one measurement of each subject, and of its startup."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from bench.measure.measuring import measure, measure_startup
from bench.results import Round, Startup
from bench.subjects.catalog import BASELINE, OURS, Setup, Subject

# Startups vary more than events do. Those of the peers are in no target, and are measured once.
STARTUPS: Final = 5


def measure_round(subjects: Sequence[Subject], setup: Setup, without_bytecode: Setup) -> Round:
    """Measure each of the *subjects* in *setup*, and our startups in *without_bytecode*, too."""
    peers = [subject for subject in subjects if subject not in {BASELINE, OURS}]
    return Round(
        {subject.name: measure(subject, setup) for subject in subjects},
        {**_startups((BASELINE, OURS), setup), **_startups(peers, setup, 1)},
        _startups((BASELINE, OURS), without_bytecode),
    )


def _startups(subjects: Sequence[Subject], setup: Setup, times: int = STARTUPS) -> Mapping[str, Startup]:
    """Start *subjects* in turn, and select the median startup of each worker."""
    samples: dict[str, list[Startup]] = defaultdict(list)
    for subject in [*subjects] * times:
        for name, startup in measure_startup(subject, setup).items():
            samples[name].append(startup)
    return {name: sorted(sample, key=lambda each: each.total_ms)[times // 2] for name, sample in samples.items()}
