"""Text from files and standard input, in whatever encoding an editor or a shell left it."""

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

STANDARD_INPUT: Final = Path("-")
# More than anybody's events; /dev/zero never ends.
SIZE_LIMIT: Final = 64 * 1024 * 1024
# UTF-32's begins with UTF-16's. PowerShell's > writes UTF-16.
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableTextError(Exception):
    """A file is no text, or cannot be read; the message says why."""


class NoTextError(UnreadableTextError):
    """A file holds something other than text."""


def text_of(file: Path) -> str:
    """Read *file*, or standard input, with line feeds alone; raise `UnreadableTextError`."""
    try:
        if file == STANDARD_INPUT:
            found = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        else:
            with file.open("rb") as opened:
                found = opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UnreadableTextError(error.strerror) from error
    if len(found) > SIZE_LIMIT:
        message = f"more than {SIZE_LIMIT // 1024**2} MiB"
        raise UnreadableTextError(message)
    return unified(_decoded(found))


def unified(text: str) -> str:
    """Leave out what editors add to *text*: a byte order mark, and carriage returns at the ends of lines."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def check_read_once(files: Sequence[Path]) -> None:
    """Raise `UnreadableTextError` if more than one of *files* is standard input."""
    if files.count(STANDARD_INPUT) > 1:
        message = "standard input can be only one of the files"
        raise UnreadableTextError(message)


def _decoded(found: bytes) -> str:
    encoding = next((name for mark, name in MARKS if found.startswith(mark)), None) or _guessed(found)
    try:
        return found.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not {encoding.upper()}: {error.reason} at byte {error.start + 1}"
        raise NoTextError(message) from error


def _guessed(found: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros, which stand in neither JSON nor TOML."""
    zero = found[:1024].find(0)
    return "utf-8" if zero < 0 else "utf-16-le" if zero % 2 else "utf-16-be"
