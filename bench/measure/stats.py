"""Statistics: percentiles of a sample within a round, medians and ratios over all rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Summary:
    """The median, the minimum and the maximum of one value a round."""

    median: float
    minimum: float
    maximum: float

    def __format__(self, spec: str) -> str:
        """Write the median, and the extremes in brackets unless all three read the same."""
        median, minimum, maximum = (format(value, spec) for value in (self.median, self.minimum, self.maximum))
        return median if minimum == maximum else f"{median} ({minimum} to {maximum})"


def summarize(values: Sequence[float]) -> Summary:
    """Summarize *values*, one a round."""
    return Summary(median(values), min(values), max(values))


def ratios(values: Sequence[float], baseline: Sequence[float]) -> Summary:
    """Divide *values* by the *baseline* of the same rounds, so that a slow minute of the machine cancels out."""
    return summarize([value / base for value, base in zip(values, baseline, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    """Find the smallest value that is not less than *percent* of all values."""
    return sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]
