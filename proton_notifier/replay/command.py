"""`notifier replay`: play a history through the whole stack in simulated time."""

import json
import sys
from argparse import Namespace
from typing import Final

from rich.console import Console
from rich.text import Text

from notifier.routes.errors import DocumentError
from proton_notifier.common.text_files import UnreadableTextError, check_read_once, read_text
from proton_notifier.gallery.page import page
from proton_notifier.replay.exhibits import story_exhibits
from proton_notifier.replay.history import read_history
from proton_notifier.replay.stack import play
from proton_notifier.replay.story import EventReceived, NotDelivered, Story
from proton_notifier.routes.destination_checks import read_checked
from proton_notifier.routes.output import print_problems

# As for a usage error: nothing was played.
WRONG_INPUT: Final = 2


def run(arguments: Namespace) -> int:
    """Play the history; return 1 if an event or a delivery failed permanently, 2 if a file is invalid."""
    try:
        check_read_once([*arguments.files, arguments.routes])
        arrivals = read_history(arguments.files)
    except UnreadableTextError as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    try:
        text = read_text(arguments.routes) if arguments.routes else ""
        read_checked(text, None)
    except UnreadableTextError as error:
        print(f"{arguments.routes}: {error}", file=sys.stderr)
        return WRONG_INPUT
    except DocumentError as error:
        print_problems(str(arguments.routes), error.text, error.problems)
        return WRONG_INPUT
    story = play(arrivals, text, arguments.duration.total_seconds())
    {"html": _show_html, "json": _show_json, "text": show_text}[arguments.output](story)
    return report_failures(story)


def report_failures(story: Story) -> int:
    """Print the undelivered events with the reasons; return 1 if an event or a delivery failed permanently."""
    status = 0
    for entry in story.entries:
        match entry:
            case EventReceived(response=None, error=error):
                status = 1 if error else status
            case NotDelivered(seconds=()):
                status = 1
            case _:
                continue
        print(*story.describe(entry), sep=": ", file=sys.stderr)
    for rejection in story.rejections:
        status = 1
        print(f"teams does not show it: {rejection}", file=sys.stderr)
    return status


def _show_json(story: Story) -> None:
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


def _show_html(story: Story) -> None:
    """Print the page."""
    print(page(story_exhibits(story), _summary(story)), end="")


def _summary(story: Story) -> str:
    return ", ".join(f"{name}: {number}" for name, number in story.counts.items())
