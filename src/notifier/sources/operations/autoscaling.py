"""EC2 Auto Scaling: instances and instance refreshes that failed.

Fields are those of "Amazon EC2 Auto Scaling event reference" in the EC2 Auto Scaling User Guide. A detail-type names
the outcome itself.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.reader import EventType, Field, first, reader

ACTIVITIES: Final = "aws autoscaling describe-scaling-activities --auto-scaling-group-name {group} --region {region}"
REFRESHES: Final = "aws autoscaling describe-instance-refreshes --auto-scaling-group-name {group} --region {region}"

# By detail-type: the headline, the next step and its command.
FAILURES: Final[Mapping[str, tuple[str, str, str]]] = {
    "EC2 Auto Scaling Instance Refresh Failed": (
        "could not replace its instances",
        "Read why the refresh failed, and start it again.",
        REFRESHES,
    ),
    "EC2 Instance Launch Unsuccessful": (
        "could not launch an instance",
        "Fix what the reason names: often the launch template, a quota, or a lack of capacity in the zone.",
        ACTIVITIES,
    ),
    "EC2 Instance Terminate Unsuccessful": (
        "could not terminate an instance",
        "Fix what the reason names; the group tries again.",
        ACTIVITIES,
    ),
}
PATTERN: Final = {"source": ["aws.autoscaling"], "detail-type": list(FAILURES)}

FIELDS: Final[Mapping[str, Field]] = {
    "status": lambda event: event.detail_type.rpartition(" ")[2],
    "reason": "StatusMessage",
    "operation": first("ActivityId", "InstanceRefreshId"),
    "group": "AutoScalingGroupName",
    "instance": "EC2InstanceId",
    "zone": "Details.Availability Zone",
}

EVENT_TYPES: Final = {
    detail_type: EventType(
        resource_type="AutoScalingGroup",
        kind="Auto Scaling group",
        fields=FIELDS,
        name=("group",),
        meanings={detail_type.rpartition(" ")[2]: Meaning(Severity.FAILURE, headline, step, command)},
        facts={"Instance": "instance", "Availability Zone": "zone"},
    )
    for detail_type, (headline, step, command) in FAILURES.items()
}
read = reader(EVENT_TYPES)
