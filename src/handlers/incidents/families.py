"""Report resources that fail together in one thread, and the recovery of parts together with their parent."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from handlers.runtime import deliveries_queue
from notifier.delivery.delivery import dispatch
from notifier.delivery.parallel_calls import call_each
from notifier.memory.decisions import IncidentDecision, decide
from notifier.memory.families import (
    can_join,
    end_with_parent,
    fails_after_waiting,
    in_thread,
    joined,
    waits_for_another,
)
from notifier.memory.history import Entry, Kind
from notifier.memory.items import Family, Item
from notifier.memory.store import Memory, MemoryUnavailableError
from notifier.memory.timers import Sending, after
from notifier.memory.words import with_parent
from notifier.model.notification import Notification
from notifier.model.status_change import Recovery, StatusChange
from notifier.routes.decisions import RoutingDecision, decide_incident
from notifier.routes.document import Document

# Stores a decision in place of an item; returns the item that it found instead, if any.
Keep = Callable[[Item, IncidentDecision], Item | None]
# Retries after another writer came first.
TRIES: Final = 5
CONTENTION: Final = f"other writers came first {TRIES} times"


def keep_opening(
    decision: IncidentDecision, key: str, change: StatusChange, memory: Memory, keep: Keep
) -> tuple[IncidentDecision, Item | None]:
    """Store the *decision* about a first failure, and its thread in the items of the resource's parents, in parallel.

    Return the decision with its thread, and the item that was found instead of the expected one, if any. A repeated
    decision is stored already, but its process may have ended before the parents' items were written.
    """
    item = decision.item
    parents = {parent: memory.recall(parent) for parent in change.parents if parent != key}
    families = (each.family for each in (item, *parents.values()))
    own = Family(item.incident.id if item.incident else decision.entry.id, decision.entry.at, key)
    if decision.repeated:
        likely, placed = item.family or own, decision
    else:
        others = () if fails_after_waiting(decision.entry) else families
        likely = next((each for each in others if each and _is_open(each, key, own.since, memory)), own)
        placed = in_thread(decision, likely)
    threads: list[Family] = []

    def register(parent: str) -> None:
        member = key if change.recovery is Recovery.PARENT and parent == change.parents[0] else ""
        threads.append(_register(parent, likely, key, member, memory))

    def keep_own() -> Item | None:
        return None if decision.repeated else keep(decision.found, placed)

    calls: list[Callable[[], Item | None]] = [keep_own, *(partial(register, parent) for parent in parents)]
    found = call_each(lambda call: call(), calls, lambda: True)[0][1]
    other = next((each for each in threads if each.thread != likely.thread), None)
    if found or other is None or decision.repeated:
        return placed, found
    # The parent's item has the thread of another part, which was first.
    corrected = in_thread(placed, other)
    corrected = replace(corrected, item=replace(corrected.item, version=item.version + 1))
    return corrected, keep(placed.item, corrected)


def withhold(
    decision: IncidentDecision, key: str, change: StatusChange, recipients: Collection[str], memory: Memory
) -> IncidentDecision:
    """Hold back the incident that *decision* opens if its *recipients* know of an open incident of the parent."""
    incident, entry = decision.item.incident, replace(decision.entry, withheld=True)
    parents = [each for each in change.parents[:1] if each != key and entry.kind is Kind.FAILURE]
    parent = failing_parent(parents[0], recipients, memory) if parents and recipients and not decision.repeated else ""
    if incident is None or not parent:
        return decision
    item = replace(decision.item, incident=replace(incident, withheld_for=parent)).with_entry(entry)
    return replace(decision, item=item, entry=entry)


def failing_parent(key: str, recipients: Collection[str], memory: Memory) -> str:
    """Return the key of the failing parent that *recipients* know of: *key*, or what *key* is itself held back for."""
    parent = memory.read(key)
    if parent.incident and parent.incident.withheld_for:
        return failing_parent(parent.incident.withheld_for, recipients, memory)
    return key if {*recipients} <= {*parent.recipients} else ""


def end_parts(parent: Notification, entry: Entry, item: Item, document: Document, memory: Memory) -> tuple[str, ...]:
    """Report the parts of a resource as recovered with it, by *entry*; raise `MemoryUnavailableError`.

    Return the keys of the parts that still wait for a person.
    """
    members = item.family.members if item.family else ()
    return tuple(key for key in members if not _end_part(key, parent, entry, document, memory))


def forget_parts(key: str, left: tuple[str, ...], memory: Memory) -> None:
    """Forget all parts of *key* except those *left* by `end_parts`, so that the next success does not read them again.

    If another writer came first, nothing is forgotten.
    """
    parent = memory.recall(key)
    if parent.family and parent.family.members != left:
        family = replace(parent.family, members=left)
        memory.keep(key, parent, replace(parent, family=family, version=parent.version + 1))


def _end_part(key: str, parent: Notification, entry: Entry, document: Document, memory: Memory) -> bool:
    """Report a part as recovered, unless it waits for a person; a retry repeats the notification in the memory."""
    part, member = end_with_parent(key, entry), memory.read(key)
    for _ in range(TRIES):
        if waits_for_another(member, entry):
            return False
        decision = decide(member, part, document.rules)
        last = member.ending if decision.repeated else member.last_notification
        if last is None or (part.key < member.last_result and not decision.repeated):
            return True
        ending = last if decision.repeated else with_parent(last, decision, parent)
        followers = decision.entry.followers
        nobody = RoutingDecision(None, (), ())
        is_suppressed = decision.entry.ignored or decision.entry.withheld
        routed = nobody if is_suppressed else decide_incident(document, ending, followers, datetime.now(UTC))
        found = None
        if not decision.repeated:
            sending = Sending(ending, tuple(each.destination for each in routed.recipients))
            found = memory.keep(key, member, replace(after(decision, sending, document.rules), ending=ending))
        if found is None:
            deliveries_queue().put(dispatch(ending, routed))
            return True
        member = found
    raise MemoryUnavailableError(CONTENTION)


def _is_open(family: Family, key: str, at: float, memory: Memory) -> bool:
    if not can_join(family, at):
        return False
    opener = memory.read(family.opener)
    if opener.incident or family.opener == key:
        return opener.incident is not None and opener.incident.id == family.thread
    # The opener's entry may not be stored yet: it is written in parallel with its family.
    return opener.entry(family.thread) is None and opener.horizon.at < family.since


def _register(parent: str, thread: Family, key: str, member: str, memory: Memory) -> Family:
    """Store the *thread* of *key* in the item of *parent*; return it, or the thread of another part that was first."""
    known = memory.recall(parent)
    for _ in range(TRIES):
        after_joining = joined(known, thread, member)
        if after_joining.family == known.family:
            return thread
        found = memory.keep(parent, known, replace(after_joining, version=known.version + 1))
        if found is None:
            return thread
        if found.family and _is_open(found.family, key, thread.since, memory):
            thread = found.family
        known = found
    raise MemoryUnavailableError(CONTENTION)
