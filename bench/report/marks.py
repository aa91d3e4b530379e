"""The marks in the README, and the figures between them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[2] / "README.md"
BEGIN: Final = "<!-- bench: {name} -->\n"
END: Final = "<!-- bench: end -->"


class MarkError(Exception):
    """The README lacks a mark."""


def fill(text: str, figures: Mapping[str, str]) -> str:
    """Replace the parts of *text* that *figures* name; raise `MarkError` if a mark is missing."""
    for name, block in figures.items():
        begin = BEGIN.format(name=name)
        before, found, rest = text.partition(begin)
        _, end, after = rest.partition(END)
        if not (found and end):
            message = f"the README has no {begin.strip()} with {END} after it"
            raise MarkError(message)
        text = f"{before}{begin}\n{block}\n\n{END}{after}"
    return text
