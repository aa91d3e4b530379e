"""The views of the page: each draws the messages of some channels."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from proton_notifier.gallery.drawings import draw
from proton_notifier.gallery.exhibits import Exhibit, Message

# A place, and its messages with their drawings.
Place = tuple[str, list[tuple[Message, Markup]]]


@dataclass(frozen=True, slots=True)
class View:
    """A view of messages to *channels*, which are types; *name* is its macro and address, *label* is for people."""

    name: str
    label: str
    channels: tuple[str, ...]

    def shown(self, exhibit: Exhibit) -> list[Place]:
        """Draw the messages of *exhibit*, place by place; of two places with equal drawings only the first."""
        places: dict[tuple[int, str], list[tuple[Message, Markup]]] = {}
        for message in exhibit.messages:
            if message.channel in self.channels:
                key = (self.channels.index(message.channel), message.destination)
                drawing = draw(self.name, message, has_drawing=message.channel in DRAWN)
                places.setdefault(key, []).append((message, drawing))
        different = {tuple(drawing for _, drawing in places[key]): key for key in sorted(places, reverse=True)}
        return [
            (place or self.channels[channel], places[channel, place]) for channel, place in sorted(different.values())
        ]


DRAWINGS: Final = (
    View("slack", "Slack", ("slack-bot", "slack")),
    View("email", "Email", ("sns",)),
    View("teams", "Teams", ("teams",)),
)
DRAWN: Final = frozenset(channel for view in DRAWINGS for channel in view.channels)


def views(exhibits: Iterable[Exhibit]) -> list[View]:
    """List the views that have something to show of *exhibits*."""
    channels = {message.channel for exhibit in exhibits for message in exhibit.messages}
    # A message for a program has no drawing, and comes first among the JSON.
    json_view = View("json", "JSON", (*sorted(channels - DRAWN), *sorted(channels & DRAWN)))
    return [view for view in (*DRAWINGS, json_view) if channels.intersection(view.channels)]
