"""Find the lines of problems in a TOML text, because Python's parser returns no positions."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from notifier.routes.errors import Path, Problem
from notifier.routes.loader import SIZE_LIMIT

POSITION: Final = re.compile(r"(?P<what>[^:]+): (?P<reason>.+) \(at line (?P<line>\d+), column (?P<column>\d+)\)")

Table = dict[str, Any]


def locate(text: str, problems: Iterable[Problem]) -> tuple[tuple[int, Problem], ...]:
    """Find the lines of *problems* in *text*, counted from one, and sort the problems by line."""
    statements = Statements(text)
    found = (
        (statements.span(problem.path)[0] + 1, problem) if problem.path else _unparsed(text, problem)
        for problem in problems
    )
    return tuple(sorted(found, key=itemgetter(0)))


class Statements:
    """The statements of a TOML text.

    Any number of first lines is valid TOML unless it ends within a statement, and more lines only add keys. So the
    fewest first lines that contain a key end with the statement that sets it.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")

    def span(self, path: Path) -> tuple[int, int]:
        """Find the statement that sets the value at *path*, or the nearest value around it.

        Return its first line, counted from zero, and the line after its last.
        """
        _, whole = self._complete(len(self.lines))
        while not _holds(whole, path):
            path = path[:-1]
        end = bisect_left(range(len(self.lines)), x=True, key=lambda lines: _holds(self._complete(lines)[1], path))
        return self.start_after(end - 1), end

    def start_after(self, lines: int) -> int:
        """Find the line of the first statement after the first *lines* lines, or else of the first statement."""
        following = (*range(self._complete(max(lines, 0))[0], len(self.lines)), *range(len(self.lines)))
        return next((line for line in following if self.lines[line].strip() and self.lines[line].lstrip()[0] != "#"), 0)

    def _complete(self, lines: int) -> tuple[int, Table]:
        """Parse as many of the first *lines* lines as are complete statements; return their number, too."""
        while (table := _parse("\n".join(self.lines[:lines]))) is None:
            lines -= 1
        return lines, table


@lru_cache(maxsize=2 * SIZE_LIMIT)  # locating several problems parses the same first lines again
def _parse(text: str) -> Table | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _holds(value: Any, path: Path) -> bool:  # noqa: ANN401 - any TOML value
    for part in path:
        if not (part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value))):
            return False
        value = value[part]
    return True


def _unparsed(text: str, problem: Problem) -> tuple[int, Problem]:
    """Find the line at which *text* is no TOML or exceeds the limit."""
    if found := POSITION.fullmatch(problem.message):
        return int(found["line"]), Problem((), f"{found['what']}, at column {found['column']}: {found['reason']}")
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > SIZE_LIMIT:
        return encoded[:SIZE_LIMIT].count(b"\n") + 1, problem
    statements = Statements(text)
    return statements.start_after(len(statements.lines)) + 1, problem
