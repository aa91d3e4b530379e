"""The demo of sample events: the story of a day, or each event alone."""

import sys
from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Final

from rich.text import Text

from notifier.channels.digest import ICONS
from notifier.model.status_change import Severity
from notifier.routes.loader import read_document
from proton_notifier.common.event_files import FileEvent, read_events
from proton_notifier.demo.live_view import NAMES, screen_console, show_line
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.preview.command import payload
from proton_notifier.replay.acts import Act
from proton_notifier.replay.command import report_failures, show_text
from proton_notifier.replay.exhibits import story_exhibits
from proton_notifier.replay.history import Arrival, read_history, stamped
from proton_notifier.replay.stack import play
from proton_notifier.replay.story import EventReceived, Story
from proton_notifier.routes.output import DEFAULTS

LEAD: Final = (
    "The stories of a day, and each event beside its messages, most urgent first. The events of one file become one "
    "message."
)
ROUTES: Final = Path(__file__).with_name("routes.toml").read_text("ascii")
# The channel types of the page.
CHANNELS: Final = ("slack", "sns", "teams")
# Long enough that no two events share a message.
INTERVAL: Final = timedelta(seconds=30)


def run_samples(files: Sequence[Path], day: Sequence[Path], arguments: Namespace) -> int:
    """Play the story of *day*, or if it is empty, each event of *files* as the first of its resource.

    Write the page of all events and of the day; return 1 if anything failed.
    """
    batches = sorted(arguments.events.glob("deliveries/*.json"))
    names = dict(read_document(ROUTES, DEFAULTS, None).accounts)
    read = {file.relative_to(arguments.events).as_posix(): read_events(file, names) for file in (*files, *batches)}
    exhibits = tuple(_exhibit(name, entries) for name, entries in read.items())
    errors = [f"{exhibit.name}: {error}" for exhibit in exhibits for error in exhibit.errors]
    for error in errors:
        print(error, file=sys.stderr)
    arrivals = (
        [replace(arrival, place=Path(arrival.place).stem) for arrival in read_history(day)]
        if day
        else [*_arrivals({file.name: read[file.name] for file in files})]
    )
    if not arrivals:
        return 1
    story = play(arrivals, ROUTES, forget=not day)
    (_show_day if day else show_text)(story)
    index = arguments.out / "index.html"
    index.write_text(page((*(story_exhibits(story) if day else ()), *exhibits), LEAD), encoding="utf-8")
    print(f"{'The same, and each' if day else 'Each'} of {len(read)} files beside its messages: {index}")
    return 1 if report_failures(story) or errors else 0


def _exhibit(name: str, entries: Sequence[FileEvent]) -> Exhibit:
    """Render the messages about all *entries* of the file *name*."""
    # A batch may contain an event several times, for several destinations.
    notifications = tuple(
        {each.notification.event_id: each.notification for each in entries if each.notification}.values()
    )
    return Exhibit(
        name,
        entries[0].event if len(entries) == 1 else [entry.event for entry in entries],
        notifications,
        tuple(Message(channel, payload(channel, *notifications)) for channel in CHANNELS if notifications),
        tuple(entry.error for entry in entries if entry.error),
    )


def _arrivals(files: Mapping[str, Sequence[FileEvent]]) -> Iterator[Arrival]:
    """Let the events arrive one after the other from now on, with new ids and times."""
    at = datetime.now(UTC)
    for name, entry in ((name, entry) for name, entries in files.items() for entry in entries):
        if isinstance(entry.event, dict) and entry.notification:
            yield Arrival(at, name, stamped(entry.event, at))
            at += INTERVAL


def _show_day(story: Story) -> None:
    """Print the events of *story* with the messages about each, and the longest thread in Slack."""
    console = screen_console()
    # An edit may come several times, and after the messages at other destinations.
    said = defaultdict[str, dict[str, None]](dict)
    for act in sorted(story.acts, key=attrgetter("destination")):
        for event_id in act.event_ids:
            said[event_id][_said(act)] = None
    for entry in story.entries:
        if isinstance(entry, EventReceived) and entry.response:
            icon = ICONS[Severity(entry.response["severity"])]
            show_line(console, Text.assemble((f"{entry.at:%H:%M}  ", "dim"), f"{icon} {entry.response['title']}"))
            show_line(console, Text(f"       → {', '.join(said[entry.response['id']])}", "dim"))
    for line in _thread(story):
        show_line(console, line)
    console.print(f"\n{', '.join(f'{name}: {number}' for name, number in story.counts.items())}")


def _said(act: Act) -> str:
    name = NAMES[act.channel]
    if act.channel != "slack-bot":
        return name
    return f"{name} {act.name}{' with broadcast' if act.payload.get('reply_broadcast') else ''}"


def _thread(story: Story) -> Iterator[Text]:
    """Draw the final first message of the longest thread, and the replies."""
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
