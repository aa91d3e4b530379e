"""Text from outside, made fit to stand in a message."""

import re
from typing import Final

# Longer than any legal name, short enough that one odd value does not bury the others.
VALUE_LIMIT: Final = 300
# A name cut to less than this is of no use.
NAME_MINIMUM: Final = 12

# White space, control characters, and what is invisible or reorders the text around it.
BLANK: Final = re.compile(
    "[\\s\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\U000e0000-\U000e0fff]+"
)


def tidy(text: str | None, limit: int = VALUE_LIMIT) -> str:
    """Make *text* one visible line of at most *limit* characters; empty if there is nothing to see."""
    return cut(BLANK.sub(" ", text or "").strip(), limit)


def cut(text: str, limit: int, mark: str = "…") -> str:
    """Shorten *text* to *limit* characters, the *mark* that tells so included."""
    return text if len(text) <= limit else text[: max(limit - len(mark), 0)].rstrip() + mark


def title_within(limit: int, kind: str, name: str, headline: str, mark: str = "…") -> str:
    """Join the parts of a title in at most *limit* characters, cutting the middle of *name* first."""
    room = max(limit - len(f"{kind}  {headline}"), NAME_MINIMUM)
    if len(name) > room:
        head = (room - len(mark) + 1) // 2
        tail = room - len(mark) - head
        name = f"{name[:head]}{mark}{name[-tail:]}"
    return cut(" ".join(filter(None, (kind, name, headline))), limit, mark)
