"""The demo of sample events: the story of a day, or each event by itself."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from notifier.routes.loader import read_document
from proton_notifier.common.event_files import FileEvent, read_events
from proton_notifier.demo.day import show_day
from proton_notifier.demo.schedule import stamped
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.preview.command import payload
from proton_notifier.replay.command import report_failures
from proton_notifier.replay.exhibits import story_exhibits
from proton_notifier.replay.history import Arrival, read_history
from proton_notifier.replay.output import show_text
from proton_notifier.replay.stack import play
from proton_notifier.routes.output import DEFAULTS

LEAD: Final = (
    "The stories of a day, and each event beside its messages, most urgent first. The events of one file become one "
    "message."
)
ROUTES: Final = """
[accounts]
123456789012 = "production"
210987654321 = "staging"

[destinations.deployments]
type = "slack-bot"
token = "proton-notifier/bot"
channel = "C0DEPLOYS"

[destinations.teams]
type = "teams"
webhook = "proton-notifier/teams"

[[routes]]
to = ["deployments"]

[[routes]]
match = { severity = ["failure", "action", "recovered"] }
to = ["email", "teams"]
"""
# The channel types of the page.
CHANNELS: Final = ("slack", "sns", "teams")
# So long that no two events share a message.
INTERVAL: Final = timedelta(seconds=30)


def run_samples(files: Sequence[Path], day: Sequence[Path], arguments: Namespace) -> int:
    """Tell the story of *day*, or without one let each event of *files* arrive as the first of its resource.

    Write the page of all events, and of the day; return 1 if anything failed.
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
    (show_day if day else show_text)(story)
    index = arguments.out / "index.html"
    index.write_text(page((*(story_exhibits(story) if day else ()), *exhibits), LEAD), encoding="utf-8")
    print(f"{'The same, and each' if day else 'Each'} of {len(read)} files beside its messages: {index}")
    return 1 if report_failures(story) or errors else 0


def _exhibit(name: str, entries: Sequence[FileEvent]) -> Exhibit:
    """Render the messages about all *entries* of the file *name*."""
    # A batch may have an event several times, for several destinations.
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
    """Let the events arrive one after the other from now on, with new ids and times, as the event bus gives them."""
    at = datetime.now(UTC)
    for name, entry in ((name, entry) for name, entries in files.items() for entry in entries):
        if isinstance(entry.event, dict) and entry.notification:
            yield Arrival(at, name, stamped(entry.event, at))
            at += INTERVAL
