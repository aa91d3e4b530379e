"""App Runner: operations and services."""

from typing import Any, Final

import pytest

from notifier.model.status_change import Ending
from tests.notifier.sources.documented_events import EVENTS, notification, read

EVENT: Final[dict[str, Any]] = EVENTS["ar_service"]


def operation(status: str) -> dict[str, Any]:
    """Build the event of an operation on the service."""
    detail = {"operationStatus": status, "serviceName": "my-app", "serviceId": "8fe1", "message": "s3cr3t"}
    return {**EVENT, "detail-type": "AppRunner Service Operation Status Change", "detail": detail}


@pytest.mark.parametrize(
    ("status", "severity", "headline"),
    [
        ("CreateServiceStarted", "progress", "is being created"),
        ("DeleteServiceCompletedSuccessfully", "info", "was deleted"),
        ("DeploymentCompletedSuccessfully", "success", "was deployed"),
        ("DeploymentFailed", "failure", "could not be deployed"),
        ("PauseServiceFailed", "failure", "could not be paused"),
        ("ResumeServiceStarted", "progress", "is being resumed"),
        ("UpdateServiceCompletedSuccessfully", "success", "was updated"),
        ("DeploymentPostponed", "info", 'has the unknown status "DeploymentPostponed"'),
    ],
)
def test_an_operation_says_how_it_ended(status: str, severity: str, headline: str) -> None:
    """The operation and its end are one word."""
    told = notification(operation(status))

    assert (told.severity, told.headline) == (severity, headline)
    assert "s3cr3t" not in repr(told)


def test_a_failed_operation_leads_to_the_logs() -> None:
    """The event's own message says no more than that."""
    told = notification(operation("DeploymentFailed"))

    assert told.next_step == "Read the logs of the service, then try again."
    assert told.command == "aws logs tail /aws/apprunner/my-app/8fe1/service --since 1h --region us-east-2"


def test_the_deletion_of_a_service_ends_its_incident() -> None:
    """The default rule takes operations only, so no other event says that the service is no more."""
    assert read(operation("DeleteServiceCompletedSuccessfully")).meaning.ending is Ending.GONE


def test_an_operation_is_about_its_service() -> None:
    """Both events have the service's key."""
    assert notification(operation("DeploymentFailed")).key == notification(EVENT).key


@pytest.mark.parametrize(
    ("detail_type", "status", "headline"),
    [
        ("AppRunner Service Operation Status Change", {"operationStatus": "DeploymentFailed"}, "could not be deployed"),
        (
            "AppRunner Service Status Change",
            {"PreviousStatus": "OPERATION_IN_PROGRESS", "CurrentStatus": "CREATE_FAILED"},
            "could not be created",
        ),
    ],
)
def test_earlier_samples_spell_the_fields_differently(detail_type: str, status: dict[str, str], headline: str) -> None:
    """The guide had capitals first."""
    detail = {**status, "ServiceName": "my-app", "ServiceId": "8fe1", "Message": "s3cr3t", "Severity": "INFO"}
    told = notification({**EVENT, "detail-type": detail_type, "detail": detail})

    assert (told.name, told.headline, told.recognised) == ("my-app", headline, True)
    assert told.command == "aws logs tail /aws/apprunner/my-app/8fe1/service --since 1h --region us-east-2"
    assert "s3cr3t" not in repr(told)
