"""Families: resources that fail together, of one cause, and are told in one thread.

A part mostly fails before the whole. So nothing waits for the whole: the first of a family to fail begins the thread.
"""

from dataclasses import replace
from typing import Final

from notifier.memory.history import Entry, Family, Item, Kind

# Those that fail within this time of the first one join its thread.
JOIN_SECONDS: Final = 15 * 60
MEMBERS_LIMIT: Final = 50


def thread_at(item: Item, at: float) -> str:
    """Return the thread of the family of *item* for a failure at the time *at*; empty if it begins one."""
    family = item.family
    return family.thread if family and abs(at - family.since) <= JOIN_SECONDS else ""


def joined(item: Item, thread: str, at: float, member: str = "") -> Item:
    """Let *item* know of the *thread* of its family, and of a *member* that is well again with it."""
    known = item.family.members if item.family else ()
    members = tuple(dict.fromkeys((*known, *([member] if member else []))))[-MEMBERS_LIMIT:]
    since = item.family.since if item.family and thread_at(item, at) == thread else at
    return replace(item, family=Family(thread, since, members))


def healed(member: Item, entry: Entry) -> Entry | None:
    """Make the entry of a *member* that is well again by the success of the whole in *entry*; None if it was well."""
    if member.incident is None or entry.key < member.last_result:
        return None
    return Entry(f"{entry.id}/{member.incident.id}", entry.at, Kind.SUCCESS, entry.status, entry.operation)
