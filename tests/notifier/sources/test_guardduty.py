"""GuardDuty: severities are numbers, and a finding has a lot that is not shown."""

from typing import Any, Final

import pytest

from tests.notifier.sources.documented_events import notification

EVENT: Final[dict[str, Any]] = {
    "source": "aws.guardduty",
    "detail-type": "GuardDuty Finding",
    "id": "1",
    "account": "123456789012",
    "region": "us-east-1",
    "time": "2026-11-05T10:00:00Z",
    "resources": [],
    "detail": {
        "schemaVersion": "2.0",
        "accountId": "210987654321",
        "region": "eu-west-1",
        "partition": "aws",
        "id": "16afba5c5c43e07c9e3e5e2e544e95df",
        "arn": "arn:aws:guardduty:eu-west-1:210987654321:detector/d1/finding/16afba5c5c43e07c9e3e5e2e544e95df",
        "type": "UnauthorizedAccess:EC2/SSHBruteForce",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {"instanceId": "i-1", "tags": [{"value": "s3cr3t"}]},
        },
        "service": {"serviceName": "guardduty", "detectorId": "d1", "count": 4, "action": {"actionType": "s3cr3t"}},
        "severity": 7.5,
        "title": "i-1 is performing SSH brute force attacks.",
        "description": "s3cr3t",
    },
}


def finding(**detail: object) -> dict[str, Any]:
    """Build the event with other values in its detail."""
    return {**EVENT, "detail": {**EVENT["detail"], **detail}}


def test_a_finding_names_what_was_seen() -> None:
    """Account and region are the member's; no details of the resource are shown."""
    told = notification(EVENT)

    assert (
        told.title
        == "210987654321: GuardDuty finding UnauthorizedAccess:EC2/SSHBruteForce is of high severity (eu-west-1)"
    )
    assert (told.severity, told.reason) == ("action", "i-1 is performing SSH brute force attacks.")
    assert told.key == "GuardDutyFinding/210987654321/eu-west-1/16afba5c5c43e07c9e3e5e2e544e95df"
    assert told.command == (
        "aws guardduty get-findings --detector-id d1 --finding-ids 16afba5c5c43e07c9e3e5e2e544e95df --region eu-west-1"
    )
    assert [fact.value for fact in told.facts[:2]] == ["Instance", "4"]
    assert "s3cr3t" not in repr(told)


@pytest.mark.parametrize(("severity", "facts"), [(2, ["Finding"]), (7.5, [])])
def test_a_finding_says_once_what_was_seen(severity: float, facts: list[str]) -> None:
    """Below the title, or as the reason of a call to act."""
    told = notification(finding(severity=severity))

    assert [fact.label for fact in told.facts if fact.value == EVENT["detail"]["title"]] == facts


@pytest.mark.parametrize(
    ("severity", "level", "urgency"),
    [
        (9, "CRITICAL", "action"),
        (8.9, "HIGH", "action"),
        (7, "HIGH", "action"),
        (6.9, "MEDIUM", "action"),
        (4.0, "MEDIUM", "action"),
        ("8", "HIGH", "action"),
        ("3.9", "LOW", "info"),
        (3.9, "LOW", "info"),
        (0, "LOW", "info"),
    ],
)
def test_a_severity_has_a_level(severity: float | str, level: str, urgency: str) -> None:
    """The levels are those of GuardDuty's console."""
    told = notification(finding(severity=severity))

    assert (told.status, told.severity) == (level, urgency)


@pytest.mark.parametrize("severity", [None, True, "high", -1, float("nan")])
def test_an_odd_severity_is_none(severity: object) -> None:
    """The message says that it is missing."""
    told = notification(finding(severity=severity))

    assert (told.status, told.recognised) == (None, False)
