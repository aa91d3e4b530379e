"""Problems of a routes document, and their messages."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from notifier.model.sanitize import tidy

QUOTED_LIMIT: Final = 40
LISTED_CHOICES: Final = 20
LISTED_PROBLEMS: Final = 5
BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of the value at *path*, a sequence of keys and list positions; the empty path is the whole text."""

    path: Path
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (format_path(self.path), self.message)))


class DocumentError(Exception):
    """The document *text* cannot be used; the message lists the first *problems* by path, without line numbers."""

    def __init__(self, text: str, problems: tuple[Problem, ...]) -> None:
        listed = [*map(str, problems[:LISTED_PROBLEMS])]
        more = len(problems) - len(listed)
        super().__init__("; ".join((*listed, f"and {more} more") if more else listed))
        self.text = text
        self.problems = problems


def format_path(path: Path) -> str:
    """Write *path*, with positions that count from one: routes[2].match.severity."""
    parts = (
        f"[{part + 1}]" if isinstance(part, int) else f".{part if BARE_KEY.fullmatch(part) else quoted(part)}"
        for part in path
    )
    return "".join(parts).removeprefix(".")


def one_of(choices: Iterable[str], given: object) -> str:
    """List the *choices*, and suggest one that is close to *given*."""
    tidied = [tidy(choice, QUOTED_LIMIT) for choice in choices]
    more = ", ..." if len(tidied) > LISTED_CHOICES else ""
    return f"one of {', '.join(tidied[:LISTED_CHOICES])}{more}{suggestion(tidied, given)}"


def unknown_key(key: str, allowed: Iterable[str]) -> str:
    """Say that *key* is not one of the *allowed* keys."""
    return f"is not known here; a key must be {one_of(allowed, key)}"


def suggestion(choices: Iterable[str], given: object) -> str:
    """Write the end of a sentence that suggests the choice closest to *given*, if any is close."""
    folded = {choice.casefold(): choice for choice in reversed([*choices])}
    close = get_close_matches(given.casefold(), folded, n=1) if isinstance(given, str) else []
    return "".join(f"; did you mean {quoted(folded[choice])}?" for choice in close)


def quoted(text: str) -> str:
    """Quote foreign *text* as one short line, with escapes for invisible characters."""
    shown = text if len(text) <= QUOTED_LIMIT else tidy(text, QUOTED_LIMIT)
    return json.dumps(shown, ensure_ascii=not shown.isprintable())
