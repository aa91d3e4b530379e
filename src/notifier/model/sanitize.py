"""Sanitize text from outside for a message."""

import re
from typing import Final

# Longer than any legal name, and short enough that one odd value does not bury the rest.
VALUE_LIMIT: Final = 300
# A name that is cut to less is useless.
NAME_MINIMUM: Final = 12

# White space, control characters, invisible characters, characters that reorder the text around them, and
# non-characters: SQS rejects U+FFFE and U+FFFF, UTF-8 has no half of a surrogate pair, and JSON can contain them all.
BLANK: Final = re.compile(
    "[\\s\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]+"
)
# They join or vary the character before them, and are invisible without one.
JOINERS: Final = (
    "\u200c\u200d\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
)


def tidy(text: str | None, limit: int = VALUE_LIMIT) -> str:
    """Make *text* one visible line of at most *limit* characters; empty if there is nothing to see."""
    line = text or ""
    # Most values are plain already, and the pattern is slow.
    is_plain = line.isascii() and line.isprintable() and "  " not in line
    return cut((line if is_plain else BLANK.sub(" ", line)).rstrip().lstrip(" " + JOINERS), limit)


def cut(text: str, limit: int, mark: str = "…") -> str:
    """Shorten *text* to *limit* characters, including the *mark* of the cut."""
    return text if len(text) <= limit else text[: max(limit - len(mark), 0)].rstrip() + mark


def title_within(limit: int, beginning: str, name: str, end: str, mark: str = "…") -> str:
    """Join the parts of a title in at most *limit* characters, cutting the middle of *name* first."""
    room = max(limit - len(f"{beginning}  {end}"), NAME_MINIMUM)
    if len(name) > room:
        head = (room - len(mark) + 1) // 2
        tail = room - len(mark) - head
        name = f"{name[:head]}{mark}{name[-tail:]}"
    return cut(" ".join(filter(None, (beginning, name, end))), limit, mark)
