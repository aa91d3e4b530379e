"""CodeDeploy: deployments, and their instances if an account sends these.

States and fields are those of "Monitoring deployments with Amazon CloudWatch Events" in the CodeDeploy User Guide;
botocore's CodeDeploy model spells the states differently.
"""

from dataclasses import replace
from typing import Final

from notifier.model.status_change import Ending, Meanings, Recovery, action, failure, info, progress, success
from notifier.sources.fields import Fields, first, in_arn, marked
from notifier.sources.reader import EventType, Page

GET_ERROR: Final = "aws deploy get-deployment --deployment-id {operation} --query deploymentInfo.errorInformation"
GO_ON: Final = "aws deploy continue-deployment --deployment-id {operation} --deployment-wait-type READY_WAIT"
GET_TARGET: Final = "aws deploy get-deployment-target --deployment-id {operation} --target-id {instance}"

# The events do not say whether a ready deployment waits for a person or continues by itself, or whether a person or an
# alarm stopped a deployment.
READ_ERROR: Final = "Read the deployment's error. A rollback is a deployment of its own, whose success mends nothing."
CONTINUE: Final = "Continue or stop the deployment, unless its group is set to go on by itself."
DEPLOYMENT: Final[Meanings] = {
    "FAILURE": failure("could not be deployed", READ_ERROR, GET_ERROR),
    "QUEUED": progress("is queued to be deployed"),
    "READY": action("is ready to shift traffic to its new instances", CONTINUE, GO_ON),
    "START": progress("is being deployed"),
    "STOP": info("was stopped from being deployed, by a person or an alarm", ending=Ending.DONE),
    "SUCCESS": success("was deployed"),
    "SUCCESS ROLLBACK": success("was rolled back", ending=Ending.ROLLED_BACK),
}
READ_LOG: Final = "Read which of its lifecycle events failed, and that script's log."
INSTANCE: Final[Meanings] = {
    "FAILURE": failure("could not be deployed to", READ_LOG, GET_TARGET),
    "READY": progress("is ready to take traffic"),
    "SKIPPED": info("was skipped"),
    "START": progress("is being deployed to"),
    "STOP": info("was stopped from being deployed to"),
    "SUCCESS": success("was deployed to"),
    "UNKNOWN": info("has an unknown state"),
}

# The creators of rollbacks in botocore's model. No event names the creator: `handlers.events` asks AWS and adds it.
ROLLBACKS: Final = frozenset({"CloudFormationRollback", "codeDeployRollback"})
OF_A_DEPLOYMENT: Final[Fields] = {
    # The position of the group's ARN differs between the types of events.
    "arn": lambda event: next((arn for arn in event.resources if ":deploymentgroup:" in arn), None),
    "status": "state",
    "operation": "deploymentId",
    "application": first("application", in_arn("(?:application:|deploymentgroup:)([^/]+)")),
    "group": first("deploymentGroup", in_arn("deploymentgroup:[^/]+/(.+)")),
}
DEPLOYMENT_ROW: Final = EventType(
    "CodeDeployDeployment",
    "application",
    {**OF_A_DEPLOYMENT, "outcome": marked("state", "SUCCESS", "ROLLBACK", "creator", ROLLBACKS)},
    DEPLOYMENT,
    ("application", "group"),
    facts={"Deployment": "operation"},
    page=Page("Open the deployment", "/codesuite/codedeploy/deployments/{operation}?region={region}"),
)
EVENT_TYPES: Final = {
    "CodeDeploy Deployment State-change Notification": DEPLOYMENT_ROW,
    "CodeDeploy Instance State-change Notification": replace(
        DEPLOYMENT_ROW,
        resource_type="CodeDeployInstance",
        kind="instance",
        fields={**OF_A_DEPLOYMENT, "instance": "instanceId"},
        meanings=INSTANCE,
        name=("application", "group", "instance"),
        parents=("CodeDeployDeployment/{account}/{region}/{application}/{group}",),
        recovery=Recovery.NONE,
    ),
}
