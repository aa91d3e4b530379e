"""The heartbeat: an event that a schedule sends through the whole path, so that a broken one is noticed in calm too."""

import re
from typing import TYPE_CHECKING, Final

from notifier.model.status_change import Meaning, Severity, StatusChange

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parser.models import EventBridgeModel

SOURCE: Final = "notifier.sources.heartbeat"
# The schedule's own event, as it may lie among dead letters; a console's test event has another rule.
SCHEDULE: Final = "aws.events"
RULE: Final = re.compile(r"arn:[^:]*:events:.*:rule/.*-HeartbeatRule-[^/]*")
RESOURCE_TYPE: Final = "NotifierHeartbeat"
MEANING: Final = Meaning(Severity.INFO, "arrived: messages get through")


def sent(event: "EventBridgeModel") -> bool:
    """Say whether the heartbeat's rule sent *event*."""
    return event.source == SOURCE or (event.source == SCHEDULE and any(map(RULE.fullmatch, event.resources)))


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
