"""The outputs of a replay: JSON for programs, text, and a page of timelines."""

import json

from rich.console import Console
from rich.text import Text

from proton_notifier.gallery.page import page
from proton_notifier.replay.exhibits import story_exhibits
from proton_notifier.replay.story import Story


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
            "events": act.event_ids,
            "mention": act.mention,
            "message": act.payload,
        }
        print(json.dumps(shown))
    print(json.dumps({"summary": story.counts}))


def show_text(story: Story) -> None:
    """Print a line for each entry, and the counts."""
    console = Console(highlight=False)
    for entry in story.entries:
        place, text = story.describe(entry)
        line = Text.assemble((f"{entry.at:%Y-%m-%d %H:%M:%S}  ", "dim"), (f"{place}  ", "bold"), text)
        console.print(line, soft_wrap=True)
    console.print(_summary(story))


def show_html(story: Story) -> None:
    """Print the page."""
    print(page(story_exhibits(story), _summary(story)), end="")


def _summary(story: Story) -> str:
    return ", ".join(f"{name}: {number}" for name, number in story.counts.items())
