"""The heartbeat: a scheduled event that takes the whole path, so that a broken path is noticed in quiet times."""

from typing import TYPE_CHECKING, Final

from notifier.model.status_change import Meaning, Reading, Severity, StatusChange

if TYPE_CHECKING:
    from notifier.sources.envelope import Event

RESOURCE_TYPE: Final = "NotifierHeartbeat"
MEANING: Final = Meaning(Severity.INFO, "arrived: messages get through")


def read(event: "Event") -> Reading:
    """Read the schedule's *event*, which has no status; its rule's ARN names the stack."""
    change = StatusChange(
        event_id=event.id,
        source=event.source,
        resource_type=RESOURCE_TYPE,
        kind="notifier",
        name="heartbeat",
        account=event.account,
        region=event.region,
        occurred_at=event.time,
        arn=next(iter(event.resources), None),
    )
    return Reading(change, MEANING)
