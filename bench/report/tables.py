"""Tables and figures of a page."""

from collections.abc import Iterable, Sequence
from typing import Final

from bench.measure.stats import Spread

NONE: Final = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; the first column is text, the others are figures."""
    marks = ["---", *["--:" for _ in head[1:]]]
    return "\n".join("| " + " | ".join(each) + " |" for each in (head, marks, *rows))


def figure(found: Spread, digits: int = 0, unit: str = "") -> str:
    """Write a median with its extremes."""
    middle, lowest, highest = (f"{value:.{digits}f}" for value in (found.middle, found.lowest, found.highest))
    return f"{middle}{unit}" if lowest == highest else f"{middle}{unit} ({lowest} to {highest})"
