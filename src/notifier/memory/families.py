"""Families: resources that fail together, from one cause, and are reported in one thread.

A part mostly fails before its parent. So nothing waits for the parent: the first of a family to fail begins the thread.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from notifier.memory.decisions import IncidentDecision
from notifier.memory.history import Condition, Entry, Kind
from notifier.memory.items import Family, Item

# Members that fail within this time of the first one join its thread.
JOIN_SECONDS: Final = 15 * 60
MEMBERS_LIMIT: Final = 50
# These end the incidents of a resource's parts, too.
ENDS_PARTS: Final = frozenset({Kind.GONE, Kind.RESTORED, Kind.SUCCESS})


def fails_after_waiting(entry: Entry) -> bool:
    """Check whether a resource fails that waited for a person in its own thread: others may fail with it."""
    incident = entry.incident
    if incident is None or incident.failed_at is None or incident.thread != incident.id:
        return False
    return incident.failed_at.timestamp() == entry.at


def can_join(family: Family, at: float) -> bool:
    """Check whether a failure at the time *at* may join the thread of *family*."""
    return abs(at - family.since) <= JOIN_SECONDS


def joined(item: Item, thread: Family, member: str = "") -> Item:
    """Store the *thread* of its family in *item*, and a *member* that recovers with it.

    The thread of a late failure does not replace the thread of a later failure.
    """
    known = item.family or thread
    newest = known if known.since > thread.since + JOIN_SECONDS else thread
    members = (*(item.family.members if item.family else ()), *([member] if member else []))
    return replace(item, family=replace(newest, members=tuple(dict.fromkeys(members))[-MEMBERS_LIMIT:]))


def in_thread(decision: IncidentDecision, thread: Family) -> IncidentDecision:
    """Put the incident that *decision* opens into *thread*."""
    item, entry = decision.item, decision.entry
    if item.incident is None or entry.incident is None:
        return decision
    # Nobody who does not read the thread sees a reply without a broadcast.
    broadcast = entry.incident.broadcast or thread.thread != entry.incident.id
    entry = replace(entry, incident=replace(entry.incident, thread=thread.thread, broadcast=broadcast))
    item = replace(item, incident=replace(item.incident, thread=thread.thread))
    return replace(decision, item=joined(item, thread).with_entry(entry), entry=entry)


def waits_for_another(item: Item, entry: Entry) -> bool:
    """Check whether *item* waits for a person in another operation than that of *entry*, which cannot end the wait."""
    asked = next((each.operation for each in reversed(item.log) if each.kind is Kind.ACTION), "")
    return item.summary.condition is Condition.WAITING and asked != entry.operation


def with_end_of(parent: Item, item: Item, key: str, entry: Entry) -> Item:
    """Add the recovery of the *parent* to *item*, of the part *key*, if it came after *entry*, which is late."""
    ends = [each for each in parent.log if each.kind in ENDS_PARTS and each.key > entry.key]
    if parent.summary.is_open or not ends or waits_for_another(item.with_entry(entry), ends[-1]):
        return item
    return item.with_entry(end_with_parent(key, ends[-1]))


def end_with_parent(key: str, entry: Entry) -> Entry:
    """Make the entry of the part *key* that recovers, or is gone, with its parent by *entry*."""
    kind = Kind.GONE if entry.kind is Kind.GONE else Kind.SUCCESS
    return Entry(f"{entry.id}/{sha256(key.encode()).hexdigest()[:16]}", entry.at, kind)
