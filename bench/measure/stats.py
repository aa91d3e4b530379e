"""What repeated measurements say: percentiles within one, medians and ratios over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, and their extremes."""

    middle: float
    lowest: float
    highest: float

    def __format__(self, spec: str) -> str:
        """Write the median, and the extremes in brackets unless all three read the same."""
        middle, lowest, highest = (format(value, spec) for value in (self.middle, self.lowest, self.highest))
        return middle if lowest == highest else f"{middle} ({lowest} to {highest})"


def spread(values: Sequence[float]) -> Spread:
    """Sum up *values*, one a round."""
    return Spread(median(values), min(values), max(values))


def ratios(values: Sequence[float], to: Sequence[float]) -> Spread:
    """Compare *values* with those of the same rounds, so that a slow minute of the machine cancels out."""
    return spread([value / other for value, other in zip(values, to, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    """Find the smallest value that so many *percent* of all do not exceed."""
    return sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]
