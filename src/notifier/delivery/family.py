"""The incidents of a family in one thread, and the thread's first message, which shows the state of all of them."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from notifier.model.incident import Incident, State
from notifier.model.notification import EXPLAINED, HEADLINE_LIMIT, Notification
from notifier.model.sanitize import cut
from notifier.model.status_change import Fact, Severity

# Beyond it, recovered members are forgotten first.
MEMBERS_LIMIT: Final = 30
FAILING: Final = frozenset({State.FAILING, State.FLAPPING})


@dataclass(frozen=True, slots=True)
class Member:
    """An incident in the thread of another, after its turn *number*; *reason* is that of its last failure."""

    id: str
    number: int
    name: str
    is_failing: bool
    depth: int
    opened_at: Annotated[datetime, Meta(tz=True)] | None
    reason: str | None


def with_member(members: tuple[Member, ...], notification: Notification, incident: Incident) -> tuple[Member, ...]:
    """Add a turn of another *incident*, unless a newer one is known."""
    known = next((each for each in members if each.id == incident.id), None)
    if known and known.number >= (incident.number or 0):
        return members
    reason = notification.reason if notification.severity in EXPLAINED or not known else known.reason
    member = Member(
        id=incident.id,
        number=incident.number or 0,
        name=f"{notification.kind} {notification.name}",
        is_failing=incident.state in FAILING,
        depth=max(incident.depth, known.depth if known else 0),
        opened_at=incident.opened_at,
        reason=reason,
    )
    others = sorted((each for each in members if each.id != incident.id), key=lambda each: each.is_failing)
    return (*others, member)[-MEMBERS_LIMIT:]


def with_family(own: Notification, members: Sequence[Member]) -> Notification:
    """Add the state of *members* to *own*, the first message of a thread; the deepest failure is the cause."""
    failing = sorted((each for each in members if each.is_failing), key=lambda each: each.name)
    if not (failing and own.incident):
        return own
    # The message does not turn green while a member is failing.
    is_over = own.incident.state is State.CLOSED
    if is_over:
        names = Fact("Still failing", ", ".join(each.name for each in failing))
        end = f"; {len(failing)} more still {'fails' if len(failing) == 1 else 'fail'}"
        headline = f"{cut(own.headline, HEADLINE_LIMIT - len(end))}{end}"
        own = replace(own.with_severity(Severity.FAILURE), headline=headline, facts=(*own.facts, names))
    cause = max((each for each in failing if each.reason), key=_cause_key, default=None)
    is_unexplained = is_over or (own.severity in EXPLAINED and not own.reason)
    if cause is None or not own.incident or not (is_unexplained or _cause_key(cause) > _cause_key(own.incident)):
        return own
    reason = cause.reason if own.severity in EXPLAINED else own.reason
    return replace(own, reason=reason, facts=(*own.facts, Fact("Cause", f"{cause.name}: {cause.reason}")))


def pack(notification: Notification) -> bytes:
    """Compress *notification* to a few hundred bytes."""
    return zlib.compress(msgspec.json.encode(notification))


def unpack(packed: bytes) -> Notification:
    """Read the result of `pack`."""
    return msgspec.json.decode(zlib.decompress(packed), type=Notification)


def _cause_key(incident: Incident | Member) -> tuple[int, float]:
    """Return the sort key: by depth, then the first to fail."""
    return incident.depth, -incident.opened_at.timestamp() if incident.opened_at else float("-inf")
