"""The views of the page: each draws the messages of some channels."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from proton_notifier.gallery.drawings import draw
from proton_notifier.gallery.exhibits import Exhibit


@dataclass(frozen=True, slots=True)
class View:
    """A view of messages to *channels*, which are types; *name* is its macro and address, *label* is for people."""

    name: str
    label: str
    channels: tuple[str, ...]

    def shown(self, exhibit: Exhibit) -> list[Markup]:
        """Draw the messages of *exhibit*, channel by channel; equal drawings of two channels are shown once."""
        drawings = dict.fromkeys(
            tuple(
                draw(self.name, message.payload, channel, has_drawing=channel in DRAWN)
                for message in exhibit.messages
                if message.channel == channel
            )
            for channel in self.channels
        )
        return [drawing for group in drawings for drawing in group]


DRAWINGS: Final = (
    View("slack", "Slack", ("slack", "slack-bot")),
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
