"""The views of the page: each draws the messages of some channels."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from markupsafe import Markup

from proton_notifier.gallery.drawings import draw
from proton_notifier.gallery.exhibits import Exhibit, Message


@dataclass(frozen=True, slots=True)
class View:
    """A view of messages to *channels*, which are types; *name* is for addresses, *label* for people."""

    name: str
    label: str
    channels: tuple[str, ...]
    draw: Callable[[Message], Markup]

    def shown(self, exhibit: Exhibit) -> list[Markup]:
        """Draw the messages of *exhibit*, channel by channel; equal drawings of two channels are shown once."""
        drawings = dict.fromkeys(
            tuple(self.draw(message) for message in exhibit.messages if message.channel == channel)
            for channel in self.channels
        )
        return [drawing for group in drawings for drawing in group]


def views(exhibits: Iterable[Exhibit]) -> list[View]:
    """List the views that have something to show of *exhibits*."""
    channels = {message.channel for exhibit in exhibits for message in exhibit.messages}
    # A message for a program has no drawing, and comes first among the JSON.
    json_view = View("json", "JSON", (*sorted(channels - DRAWN), *sorted(channels & DRAWN)), _json)
    return [view for view in (*DRAWINGS, json_view) if channels.intersection(view.channels)]


def _json(message: Message) -> Markup:
    return draw("json", message.payload, message.channel, message.channel not in DRAWN)


def _drawing(name: str, message: Message) -> Markup:
    return draw(name, message.payload)


DRAWINGS: Final = (
    View("slack", "Slack", ("slack", "slack-bot"), partial(_drawing, "slack")),
    View("email", "Email", ("sns",), partial(_drawing, "email")),
    View("teams", "Teams", ("teams",), partial(_drawing, "teams")),
)
DRAWN: Final = frozenset(channel for view in DRAWINGS for channel in view.channels)
