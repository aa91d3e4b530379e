"""Slack's mrkdwn: text that is safe in it, and the blocks around it."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

# docs.slack.dev, reference of the text object.
TEXT_LIMIT: Final = 3_000
CODE_LIMIT: Final = 500

ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for these. Between two letters or digits, all but a backtick are text.
FORMATTING: Final = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
LOOK_ALIKES: Final = str.maketrans("*_~`", "∗ˍ∼ˋ")  # noqa: RUF001 - that is the point

Block = dict[str, Any]


def escaped(text: str, limit: int) -> str:
    """Escape *text* in at most *limit* characters, without cutting an entity in two."""
    whole = text.translate(ESCAPES)
    if size(whole) <= limit:
        return whole
    pieces = [character.translate(ESCAPES) for character in text]
    sizes = [*accumulate(map(size, pieces))]
    return "".join(pieces[: bisect_right(sizes, limit - 1)]) + "…"


def inert(text: str, limit: int) -> str:
    """Escape *text*, and replace what would make a part of it bold, code or the like."""
    return escaped(FORMATTING.sub(lambda found: found[0].translate(LOOK_ALIKES), text), limit)


def size(text: str) -> int:
    """Count UTF-16 units, the strictest reading of Slack's "characters"."""
    return len(text.encode("utf-16-le")) // 2


def packed(lines: list[str]) -> Iterator[Block]:
    """Join *lines* into as few sections as a section's limit allows."""
    text = ""
    for line in lines:
        if text and size(f"{text}\n{line}") > TEXT_LIMIT:
            yield section(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield section(text)


def code(*texts: str) -> str:
    """Write *texts* as code, with an arrow between them."""
    # A backtick would end the code.
    inert = (escaped(text.replace("`", "'"), CODE_LIMIT) for text in texts)
    return " → ".join(f"`{text}`" for text in inert)


def date(time: datetime) -> str:
    """Write *time* so that Slack shows it in each reader's time zone."""
    seconds = int(time.timestamp())
    return f"<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{time:%Y-%m-%d %H:%M:%S} UTC>"


def section(text: str) -> Block:
    """Make a section of *text*."""
    return {"type": "section", "text": mrkdwn(text)}


def mrkdwn(text: str) -> Block:
    """Make a text object."""
    # Verbatim: a URL or a channel's name in a foreign text does not become a link.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
