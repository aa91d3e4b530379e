import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.channels.notification_json import json_document
from notifier.model.incident import Incident, State, Turn
from tests.samples import NAMES, STUCK, STUCK_COMMAND, STUCK_STEP, environment_event, event, notification

ROOM = 200_000
KINDS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "severity": str,
    "title": str,
    "resource_type": str,
    "name": str,
    "headline": str,
    "status": (str, type(None)),
    "previous_status": (str, type(None)),
    "occurred_at": (str, type(None)),
    "reason": (str, type(None)),
    "next_step": (str, type(None)),
    "command": (str, type(None)),
    "runbook": (str, type(None)),
    "custom_body": (str, type(None)),
    "facts": list,
    "references": list,
    "links": list,
    "attributes": dict,
    "recognised": bool,
    "incident": (dict, type(None)),
}


def test_a_failure_is_written_like_this() -> None:
    """The whole object, to the letter."""
    arn = "arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod"
    assert json_document((notification(event("service-instance-deployment-failed")),), ROOM) == {
        "version": 1,
        "counts": {"failure": 1},
        "notifications": [
            {
                "id": "de3e5717-aa2a-5b41-b8f7-7b9c640cd2be",
                "severity": "failure",
                "title": "production: checkout/prod could not be deployed (eu-west-1)",
                "resource_type": "ServiceInstance",
                "name": "checkout/prod",
                "headline": "could not be deployed",
                "status": "FAILED",
                "previous_status": "IN_PROGRESS",
                "occurred_at": "2026-03-03T02:58:40+00:00",
                "reason": None,
                "next_step": "Find the first failed event of its CloudFormation stack (AWSProton-...) or of its "
                "pipeline run; its deployment status message says the same. Fix what it names, then deploy again.",
                "command": None,
                "runbook": None,
                "custom_body": None,
                "facts": [
                    {"label": "Account", "value": "production (123456789012)"},
                    {"label": "Region", "value": "eu-west-1"},
                ],
                "references": [
                    {"label": "Resource", "value": arn},
                    {"label": "Event", "value": "de3e5717-aa2a-5b41-b8f7-7b9c640cd2be"},
                ],
                "links": [
                    {
                        "label": "Open in the Proton console",
                        "url": "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1"
                        "#/services/detail/checkout",
                    }
                ],
                "attributes": {
                    "severity": "failure",
                    "source": "aws.proton",
                    "resource_type": "ServiceInstance",
                    "name": "checkout/prod",
                    "status": "FAILED",
                    "account": "123456789012",
                    "region": "eu-west-1",
                    "service": "checkout",
                },
                "recognised": True,
                "incident": None,
            }
        ],
    }


def test_an_incident_is_written_like_this() -> None:
    """A program can join events by it, and leave out what it knows to be older."""
    opened_at = datetime(2026, 3, 3, 2, 58, 40, tzinfo=UTC)
    incident = Incident("1", "7", Turn.AGAIN, State.FAILING, 3, opened_at, 2)

    (entry,) = json_document((replace(notification(STUCK), incident=incident),), ROOM)["notifications"]

    assert entry["incident"] == {
        "id": "1",
        "number": 3,
        "turn": "failed again",
        "state": "failing",
        "opened_at": "2026-03-03T02:58:40+00:00",
        "attempts": 2,
    }


def test_a_failure_has_its_reason_and_command() -> None:
    """Each is a field of its own, and the title is as short as ever."""
    (entry,) = json_document((notification(STUCK),), ROOM)["notifications"]

    assert entry["title"] == "production: stack checkout could not be updated, and the rollback failed (eu-west-1)"
    assert [entry[name] for name in ("reason", "next_step", "command")] == [
        "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2",
        STUCK_STEP,
        STUCK_COMMAND,
    ]


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_there_whatever_is_known(name: str) -> None:
    """A program needs no check for a missing field, only for null."""
    written = json.loads(json.dumps(json_document((notification(event(name)),), ROOM)))

    (entry,) = written["notifications"]
    assert list(entry) == list(KINDS)
    assert [field for field, kind in KINDS.items() if not isinstance(entry[field], kind)] == []


def test_several_are_one_list_the_most_urgent_first() -> None:
    """One parser reads one and many."""
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    written = json_document(tuple(notification(event(name)) for name in names), ROOM)

    assert written["counts"] == {"failure": 1, "recovered": 1, "info": 1}
    assert [entry["severity"] for entry in written["notifications"]] == ["failure", "recovered", "info"]


def test_what_does_not_fit_is_counted() -> None:
    """Whoever compares the counts with the list knows how many were left out."""
    storm: tuple[Any, ...] = tuple(
        notification(environment_event(name=f"e-{number}", status="FAILED")) for number in range(500)
    )

    written = json_document(storm, 50_000)

    assert written["counts"] == {"failure": 500}
    assert 10 < len(written["notifications"]) < 100
    assert len(json.dumps(written["notifications"])) <= 50_000
