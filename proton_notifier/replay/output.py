"""The outputs of a replay: JSON for programs, text, and a page, which is a timeline."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from markupsafe import Markup
from rich.console import Console
from rich.text import Text

from proton_notifier.gallery.drawings import draw
from proton_notifier.gallery.page import render
from proton_notifier.gallery.views import DRAWINGS
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import Entry, Story
from proton_notifier.replay.timeline import EventReceived

# By channel type: the view that draws its messages.
VIEWS: Final = {channel: view.name for view in DRAWINGS for channel in view.channels}


def show_json(story: Story) -> None:
    """Print one object a line for each act, then the summary."""
    for act in story.acts:
        shown = {
            "at": f"{act.at:%Y-%m-%dT%H:%M:%SZ}",
            "destination": act.destination,
            "channel": act.channel,
            "act": act.name,
            "severity": act.severity,
            "title": act.title,
            "incident": act.incident,
            "events": [notification.event_id for notification in act.notifications],
            "mention": act.mention,
            "message": act.payload,
        }
        print(json.dumps(shown))
    print(json.dumps({"summary": story.counts}))


def show_text(story: Story) -> None:
    """Print a line for each entry, and the counts."""
    console = Console(highlight=False)
    for at, entry in story.entries:
        if described := story.describe(entry):
            place, *text = filter(None, described)
            line = Text.assemble((f"{at:%Y-%m-%d %H:%M:%S}  ", "dim"), (f"{place}  ", "bold"), "; ".join(text))
            console.print(line, soft_wrap=True)
    console.print(_summary(story))


def show_html(story: Story) -> None:
    """Print the page."""
    times = [
        (f"{at:%Y-%m-%d %H:%M:%S} UTC", [moment for _, entry in timed for moment in _moments(entry, story)])
        for at, timed in groupby(story.entries, key=lambda timed: timed[0].replace(microsecond=0))
    ]
    print(render("timeline.html", lead=_summary(story), times=times), end="")


def _summary(story: Story) -> str:
    return ", ".join(f"{name}: {number}" for name, number in story.counts.items())


def _moments(entry: Entry, story: Story) -> Iterator[dict[str, object]]:
    """Write *entry* for the page, with the event that came in, or the drawings of what the place shows now."""
    if described := story.describe(entry):
        event = story.events.get(described.place) if isinstance(entry, EventReceived) else None
        drawings = [*_drawings(entry)] if isinstance(entry, Act) else []
        yield {**described._asdict(), "event": event, "drawings": drawings}


def _drawings(act: Act) -> Iterator[Markup]:
    if act.channel in VIEWS:
        yield draw(VIEWS[act.channel], act.payload)
    yield draw("json", act.payload, act.channel, has_drawing=act.channel in VIEWS)
