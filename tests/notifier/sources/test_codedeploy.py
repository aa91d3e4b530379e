"""The particulars of CodeDeploy's events."""

import pytest

from tests.notifier.sources.documented_events import READ, changed, notification, read

GROUP = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:myApplication/myDeploymentGroup"


@pytest.mark.parametrize("name", ["cd_deployment", "cd_instance"])
def test_the_resource_is_the_deployment_group(name: str) -> None:
    """Its ARN is the second of the resources; the first is of another type."""
    assert notification(READ[name]).arn == GROUP
    assert notification({**READ[name], "resources": READ[name]["resources"][:1]}).arn != GROUP


def test_a_failed_deployment_says_where_its_error_is() -> None:
    """The event has none."""
    told = notification(changed(READ["cd_deployment"], ("detail", "state"), "FAILURE"))

    assert (told.severity, told.title) == (
        "failure",
        "123456789012: application myApplication/myDeploymentGroup could not be deployed (us-east-1)",
    )
    assert told.next_step == (
        "Read the deployment's error. A rollback is a deployment of its own, whose success mends nothing."
    )
    assert told.command == (
        "aws deploy get-deployment --deployment-id d-123456789 --query deploymentInfo.errorInformation "
        "--region us-east-1"
    )


def test_a_ready_deployment_may_wait_for_a_person() -> None:
    """A wait that nobody notices ends as a stopped deployment."""
    told = notification(changed(READ["cd_deployment"], ("detail", "state"), "READY"))

    assert (told.severity, told.headline) == ("action", "is ready to shift traffic to its new instances")
    assert "continue-deployment --deployment-id d-123456789" in (told.command or "")


def test_an_instance_belongs_to_its_deployment() -> None:
    """The parent is the key of the deployment's events."""
    assert read(READ["cd_instance"]).change.parents == (notification(READ["cd_deployment"]).key,)
