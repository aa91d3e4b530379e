"""The marks in the README and in docs/, and the figures between them."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# Where the figures of each name are.
FILES: Final = {"cost": ROOT / "docs/cost.md", "speed": ROOT / "docs/comparison.md", "summary": ROOT / "README.md"}
BEGIN: Final = "<!-- bench: {name} -->\n"
END: Final = "<!-- bench: end -->"


class MarkError(Exception):
    """A page lacks a mark."""


def fill(text: str, name: str, figures: str) -> str:
    """Replace the part of *text* that *name* marks by *figures*; raise `MarkError` if a mark is missing."""
    begin = BEGIN.format(name=name)
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition(END)
    if not (found and end):
        message = f"there is no {begin.strip()} with {END} after it"
        raise MarkError(message)
    return f"{before}{begin}\n{figures}\n\n{END}{after}"
