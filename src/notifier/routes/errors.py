"""What is wrong with a routes document, and where."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from notifier.model.sanitize import tidy

SHOWN_LIMIT: Final = 40
LISTED_LIMIT: Final = 20
TOLD_LIMIT: Final = 5
BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the value at *path*, of keys and of positions in lists."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A flaw for a person: *line* and *place* count from one; without a place it is about the whole text."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.line), self.place, self.message)))


class DocumentError(Exception):
    """A document cannot be used; the text says where and why without lines, for these take time to find."""

    def __init__(self, flaws: tuple[Flaw, ...], located: Callable[[], tuple[Problem, ...]]) -> None:
        told = [": ".join(filter(None, (place(flaw.path), flaw.message))) for flaw in flaws[:TOLD_LIMIT]]
        more = len(flaws) - len(told)
        super().__init__("; ".join((*told, f"and {more} more") if more else told))
        self._located = located

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was found, in the order of its lines."""
        return self._located()


def place(path: Path) -> str:
    """Write *path* as a reader would look for it: routes[2].match.severity."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{_key(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def one_of(allowed: Iterable[str], given: object) -> str:
    """Say what is *allowed*, and which of it *given* may have been meant to be."""
    choices = [tidy(choice, SHOWN_LIMIT) for choice in allowed]
    more = ", ..." if len(choices) > LISTED_LIMIT else ""
    return f"one of {', '.join(choices[:LISTED_LIMIT])}{more}{suggestion(choices, given)}"


def unknown_key(key: str, allowed: Iterable[str]) -> str:
    """Say that *key* is none of those *allowed*."""
    return f"is not known here; a key must be {one_of(allowed, key)}"


def suggestion(allowed: Iterable[str], given: object) -> str:
    """Continue a sentence with what of the *allowed* is close to *given*."""
    close = get_close_matches(given, allowed, n=1) if isinstance(given, str) else []
    return "".join(f"; did you mean {quoted(choice)}?" for choice in close)


def quoted(text: str) -> str:
    """Show foreign *text* as one short line, and what cannot be seen in it by its number."""
    shown = text if len(text) <= SHOWN_LIMIT else tidy(text, SHOWN_LIMIT)
    return json.dumps(shown, ensure_ascii=not shown.isprintable())


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else quoted(key)
