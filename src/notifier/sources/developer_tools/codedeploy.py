"""CodeDeploy: deployments, and their instances where somebody sends these.

States and fields are those of "Monitoring deployments with Amazon CloudWatch Events" in the CodeDeploy User Guide;
botocore's CodeDeploy model spells the states in another way.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.arns import part
from notifier.sources.envelope import Event
from notifier.sources.reader import EventType, Field, Page, reader

PATTERN: Final = {
    "source": ["aws.codedeploy"],
    "detail-type": ["CodeDeploy Deployment State-change Notification"],
}

FAILURE, ACTION, PROGRESS = Severity.FAILURE, Severity.ACTION, Severity.PROGRESS
SUCCESS, INFO = Severity.SUCCESS, Severity.INFO

DEPLOYMENT: Final[Mapping[str, Meaning]] = {
    "FAILURE": Meaning(
        FAILURE,
        "could not be deployed",
        "Read the deployment's error. A rollback is a deployment of its own, whose success mends nothing.",
        "aws deploy get-deployment --deployment-id {operation} --query deploymentInfo.errorInformation",
    ),
    "QUEUED": Meaning(PROGRESS, "is queued to be deployed"),
    # The event does not say whether the deployment group waits for a person or goes on by itself.
    "READY": Meaning(
        ACTION,
        "is ready to shift traffic to its new instances",
        "Continue or stop the deployment, unless its group is set to go on by itself.",
        "aws deploy continue-deployment --deployment-id {operation} --deployment-wait-type READY_WAIT",
    ),
    "START": Meaning(PROGRESS, "is being deployed"),
    # An alarm stops a deployment, too, and its event does not say so.
    "STOP": Meaning(INFO, "was stopped from being deployed, by a person or an alarm"),
    "SUCCESS": Meaning(SUCCESS, "was deployed"),
}
INSTANCE: Final[Mapping[str, Meaning]] = {
    "FAILURE": Meaning(
        FAILURE,
        "could not be deployed to",
        "Read which of its lifecycle events failed, and that script's log.",
        "aws deploy get-deployment-target --deployment-id {operation} --target-id {instance}",
    ),
    "READY": Meaning(PROGRESS, "is ready to take traffic"),
    "SKIPPED": Meaning(INFO, "was skipped"),
    "START": Meaning(PROGRESS, "is being deployed to"),
    "STOP": Meaning(INFO, "was stopped from being deployed to"),
    "SUCCESS": Meaning(SUCCESS, "was deployed to"),
    "UNKNOWN": Meaning(INFO, "has an unknown state"),
}


def _group_arn(event: Event) -> str | None:
    """Find the deployment group's ARN, which stands in another place in each type of event."""
    groups = (arn for arn in event.resources if (part(arn, "resource") or "").startswith("deploymentgroup:"))
    return next(groups, None)


OF_A_DEPLOYMENT: Final[Mapping[str, Field]] = {
    "arn": _group_arn,
    "status": "state",
    "operation": "deploymentId",
    "application": "application",
    "group": "deploymentGroup",
}
DEPLOYMENT_PAGE: Final = Page("Open the deployment", "/codesuite/codedeploy/deployments/{operation}?region={region}")

EVENT_TYPES: Final = {
    "CodeDeploy Deployment State-change Notification": EventType(
        resource_type="CodeDeployDeployment",
        kind="application",
        fields=OF_A_DEPLOYMENT,
        name=("application", "group"),
        meanings=DEPLOYMENT,
        facts={"Deployment": "operation"},
        page=DEPLOYMENT_PAGE,
    ),
    "CodeDeploy Instance State-change Notification": EventType(
        resource_type="CodeDeployInstance",
        kind="instance",
        fields={**OF_A_DEPLOYMENT, "instance": "instanceId"},
        name=("application", "group", "instance"),
        parents=("CodeDeployDeployment/{account}/{region}/{application}/{group}",),
        meanings=INSTANCE,
        facts={"Deployment": "operation"},
        page=DEPLOYMENT_PAGE,
    ),
}
read = reader(EVENT_TYPES)
