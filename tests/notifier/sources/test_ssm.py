"""The particulars of Systems Manager's events."""

import pytest

from notifier.sources.envelope import Event
from notifier.sources.table import Purpose, source_of
from tests.notifier.sources.documented_events import READ, changed, notification

DOCUMENTS = "arn:aws:ssm:us-east-2:210987654321:document"
EXECUTION = "333ba70b-2333-48db-b17e-a5e69c6f4d1c"


@pytest.mark.parametrize(
    ("status", "severity", "headline", "command"),
    [
        (
            "PendingApproval",
            "action",
            "waits for approval",
            f"aws ssm send-automation-signal --automation-execution-id {EXECUTION} --signal-type Approve",
        ),
        ("Failed", "failure", "failed", f"aws ssm get-automation-execution --automation-execution-id {EXECUTION}"),
        ("Canceled", "info", "was cancelled", ""),
    ],
)
def test_an_automation_says_what_to_do(status: str, severity: str, headline: str, command: str) -> None:
    """The event has no reason; the command reads it."""
    told = notification(changed(READ["ssm_automation"], ("detail", "Status"), status))

    assert (told.severity, told.headline) == (severity, headline)
    assert command in (told.command or "")


@pytest.mark.parametrize(
    ("definition", "name"),
    [("AWS-RestartEC2Instance", "AWS-RestartEC2Instance"), (f"{DOCUMENTS}/Shared", "Shared"), (None, "runcommand1")],
)
def test_an_automation_is_called_as_people_call_it(definition: str | None, name: str) -> None:
    """Neither its document nor the person who started it is shown as an ARN."""
    told = notification(changed(READ["ssm_automation"], ("detail", "Definition"), definition))

    assert told.name == name
    assert ("Started by", "user/userName") in {(fact.label, fact.value) for fact in told.facts}


def test_a_change_of_the_routes_parameter_is_told_to_nobody() -> None:
    """It has the same source, and its own detail-type."""
    change = {"source": "aws.ssm", "detail-type": "Parameter Store Change", "detail": {"name": "/notifier/routes"}}

    assert source_of(Event.model_validate(change)).purpose is Purpose.ROUTES
    assert source_of(Event.model_validate(READ["ssm_automation"])).purpose is Purpose.STATUS
