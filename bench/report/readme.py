"""The marks in the README, and the figures between them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[2] / "README.md"
BEGINS: Final = "<!-- bench: {name} -->\n"
ENDS: Final = "<!-- bench: end -->"


class MarkError(Exception):
    """The README lacks a mark."""


def filled(text: str, figures: Mapping[str, str]) -> str:
    """Replace the parts of *text* that *figures* name; raise `MarkError` if a mark is missing."""
    for name, block in figures.items():
        begins = BEGINS.format(name=name)
        before, found, rest = text.partition(begins)
        _, end, after = rest.partition(ENDS)
        if not (found and end):
            message = f"the README has no {begins.strip()} with {ENDS} after it"
            raise MarkError(message)
        text = f"{before}{begins}\n{block}\n\n{ENDS}{after}"
    return text
