"""Convert an event, as its source reads it, to an entry in the history of its resource."""

from collections.abc import Mapping
from typing import Final

from notifier.memory.history import Entry, Kind
from notifier.model.status_change import TEST, Ending, Meaning, Reading, Recovery, Severity, StatusChange

KINDS: Final[Mapping[Severity, Kind]] = {
    Severity.FAILURE: Kind.FAILURE,
    Severity.ACTION: Kind.ACTION,
    Severity.RECOVERED: Kind.SUCCESS,
    Severity.SUCCESS: Kind.SUCCESS,
    Severity.PROGRESS: Kind.PROGRESS,
    Severity.INFO: Kind.INFO,
}
ENDINGS: Final = {
    Ending.DONE: Kind.DONE,
    Ending.GONE: Kind.GONE,
    Ending.ROLLED_BACK: Kind.RESTORED,
    Ending.WELL: Kind.SUCCESS,
}
SUCCESSES: Final = {Recovery.OPERATION: Kind.RESTORED, Recovery.WHOLE: Kind.INFO}


def can_have_incidents(change: StatusChange) -> bool:
    """Check that the resource can be identified, and that a later event can end its failure."""
    is_named = bool(change.key or change.arn or change.name)
    return is_named and change.resource_type != TEST and change.recovery is not Recovery.NONE


def key_of(change: StatusChange) -> str:
    """Return the key of the resource: from the source, or else the ARN, or type, account, region and name."""
    parts = (change.resource_type, change.account or "-", change.region or "-", change.name or "-")
    return change.key or change.arn or "/".join(parts)


def depth_of(change: StatusChange) -> int:
    """Return a number that grows with the depth of a part: the length of its key, as nested parts have longer keys."""
    key = key_of(change)
    return len(key) if change.parents and change.parents[0] != key else 0


def entry_of(reading: Reading, now: float) -> Entry:
    """Make the entry of an event; an event without a time gets the time *now*, in seconds since 1970."""
    change = reading.change
    recovery = Recovery.WHOLE if change.key in change.parents else change.recovery
    return Entry(
        id=change.event_id,
        at=change.occurred_at.timestamp() if change.occurred_at else now,
        kind=_kind(reading.meaning, recovery),
        status=change.status or "",
        # A rollback is not the operation that could have repaired the failure.
        operation="a rollback" if reading.meaning.ending is Ending.ROLLED_BACK else change.operation or "",
        before=_before(reading.before),
        began=change.began_at.timestamp() if change.began_at else 0,
        part=recovery is Recovery.WHOLE,
    )


def _before(meaning: Meaning | None) -> Kind | None:
    """Return the kind of the previous status if that is a failure or a success."""
    kind = KINDS[meaning.severity] if meaning and meaning.recognised else None
    return kind if kind in {Kind.FAILURE, Kind.SUCCESS} else None


def _kind(meaning: Meaning, recovery: Recovery) -> Kind:
    if meaning.ending:
        return ENDINGS[meaning.ending]
    kind = KINDS[meaning.severity]
    return SUCCESSES.get(recovery, kind) if kind is Kind.SUCCESS else kind
