"""The views of the page: messages as in Slack, an email program and Microsoft Teams, and as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.mrkdwn import html, link, linked, plain

HERE: Final = Path(__file__).parent
# The keys that drawings.html draws or deliberately leaves out, by a part's place in the message and its type.
KNOWN: Final[Mapping[str, Mapping[str | None, str]]] = {
    "action": {"Action.OpenUrl": "title type url"},
    "attachment": {None: "blocks color"},
    "block": {
        "actions": "block_id elements type",
        "context": "block_id elements type",
        "divider": "block_id type",
        "header": "block_id text type",
        "section": "block_id fields text type",
    },
    "card": {"AdaptiveCard": "$schema actions body type version"},
    "element": {"button": "action_id style text type url value"},
    "inline": {"TextRun": "color fontType isSubtle selectAction size text type weight"},
    "message": {
        None: "attachments blocks channel client_msg_id metadata reply_broadcast text thread_ts ts",
    },
    "paragraph": {"RichTextBlock": "inlines spacing type"},
    "text": {"mrkdwn": "emoji text type verbatim", "plain_text": "emoji text type verbatim"},
}


# A place, and its messages with their drawings.
Place = tuple[str, list[tuple[Message, Markup]]]


class UndrawnError(Exception):
    """A payload has a part that cannot be drawn; the message names the part."""


def draw(view: str, message: Message, *, has_drawing: bool = True) -> Markup:
    """Draw *message* in *view*, whose macro is in drawings.html; raise `UndrawnError`."""
    drawn: Markup = getattr(environment().get_template("drawings.html").module, view)(message, has_drawing)
    return drawn


@cache
def environment() -> Environment:
    """Make the environment of the gallery's templates."""
    templates = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals |= {"known": _known, "link": link, "linked": linked, "mrkdwn": html, "plain": plain}
    templates.globals["format_json"] = partial(json.dumps, indent=2, ensure_ascii=False)
    return templates


def _known(place: str, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *part*; raise `UndrawnError` if any of it would be left out silently."""
    kinds = KNOWN[place]
    if part.get("type") not in kinds:
        message = f"the gallery does not draw the {place} {part.get('type')!r}, only {', '.join(map(str, kinds))}"
        raise UndrawnError(message)
    if unknown := part.keys() - kinds[part.get("type")].split():
        message = f"the gallery does not draw {', '.join(map(repr, sorted(unknown)))} of the {place}"
        raise UndrawnError(message)
    return part


@dataclass(frozen=True, slots=True)
class View:
    """A view of the messages of channel types *channels*; *name* is its macro and part of the URL, *label* its tab."""

    name: str
    label: str
    channels: tuple[str, ...]

    def shown(self, exhibit: Exhibit) -> list[Place]:
        """Draw the messages of *exhibit* by place; of places with equal drawings, only the first."""
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
    """List the views that have messages of *exhibits*."""
    channels = {message.channel for exhibit in exhibits for message in exhibit.messages}
    # Messages for programs, which have no drawing, come first among the JSON.
    json_view = View("json", "JSON", (*sorted(channels - DRAWN), *sorted(channels & DRAWN)))
    return [view for view in (*DRAWINGS, json_view) if channels.intersection(view.channels)]
