"""The heartbeat: an event that a schedule sends through the whole path, so that a broken one is noticed in calm too."""

from typing import TYPE_CHECKING, Final

from notifier.changes import Meaning, Severity, StatusChange

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parser.models import EventBridgeModel

# Only EventBridge itself can send events of this source, and the heartbeat's is the only schedule.
SOURCE: Final = "aws.events"
RESOURCE_TYPE: Final = "NotifierHeartbeat"
MEANING: Final = Meaning(Severity.INFO, "arrived: messages get through")


def status_change(event: "EventBridgeModel") -> StatusChange:
    """Read the schedule's *event* as a change of something that has no status; its rule tells the stack."""
    return StatusChange(
        event_id=event.id,
        resource_type=RESOURCE_TYPE,
        kind="notifier",
        name="heartbeat",
        status=None,
        previous_status=None,
        facts=(),
        account=event.account,
        region=event.region,
        occurred_at=event.time,
        environment=None,
        service=None,
        arn=next(iter(event.resources), None),
        links=(),
        missing=(),
        recognised=True,
    )
