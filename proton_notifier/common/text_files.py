"""Read text from files and standard input, in UTF-8, UTF-16 or UTF-32."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from proton_notifier.arguments import EVENTS

STANDARD_INPUT: Final = Path("-")
# More than the events of a year need; /dev/zero never ends.
SIZE_LIMIT: Final = 64 * 1024 * 1024
BYTE_ORDER_MARK: Final = re.compile("^\ufeff+", re.MULTILINE)


class UnreadableTextError(Exception):
    """A file cannot be read or is not text; the message says why."""


def read_text(file: Path) -> str:
    """Read *file*, a sample event by its name, or standard input, and unify line ends; raise `UnreadableTextError`."""
    try:
        if file == STANDARD_INPUT:
            content = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        else:
            sample = EVENTS / f"{file}.json"
            with (sample if sample.is_file() and not file.exists() else file).open("rb") as stream:
                content = stream.read(SIZE_LIMIT + 1)
        if len(content) > SIZE_LIMIT:
            message = f"more than {SIZE_LIMIT // 1024**2} MiB"
            raise UnreadableTextError(message)
        # A byte order mark or zero bytes show the encoding, because TOML and JSON begin with ASCII. PowerShell's >
        # writes UTF-16.
        return normalize(content.decode(json.detect_encoding(content)))
    except OSError as error:
        raise UnreadableTextError(error.strerror) from error
    except UnicodeDecodeError as error:
        message = f"not {error.encoding.upper()}: {error.reason} at byte {error.start + 1}"
        raise UnreadableTextError(message) from error


def normalize(text: str) -> str:
    """Remove carriage returns and byte order marks from *text*; concatenated files have several marks."""
    return BYTE_ORDER_MARK.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def check_read_once(files: Sequence[Path]) -> None:
    """Raise `UnreadableTextError` if more than one of *files* is standard input."""
    if files.count(STANDARD_INPUT) > 1:
        message = "standard input can be only one of the files"
        raise UnreadableTextError(message)
