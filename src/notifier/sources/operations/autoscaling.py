"""EC2 Auto Scaling: instances and instance refreshes that failed.

Fields are those of "Amazon EC2 Auto Scaling event reference" in the EC2 Auto Scaling User Guide. A detail-type names
the outcome itself.
"""

from typing import Final

from notifier.model.status_change import Recovery, failure
from notifier.sources.fields import Fields, first, in_arn
from notifier.sources.reader import EventType

ACTIVITIES: Final = "aws autoscaling describe-scaling-activities --auto-scaling-group-name {name}"
REFRESHES: Final = "aws autoscaling describe-instance-refreshes --auto-scaling-group-name {name}"
REFRESH: Final = "Read why the refresh failed, and start it again."
LAUNCH: Final = "Fix what the reason names: often the launch template, a quota, or a lack of capacity in the zone."
TERMINATE: Final = "Fix what the reason names; the group tries again."

# By detail-type.
FAILURES: Final = {
    "EC2 Auto Scaling Instance Refresh Failed": failure("could not replace its instances", REFRESH, REFRESHES),
    "EC2 Instance Launch Unsuccessful": failure("could not launch an instance", LAUNCH, ACTIVITIES),
    "EC2 Instance Terminate Unsuccessful": failure("could not terminate an instance", TERMINATE, ACTIVITIES),
}
FIELDS: Final[Fields] = {
    "name": first("AutoScalingGroupName", in_arn("autoScalingGroup:.*autoScalingGroupName/(.+)")),
    "status": lambda event: event.detail_type.rpartition(" ")[2],
    "reason": "StatusMessage",
    "operation": first("ActivityId", "InstanceRefreshId"),
}
FACTS: Final = {"Instance": "EC2InstanceId", "Availability Zone": "Details.Availability Zone"}

EVENT_TYPES: Final = {
    name: EventType(
        "AutoScalingGroup",
        "Auto Scaling group",
        FIELDS,
        {name.rpartition(" ")[2]: meaning},
        facts=FACTS,
        recovery=Recovery.NONE,
    )
    for name, meaning in FAILURES.items()
}
