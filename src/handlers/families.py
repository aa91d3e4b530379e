"""Tell resources that fail together in one thread, and the parts of one that is well again that they are, too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from handlers.queues import deliveries_queue
from notifier.delivery.dispatch import dispatch
from notifier.delivery.parallel_calls import call_each
from notifier.memory.decisions import Decision, decide
from notifier.memory.families import can_join, healed, in_thread, joined
from notifier.memory.history import Entry, Family, Item
from notifier.memory.store import MemoryProtocol, MemoryUnavailableError
from notifier.memory.timers import Sending, after
from notifier.memory.words import with_whole
from notifier.model.notification import Notification
from notifier.model.status_change import Recovery, StatusChange
from notifier.routes.decisions import decide_incident
from notifier.routes.document import Document

# Keeps a decision in place of an item; returns the item that it found instead, if there was.
Keep = Callable[[Item, Decision], Item | None]
# Another writer can come first so often.
TRIES: Final = 5


def keep_opening(
    decision: Decision, key: str, change: StatusChange, memory: MemoryProtocol, keep: Keep
) -> tuple[Decision, Item | None]:
    """Keep the *decision* to open an incident, and let the parents of its resource know of its thread.

    Both at the same time, as a call takes most of the time of an event. Return the decision with its thread, and the
    item that was found instead of the expected one, if there was.
    """
    entry, item = decision.entry, decision.item
    parents = {parent: memory.recall(parent) for parent in change.parents if parent != key}
    families = (each.family for each in (item, *parents.values()))
    own = Family(entry.id, entry.at, key)
    likely = next((each for each in families if each and _is_open(each, key, entry.at, memory)), own)
    placed = in_thread(decision, likely)
    threads: list[Family] = []

    def register(parent: str) -> None:
        member = key if change.recovery is Recovery.PARENT and parent == change.parents[0] else ""
        threads.append(_register(parent, parents[parent], likely, member, memory))

    def keep_own() -> Item | None:
        return keep(decision.found, placed)

    calls: list[Callable[[], Item | None]] = [keep_own, *(partial(register, parent) for parent in parents)]
    found = call_each(lambda call: call(), calls, lambda: True)[0][1]
    other = next((each for each in threads if each.thread != likely.thread), None)
    if found or other is None:
        return placed, found
    # Another part was first, as the parent's item said when it was written.
    corrected = in_thread(placed, other)
    corrected = replace(corrected, item=replace(corrected.item, version=item.version + 1))
    return corrected, keep(placed.item, corrected)


def heal(whole: Notification, entry: Entry, item: Item, document: Document, memory: MemoryProtocol) -> None:
    """Tell the parts of what is well again in *entry* that they are, too; raise `MemoryUnavailableError`.

    The memory is told after the queue, so that a retry repeats what may be lost, and the ledger drops it.
    """
    for key in item.family.members if item.family else ():
        member: Item | None = memory.read(key)
        while member and (part := healed(key, member, entry)) and (last := member.last_notification):
            decision = decide(member, part, document.rules)
            notification = with_whole(last, decision, whole)
            routed = decide_incident(document, notification, member.recipients, datetime.now(UTC))
            deliveries_queue().put(dispatch(notification, routed))
            names = tuple(recipient.destination for recipient in routed.recipients)
            member = memory.keep(key, member, after(decision, Sending(notification, names), document.rules))


def _is_open(family: Family, key: str, at: float, memory: MemoryProtocol) -> bool:
    if not can_join(family, key, at):
        return False
    opener = memory.read(family.opener)
    return opener.incident is not None and opener.incident.id == family.thread


def _register(parent: str, known: Item, thread: Family, member: str, memory: MemoryProtocol) -> Family:
    """Let *parent* know of the *thread*; return it, or the one of another part that was first."""
    for _ in range(TRIES):
        after_joining = joined(known, thread, member)
        if after_joining.family == known.family:
            return thread
        found = memory.keep(parent, known, replace(after_joining, version=known.version + 1))
        if found is None:
            return thread
        if found.family and _is_open(found.family, thread.opener, thread.since, memory):
            thread = found.family
        known = found
    message = f"other writers came first {TRIES} times"
    raise MemoryUnavailableError(message)
