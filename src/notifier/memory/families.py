"""Families: resources that fail together, of one cause, and are told in one thread.

A part mostly fails before the whole. So nothing waits for the whole: the first of a family to fail begins the thread.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from notifier.memory.decisions import Decision
from notifier.memory.history import Entry, Family, Item, Kind

# Those that fail within this time of the first one join its thread.
JOIN_SECONDS: Final = 15 * 60
MEMBERS_LIMIT: Final = 50


def can_join(family: Family, key: str, at: float) -> bool:
    """Tell if a failure of *key* at the time *at* may belong to the thread of *family*."""
    return family.opener != key and abs(at - family.since) <= JOIN_SECONDS


def joined(item: Item, thread: Family, member: str = "") -> Item:
    """Let *item* know of the *thread* of its family, and of a *member* that is well again with it."""
    known = item.family.members if item.family else ()
    members = tuple(dict.fromkeys((*known, *([member] if member else []))))[-MEMBERS_LIMIT:]
    return replace(item, family=replace(thread, members=members))


def in_thread(decision: Decision, thread: Family) -> Decision:
    """Tell the incident that *decision* opens in *thread*."""
    item, entry = decision.item, decision.entry
    if item.incident is None or entry.incident is None:
        return decision
    # A reply alone is seen by nobody who does not read the thread.
    broadcast = entry.incident.broadcast or thread.thread != entry.incident.id
    entry = replace(entry, incident=replace(entry.incident, thread=thread.thread, broadcast=broadcast))
    item = replace(item, incident=replace(item.incident, thread=thread.thread))
    return replace(decision, item=joined(item, thread).with_entry(entry), entry=entry)


def healed(key: str, member: Item, entry: Entry) -> Entry | None:
    """Make the entry of the *member* of *key* that is well again with the whole, by *entry*; None if it is well."""
    if member.incident is None or entry.key < member.last_result:
        return None
    return Entry(f"{entry.id}/{sha256(key.encode()).hexdigest()[:16]}", entry.at, Kind.SUCCESS)
