"""Text from files and standard input, in whatever encoding an editor or a shell left it."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

STANDARD_INPUT: Final = Path("-")
# More than anybody's events; /dev/zero never ends.
SIZE_LIMIT: Final = 64 * 1024 * 1024
BYTE_ORDER_MARK: Final = re.compile("^\ufeff+", re.MULTILINE)


class UnreadableTextError(Exception):
    """A file is no text, or cannot be read; the message says why."""


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
    """Leave out what editors add to *text*: byte order marks, of each file that was joined, and carriage returns."""
    return BYTE_ORDER_MARK.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def check_read_once(files: Sequence[Path]) -> None:
    """Raise `UnreadableTextError` if more than one of *files* is standard input."""
    if files.count(STANDARD_INPUT) > 1:
        message = "standard input can be only one of the files"
        raise UnreadableTextError(message)


def _decoded(found: bytes) -> str:
    try:
        # By a mark or by zeros, for a document in TOML, too, begins in ASCII. PowerShell's > writes UTF-16.
        return found.decode(json.detect_encoding(found))
    except UnicodeDecodeError as error:
        message = f"not {error.encoding.upper()}: {error.reason} at byte {error.start + 1}"
        raise UnreadableTextError(message) from error
