"""The lines of the demo about single messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from proton_notifier.common.terminal import draw, headline
from proton_notifier.gallery.exhibits import Exhibit


@dataclass(frozen=True, slots=True)
class Label:
    """The *name* of a destination, the *plural* of its messages, and the *suffix* of their files."""

    name: str
    plural: str
    suffix: str


# By the destination's name in the routes.
LABELS: Final[Mapping[str, Label]] = {
    "email": Label("email", "emails", "email.txt"),
    "slack": Label("Slack", "Slack messages", "slack.json"),
    "teams": Label("Teams", "Teams messages", "teams.json"),
}


def show(exhibit: Exhibit, path: str, console: Console) -> None:
    """List the messages and errors of one event; *path* says how the event entered the stack."""
    console.print(Text.assemble((exhibit.name.removesuffix(".json"), "bold"), (f"  {path}", "dim")))
    for message in exhibit.messages:
        console.print(
            Text(f"  {LABELS[message.destination].name}  ") + headline(message.channel, message.payload), soft_wrap=True
        )
    for error in exhibit.errors:
        console.print(Text(f"  FAILED {error}", style="bold red"), soft_wrap=True)
    if not (exhibit.messages or exhibit.errors):
        console.print(Text("  nothing: the rule does not match it, or it was sent before", style="dim"))


def show_in_full(exhibit: Exhibit, console: Console) -> None:
    """Draw every message of *exhibit*."""
    console.print(f"\n{exhibit.name.removesuffix('.json')} in full:", style="bold")
    for message in exhibit.messages:
        console.print(draw(message.channel, message.payload))


def numbered(number: int, singular: str, plural: str) -> str:
    """Write *number* with the noun that agrees with it."""
    return f"{number} {singular if number == 1 else plural}"
