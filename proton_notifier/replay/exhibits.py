"""The stories of a replay as exhibits of the page: what came, and what each place showed at each moment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from proton_notifier.common.event_files import compose_notification
from proton_notifier.gallery.exhibits import Exhibit, Message, Moment
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import Entry, Story
from proton_notifier.replay.timeline import EventReceived

Timed = tuple[datetime, Entry]


def story_exhibits(story: Story) -> tuple[Exhibit, ...]:
    """Show each incident, with those that were told in its thread or in one message with it, and each other event."""
    leaders: dict[str, str] = {}
    threads = [(timed, story.threads(timed[1])) for timed in story.entries]
    for _, names in threads:
        first, *others = sorted({leaders.get(name, name) for name in names}) or [""]
        leaders |= dict.fromkeys(names, first)
        if others:
            leaders |= {name: first for name, leader in leaders.items() if leader in others}
    stories: dict[str, list[Timed]] = {}
    for timed, names in threads:
        if names:
            stories.setdefault(leaders[names[0]], []).append(timed)
    return tuple(_exhibit(story, entries) for entries in stories.values())


def _exhibit(story: Story, entries: list[Timed]) -> Exhibit:
    received = [entry for _, entry in entries if isinstance(entry, EventReceived)]
    acts = [entry for _, entry in entries if isinstance(entry, Act)]
    events = [story.events[entry.name] for entry in received if entry.name in story.events]
    # What was said of an event has the names of the routes document.
    sent = {each.event_id: each for act in acts for each in act.notifications}
    notifications = tuple(sent.get(each.event_id, each) for each in map(compose_notification, events))
    moments = [
        (at, [entry for _, entry in timed])
        for at, timed in groupby(entries, key=lambda timed: timed[0].replace(microsecond=0))
    ]
    first, *others = dict.fromkeys(entry.name for entry in received)
    return Exhibit(
        name=f"{first} and {len(others)} more" if others else first,
        event=events,
        notifications=notifications,
        messages=_messages((number, entry) for number, (_, entries) in enumerate(moments) for entry in entries),
        moments=tuple(Moment(at, _lines(story, entries)) for at, entries in moments),
        latest=acts[-1].notifications if acts else notifications[-1:],
    )


def _lines(story: Story, entries: Iterable[Entry]) -> tuple[tuple[str, str], ...]:
    """Write what happened, each with the places at which it happened."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for described in filter(None, map(story.describe, entries)):
        places["; ".join(filter(None, described[1:]))].append(described.place)
    return tuple((text, ", ".join(names)) for text, names in places.items())


def _messages(entries: Iterable[tuple[int, Entry]]) -> tuple[Message, ...]:
    """Show the acts as they stand at each moment: replies below their root, and an edit in place of what it changes."""
    threads: dict[tuple[str, str], list[Message]] = {}
    for number, act in entries:
        if not isinstance(act, Act):
            continue
        root = act.payload.get("thread_ts") or act.payload.get("ts") or act.ts or str(len(threads))
        thread = threads.setdefault((act.destination, root), [])
        message = Message(act.channel, act.payload, act.destination, act.at, number, is_reply=act.name == "reply")
        if act.name == "edit" and thread:
            place = sum(not each.is_reply for each in thread)
            message = replace(thread[place - 1], payload=act.payload, since=number, is_edited=True)
            thread[place - 1] = replace(thread[place - 1], until=number)
            thread.insert(place, message)
        else:
            thread.append(message)
    return tuple(message for thread in threads.values() for message in thread)
