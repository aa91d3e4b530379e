"""The story of a day on one screen: each event with what was said about it, and the longest thread in Slack."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from rich.console import Console
from rich.text import Text

from notifier.channels.icons import ICONS
from notifier.model.status_change import Severity
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import EventReceived, Story

USUAL_WIDTH: Final = 80
# By channel type.
NAMES: Final = {"slack": "Slack", "slack-bot": "Slack", "sns": "email", "teams": "Teams"}


def show_day(story: Story) -> None:
    """Print the events of *story* with what was said about each, and its longest thread in Slack."""
    console = screen_console()
    # An edit may come again, and after the messages at other destinations.
    said = defaultdict[str, dict[str, None]](dict)
    for act in sorted(story.acts, key=attrgetter("destination")):
        for event_id in act.event_ids:
            said[event_id][_said(act)] = None
    for entry in story.entries:
        if isinstance(entry, EventReceived) and entry.summary:
            icon = ICONS[Severity(entry.summary["severity"])]
            show_line(console, Text.assemble((f"{entry.at:%H:%M}  ", "dim"), f"{icon} {entry.summary['title']}"))
            show_line(console, Text(f"       → {', '.join(said[entry.summary['id']])}", "dim"))
    for line in _thread(story):
        show_line(console, line)
    console.print(f"\n{', '.join(f'{name}: {number}' for name, number in story.counts.items())}")


def screen_console() -> Console:
    """Make the console of the screen, with an explicit file: sys.stdout is a function's log while the function runs."""
    return Console(file=sys.stdout, highlight=False)


def show_line(console: Console, line: Text) -> None:
    """Print *line*; a terminal cuts it where it is full, but a narrow one wraps it, as little would be left."""
    if console.is_terminal and console.width >= USUAL_WIDTH:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=not console.is_terminal)


def _said(act: Act) -> str:
    name = NAMES[act.channel]
    if act.channel != "slack-bot":
        return name
    return f"{name} {act.name}{' with broadcast' if act.payload.get('reply_broadcast') else ''}"


def _thread(story: Story) -> Iterator[Text]:
    """Draw the first message of the thread as it stands at the end, and the replies."""
    replies = [act for act in story.acts if act.name == "reply"]
    ((thread, number),) = Counter(act.payload["thread_ts"] for act in replies).most_common(1)
    *_, root = (act for act in story.acts if act.name == "edit" and act.payload["ts"] == thread)
    yield Text(f"\nIn Slack, the thread of {number} replies; its first message shows the newest state:", "bold")
    yield Text(f"  {ICONS[root.severity]} {root.title}")
    for act in replies:
        if act.payload["thread_ts"] == thread:
            number -= 1
            branch = "├" if number else "└"
            yield Text.assemble((f"   {branch} {act.at:%H:%M}  ", "dim"), f"{ICONS[act.severity]} {act.title}")
