"""Messages as a terminal can show them."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final

from rich.panel import Panel
from rich.text import Text

DATE: Final = re.compile(r"<!date\^[^|]*\|([^>]*)>")
LINK: Final = re.compile(r"<([^|>]*)\|([^>]*)>")
BOLD: Final = re.compile(r"\*([^*\n]+)\*")
# How Teams' light theme shows the colours' names.
TEAMS_COLOURS: Final = {
    "accent": "#6264a7",
    "attention": "#c4314b",
    "default": "#252423",
    "good": "#237b4b",
    "warning": "#c4570d",
}


def slack_drawing(payload: Mapping[str, Any]) -> Panel:
    """Draw a Slack message, the colour bar as the colour of its frame."""
    attachment = payload["attachments"][0]
    header = payload["blocks"][0]["text"]["text"]
    lines = [line for block in attachment["blocks"] for line in (*_lines(block), "")]
    drawn = Text(_readable(header), style="bold") + Text("\n\n") + Text("\n".join(lines).rstrip())
    return Panel(drawn, title="Slack", title_align="left", border_style=attachment["color"])


def email_drawing(message: Mapping[str, str]) -> Panel:
    """Draw an email."""
    drawn = Text(message["Subject"], style="bold") + Text("\n\n" + message["Message"].rstrip())
    return Panel(drawn, title="Email", title_align="left", border_style="dim")


def teams_drawing(payload: Mapping[str, Any]) -> Panel:
    """Draw a Teams card, its title's colour as the colour of its frame."""
    card = payload["attachments"][0]["content"]
    title, *lines = ("".join(run["text"] for run in block["inlines"]) for block in card["body"])
    lines += [f"{action['title']}: {action['url']}" for action in card["actions"]]
    drawn = Text(title, style="bold") + Text("\n\n" + "\n".join(lines))
    colour = TEAMS_COLOURS[card["body"][0]["inlines"][0]["color"]]
    return Panel(drawn, title="Teams", title_align="left", border_style=colour)


def json_drawing(channel: str, payload: Mapping[str, Any]) -> Panel:
    """Draw what goes to a program as the JSON that it gets."""
    drawn = Text(json.dumps(payload, indent=2, ensure_ascii=False))
    return Panel(drawn, title=channel, title_align="left", border_style="dim")


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    texts = block.get("fields") or block.get("elements") or [block["text"]]
    for text in texts:
        label, line_break, value = text["text"].partition("\n")
        yield _readable(f"{label}: {value}" if line_break else label)


def _readable(text: str) -> str:
    text = LINK.sub(r"\2: \1", DATE.sub(r"\1", text))
    return unescape(BOLD.sub(r"\1", text).replace("`", ""))
