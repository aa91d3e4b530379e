"""The test event: what `notifier send-test` sends through the whole path, so that somebody sees that it works."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from pydantic import BaseModel, ConfigDict

from notifier.model.status_change import TEST, Fact, Meaning, Severity, StatusChange

# No rule of the stack matches it: such an event comes from whoever may invoke the function.
SOURCE: Final = "notifier.test"
DETAIL_TYPE: Final = "Notifier Test"
NEXT_STEP: Final = "Nothing. Somebody tries out whether messages get through."

# What the stack sends, by the severity that is tried.
SENT: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "what needs action",
    Severity.FAILURE: "failures",
    Severity.INFO: "what is good to know",
    Severity.PROGRESS: "progress",
    Severity.RECOVERED: "recoveries",
    Severity.SUCCESS: "successes",
}


class RequestedTest(BaseModel):
    """A test of *stack*, as who sends it wants it: going by the routes with *severity*, or past them to some places."""

    # Only a test pays for what reads one.
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
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": account,
        "time": sent_at.isoformat(),
        "region": region,
        "resources": [],
        "detail": requested.model_dump(mode="json"),
    }


def read(received: EventBridgeModel) -> RequestedTest:
    """Read what the event asks for; raise pydantic's `ValidationError` if it is no test event."""
    return RequestedTest.model_validate(received.detail, from_attributes=True)


def status_change(received: EventBridgeModel) -> StatusChange:
    """Read the event as a change of something that has no status; a test of the same stack is about the same thing."""
    requested = read(received)
    return StatusChange(
        event_id=received.id,
        resource_type=TEST,
        kind="test",
        name=requested.stack,
        status=None,
        previous_status=None,
        facts=(Fact("Sent by", requested.sent_by),),
        account=received.account,
        region=received.region,
        occurred_at=received.time,
        environment=None,
        service=None,
        arn=None,
        links=(),
        missing=(),
        recognised=True,
    )


def meaning(received: EventBridgeModel) -> Meaning:
    """Say what is tried."""
    requested = read(received)
    headline = "can send here" if requested.to else f"sends {SENT[requested.severity]} here"
    return Meaning(requested.severity, headline, NEXT_STEP)
