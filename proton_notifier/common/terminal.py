"""Messages as a terminal can show them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any, Final

from rich.panel import Panel
from rich.text import Text

DATE: Final = re.compile(r"<!date\^[^|]*\|([^>]*)>")
LINK: Final = re.compile(r"<([^|>]*)\|([^>]*)>")
BOLD: Final = re.compile(r"\*([^*\n]+)\*")
# The colours of Teams' light theme.
TEAMS_COLOURS: Final = {
    "accent": "#6264a7",
    "attention": "#c4314b",
    "default": "#252423",
    "good": "#237b4b",
    "warning": "#c4570d",
}


def draw(channel: str, payload: Mapping[str, Any]) -> Panel:
    """Draw a message of *channel* in a frame of its colour; draw one for programs as JSON."""
    name, read = READERS.get(channel, (channel, None))
    if read is None:
        return Panel(
            json.dumps(payload, indent=2, ensure_ascii=False), title=name, title_align="left", border_style="dim"
        )
    heading, text, colour = read(payload)
    drawn = Text(heading, style="bold") + Text(f"\n\n{text.rstrip()}")
    return Panel(drawn, title=name, title_align="left", border_style=colour or "dim")


def _slack(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    attachment = payload["attachments"][0]
    header, *blocks = payload["blocks"]
    lines = [line for block in (*blocks, *attachment["blocks"]) for line in (*_lines(block), "")]
    return _readable(header["text"]["text"]), "\n".join(lines), attachment["color"]


def _email(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    return payload["Subject"], payload["Message"], ""


def _teams(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    card = payload["attachments"][0]["content"]
    heading, *lines = ("".join(run["text"] for run in block["inlines"]) for block in card["body"])
    lines += [f"{action['title']}: {action['url']}" for action in card["actions"]]
    return heading, "\n".join(lines), TEAMS_COLOURS[card["body"][0]["inlines"][0]["color"]]


# By type of channel: its name, and the function that reads heading, text and colour of a message.
READERS: Final[Mapping[str, tuple[str, Callable[[Mapping[str, Any]], tuple[str, str, str]]]]] = {
    "slack": ("Slack", _slack),
    "sns": ("Email", _email),
    "teams": ("Teams", _teams),
}


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    for text in block.get("fields", []):
        yield _readable(text["text"].replace("\n", ": ", 1))
    for text in block.get("elements") or filter(None, [block.get("text")]):
        yield _readable(text["text"])


def _readable(text: str) -> str:
    text = LINK.sub(r"\2: \1", DATE.sub(r"\1", text))
    return unescape(BOLD.sub(r"\1", text).replace("`", ""))
