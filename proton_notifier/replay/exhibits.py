"""The stories of a replay as exhibits of the page: the events, and the messages at each place and moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from proton_notifier.common.event_files import compose_notification
from proton_notifier.gallery.exhibits import Exhibit, Message, Moment
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import EventReceived, Story, TimelineEntry


def story_exhibits(story: Story) -> tuple[Exhibit, ...]:
    """Make an exhibit of each incident, with the incidents in its thread or its messages, and of each other event."""
    leaders: dict[str, str] = {}
    threads = [(entry, story.threads(entry)) for entry in story.entries]
    for _, names in threads:
        first, *others = sorted({leaders.get(name, name) for name in names}) or [""]
        leaders |= dict.fromkeys(names, first)
        if others:
            leaders |= {name: first for name, leader in leaders.items() if leader in others}
    stories: dict[str, list[TimelineEntry]] = {}
    for entry, names in threads:
        if names:
            stories.setdefault(leaders[names[0]], []).append(entry)
    return tuple(_exhibit(story, entries) for entries in stories.values())


def _exhibit(story: Story, entries: Sequence[TimelineEntry]) -> Exhibit:
    received = [entry for entry in entries if isinstance(entry, EventReceived)]
    acts = [entry for entry in entries if isinstance(entry, Act)]
    by_name = story.events
    events = [by_name[entry.name] for entry in received if entry.name in by_name]
    # A sent notification has the account names of the routes document.
    sent = {each.event_id: each for act in acts for each in act.notifications}
    notifications = tuple(sent.get(each.event_id, each) for each in map(compose_notification, events))
    moments = [(at, [*some]) for at, some in groupby(entries, key=lambda entry: entry.at.replace(microsecond=0))]
    first, *others = dict.fromkeys(entry.name for entry in received)
    return Exhibit(
        name=f"{first} and {len(others)} more" if others else first,
        event=events,
        notifications=notifications,
        messages=_messages([some for _, some in moments]),
        moments=tuple(Moment(at, _lines(story, some)) for at, some in moments),
        latest=acts[-1].notifications if acts else notifications[-1:],
    )


def _lines(story: Story, entries: Iterable[TimelineEntry]) -> tuple[tuple[str, str], ...]:
    """Describe *entries*; equal descriptions are one line with all places."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for place, text in map(story.describe, entries):
        places[text].append(place)
    return tuple((text, ", ".join(names)) for text, names in places.items())


def _messages(moments: Iterable[Iterable[TimelineEntry]]) -> tuple[Message, ...]:
    """List the messages of all moments: replies below their root, an edited message in place of the earlier one."""
    threads: dict[tuple[str, str], list[Message]] = {}
    acts = ((number, entry) for number, some in enumerate(moments) for entry in some if isinstance(entry, Act))
    for number, act in acts:
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
