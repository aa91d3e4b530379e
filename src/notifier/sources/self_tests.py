"""The notifier's own events: the heartbeat, and the test of `notifier send-test`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from notifier.model.status_change import HEARTBEAT, TEST, Fact, Meaning, Reading, Severity, StatusChange, info
from notifier.sources.envelope import Event
from notifier.sources.table import TEST_SOURCE

ARRIVED: Final = info("arrived: messages get through")
NEXT_STEP: Final = "Nothing: somebody tries out whether messages get through."

# The messages that the stack sends, by the severity of the test.
SENT: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "what needs action",
    Severity.FAILURE: "failures",
    Severity.INFO: "what is good to know",
    Severity.PROGRESS: "progress",
    Severity.RECOVERED: "recoveries",
    Severity.SUCCESS: "successes",
}


class RequestedTest(BaseModel):
    """A test of *stack*: the routes choose the destinations by *severity*, unless *to* names them."""

    # Only a test needs the time for building the model.
    model_config = ConfigDict(frozen=True, defer_build=True)

    stack: str
    severity: Severity
    sent_by: str
    to: tuple[str, ...] = ()


def event(requested: RequestedTest, event_id: str, account: str, region: str, sent_at: datetime) -> dict[str, Any]:
    """Write *requested* as an event."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Notifier Test",
        "source": TEST_SOURCE,
        "account": account,
        "time": sent_at.isoformat(),
        "region": region,
        "resources": [],
        "detail": requested.model_dump(mode="json"),
    }


def read(received: Event) -> Reading:
    """Read a test or a heartbeat, whose ARN is that of the stack's rule; neither has a status.

    Raise pydantic's `ValidationError` if the detail of a test is invalid.
    """
    change = StatusChange(
        event_id=received.id,
        source=received.source,
        resource_type=HEARTBEAT,
        kind="notifier",
        name="heartbeat",
        account=received.account,
        region=received.region,
        occurred_at=received.time,
    )
    if received.source != TEST_SOURCE:
        return Reading(replace(change, arn=next(iter(received.resources), None)), ARRIVED)
    test = RequestedTest.model_validate(received.detail)
    facts = (Fact("Sent by", test.sent_by),)
    change = replace(change, resource_type=TEST, kind="test", name=test.stack, facts=facts)
    headline = "can send here" if test.to else f"sends {SENT[test.severity]} here"
    return Reading(change, Meaning(test.severity, headline, NEXT_STEP), test.to)
