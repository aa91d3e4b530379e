"""Statistics of repeated measurements: percentiles within a round, medians and ratios over all rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of one value a round, and the extremes."""

    median: float
    lowest: float
    highest: float

    def __format__(self, spec: str) -> str:
        """Write the median, and the extremes in brackets unless all three read the same."""
        median, lowest, highest = (format(value, spec) for value in (self.median, self.lowest, self.highest))
        return median if lowest == highest else f"{median} ({lowest} to {highest})"


def spread(values: Sequence[float]) -> Spread:
    """Summarize *values*, one a round."""
    return Spread(median(values), min(values), max(values))


def ratios(values: Sequence[float], floors: Sequence[float]) -> Spread:
    """Divide *values* by *floors* of the same rounds, so that a slow minute of the machine cancels out."""
    return spread([value / floor for value, floor in zip(values, floors, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    """Find the smallest value that at least *percent* of all values do not exceed."""
    return sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]
