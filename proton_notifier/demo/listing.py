"""What the demo says in the terminal of single messages."""

import json
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Final

from rich.console import Console
from rich.text import Text

from proton_notifier.common.terminal import TEAMS_COLOURS
from proton_notifier.demo.feed import Arrived
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.preview.command import DRAWINGS

# By the type of channel: what one message is called, and what several are.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sns": ("email", "emails"),
    "slack": ("Slack", "Slack messages"),
    "teams": ("Teams", "Teams messages"),
}
# By the name of the destination.
NAMES: Final[Mapping[str, str]] = {"email": "email", "slack": "Slack"}


def show(arrived: Arrived, console: Console) -> None:
    """List what came of one event."""
    exhibit = arrived.exhibit
    console.print(Text.assemble((exhibit.name.removesuffix(".json"), "bold"), (f"  {arrived.way}", "dim")))
    for message in exhibit.messages:
        console.print(Text(f"  {WORDS[message.channel][0]}  ") + headline(message), soft_wrap=True)
    for problem in exhibit.errors:
        console.print(Text(f"  FAILED {problem}", style="bold red"), soft_wrap=True)
    if not (exhibit.messages or exhibit.errors):
        console.print(Text("  nothing: the rule does not match it, or it was sent before", style="dim"))


def show_in_full(exhibits: Iterable[Exhibit], console: Console) -> None:
    """Draw every message of *exhibits*."""
    for exhibit in exhibits:
        console.print(f"\n{exhibit.name.removesuffix('.json')} in full:", style="bold")
        for message in exhibit.messages:
            console.print(DRAWINGS[message.channel](message.payload))


def headline(message: Message) -> Text:
    """Write the line of *message* that a person sees first, in its colour."""
    match message.payload:
        case {"Subject": str(subject)}:
            return Text(subject)
        case {"blocks": [{"text": {"text": str(header)}}, *_], "attachments": [{"color": str(colour)}]}:
            return Text(unescape(header), style=colour)
        case {"attachments": [{"content": {"body": [{"inlines": [{"text": str(title), "color": str(colour)}]}, *_]}}]}:
            return Text(title, style=TEAMS_COLOURS[colour])
        case payload:
            return Text(json.dumps(payload))


def numbered(number: int, one: str, several: str) -> str:
    """Write so many of something in words that agree."""
    return f"{number} {one if number == 1 else several}"
