"""The particulars of EC2 Auto Scaling's events."""

import pytest

from tests.notifier.sources.documented_events import READ, notification


@pytest.mark.parametrize(
    ("detail_type", "status", "headline", "command"),
    [
        (
            "EC2 Instance Terminate Unsuccessful",
            "Unsuccessful",
            "could not terminate an instance",
            "aws autoscaling describe-scaling-activities --auto-scaling-group-name my-asg --region us-west-2",
        ),
        (
            "EC2 Auto Scaling Instance Refresh Failed",
            "Failed",
            "could not replace its instances",
            "aws autoscaling describe-instance-refreshes --auto-scaling-group-name my-asg --region us-west-2",
        ),
    ],
)
def test_the_detail_type_is_the_status(detail_type: str, status: str, headline: str, command: str) -> None:
    """An instance refresh has no status of its own."""
    detail = {"AutoScalingGroupName": "my-asg", "InstanceRefreshId": "c613620e", "Tags": "s3cr3t"}
    told = notification({**READ["as_launch_unsuccessful"], "detail-type": detail_type, "detail": detail})

    assert (told.severity, told.status, told.headline) == ("failure", status, headline)
    assert (told.command or "").endswith(command)
    assert told.values["operation"] == "c613620e"
    assert "s3cr3t" not in repr(told)
