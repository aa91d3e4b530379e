"""The text of a routes document: its TOML, and on which line a key stands."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final

from notifier.model.sanitize import tidy
from notifier.routes.errors import DocumentError, Flaw, Path, Problem, place

# Parameter Store holds no longer value.
SIZE_LIMIT: Final = 8_192
POSITION: Final = re.compile(r"(?P<what>.+) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)

Table = dict[str, Any]


def parsed(text: str) -> Table:
    """Parse *text*; raise `DocumentError` if it is too long or no TOML."""
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > SIZE_LIMIT:
        message = f"the text has {len(encoded)} bytes, of which Parameter Store holds {SIZE_LIMIT}"
        line = encoded[:SIZE_LIMIT].count(b"\n") + 1
        raise DocumentError((Flaw((), message),), lambda: (Problem(line, "", message),))
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits and brackets in thousands are no TOMLDecodeError.
        found = str(error)
        flaw = Flaw((), f"this is not TOML: {tidy(found)}")
        raise DocumentError((flaw,), lambda: (_syntax_problem(text, found),)) from error


def located(text: str, flaws: Iterable[Flaw]) -> tuple[Problem, ...]:
    """Find the lines of *flaws* in *text*, which is TOML, and sort by them."""
    beginnings = Beginnings(text)
    problems = (Problem(beginnings.line(flaw.path), place(flaw.path), flaw.message) for flaw in flaws)
    return tuple(sorted(problems, key=lambda problem: problem.line))


class Beginnings:
    """The first lines of a text, parsed and kept.

    They are TOML where they do not end within a statement, and each has all keys of the shorter ones. So the shortest
    that has a key ends with the statement that sets it, which begins after the longest that has not.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").split("\n")
        self._parsed: dict[int, Table | None] = {0: {}}

    def line(self, path: Path) -> int:
        """Say where the statement begins that sets the value at *path*, or the nearest one around it."""
        whole = self._table(len(self._lines))
        while not _holds(whole, path):
            path = path[:-1]
        end = bisect_left(range(len(self._lines)), x=True, key=lambda lines: _holds(self._table(lines), path))
        return self.line_after(end - 1)

    def line_after(self, lines: int) -> int:
        """Say where the first statement begins that the first *lines* lines do not complete."""
        following = range(self._complete(max(lines, 0)), len(self._lines))
        statements = (line for line in following if not self._lines[line].lstrip().startswith(("#", "\n")))
        return next((line for line in statements if self._lines[line].strip()), 0) + 1

    def _complete(self, lines: int) -> int:
        return next(end for end in range(lines, -1, -1) if self._parse(end) is not None)

    def _table(self, lines: int) -> Table:
        return self._parse(self._complete(lines)) or {}

    def _parse(self, lines: int) -> Table | None:
        if lines not in self._parsed:
            try:
                self._parsed[lines] = tomllib.loads("\n".join(self._lines[:lines]))
            except (ValueError, RecursionError):
                self._parsed[lines] = None
        return self._parsed[lines]


def _holds(value: Any, path: Path) -> bool:  # noqa: ANN401 - whatever TOML can say
    for part in path:
        known = part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value))
        if not known:
            return False
        value = value[part]
    return True


def _syntax_problem(text: str, error: str) -> Problem:
    found = POSITION.fullmatch(error)
    if found is None:
        lines = Beginnings(text)
        return Problem(lines.line_after(text.count("\n") + 1), "", f"this is not TOML: {tidy(error)}")
    return Problem(int(found["line"]), "", f"this is not TOML, at column {found['column']}: {tidy(found['what'])}")
