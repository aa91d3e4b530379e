"""The sample events, and what becomes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from notifier.model.composition import compose
from notifier.model.notification import Notification
from notifier.sources.envelope import Event
from notifier.sources.table import source_of

EVENTS: Final = Path(__file__).parent.parent / "events"
NAMES: Final = sorted(file.stem for file in EVENTS.glob("*.json"))

# What the heartbeat's rule makes of its schedule's event (`SCHEDULED`).
HEARTBEAT: Final[Mapping[str, Any]] = {
    "version": "0",
    "id": "89d1a02d-5ec7-412e-82f5-13505f849b41",
    "detail-type": "Notifier Heartbeat",
    "source": "notifier.sources.heartbeat",
    "account": "123456789012",
    "time": "2026-03-03T09:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:events:eu-west-1:123456789012:rule/proton-notifier-HeartbeatRule-1A2B3C4D5E6F"],
    "detail": {},
}
# What a schedule of EventBridge sends, as "Scheduled Events" in its events reference has it, from a rule like ours.
SCHEDULED: Final[Mapping[str, Any]] = {**HEARTBEAT, "detail-type": "Scheduled Event", "source": "aws.events"}

# What `notifier send-test` hands to the function.
TRIAL: Final[Mapping[str, Any]] = {
    "version": "0",
    "id": "6d1b3c0e-2f5a-4b53-9d0e-1c7a52f0a9b4",
    "detail-type": "Notifier Test",
    "source": "notifier.test",
    "account": "123456789012",
    "time": "2026-03-03T03:00:00+00:00",
    "region": "eu-west-1",
    "resources": [],
    "detail": {"stack": "proton-notifier", "severity": "failure", "sent_by": "user/jo", "to": []},
}

# A stack that could not even be rolled back: a failure with its reason and a command.
STUCK_ARN: Final = "arn:aws:cloudformation:eu-west-1:123456789012:stack/checkout/5e6f7a80-1b2c-11f0-9d3e-0a1b2c3d4e5f"
STUCK_LINK: Final = (
    "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId="
    "arn%3Aaws%3Acloudformation%3Aeu-west-1%3A123456789012%3Astack%2Fcheckout%2F5e6f7a80-1b2c-11f0-9d3e-0a1b2c3d4e5f"
)
STUCK_COMMAND: Final = f"aws cloudformation continue-update-rollback --stack-name {STUCK_ARN} --region eu-west-1"
STUCK_STEP: Final = "Fix the resource that its events name, then continue the rollback, or skip the resource there."
STUCK: Final[Mapping[str, Any]] = {
    "version": "0",
    "id": "0f1c2d3e-4b5a-4697-8877-665544332211",
    "detail-type": "CloudFormation Stack Status Change",
    "source": "aws.cloudformation",
    "account": "123456789012",
    "time": "2026-03-03T12:00:00Z",
    "region": "eu-west-1",
    "resources": [STUCK_ARN],
    "detail": {
        "stack-id": STUCK_ARN,
        "status-details": {
            "status": "UPDATE_ROLLBACK_FAILED",
            "status-reason": "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2",
        },
        "client-request-token": "",
    },
}


def event(name: str) -> dict[str, Any]:
    """Read a sample event by its file's name."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def trial_event(**detail: object) -> dict[str, Any]:
    """Make a test event with *detail* beside the usual one, or instead of it."""
    return {**TRIAL, "detail": {**TRIAL["detail"], **detail}}


def environment_event(**detail: object) -> dict[str, Any]:
    """Make an environment's event with *detail* instead of the usual one."""
    return {**event("environment-deployment-failed"), "detail": detail}


def notification(raw: Mapping[str, Any], accounts: Mapping[str, str] | None = None) -> Notification:
    """Compose the notification of a raw event."""
    event = Event.model_validate(raw)
    return compose(source_of(event).read(event), accounts or {"123456789012": "production"})
