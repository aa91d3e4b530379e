"""ECS: deployments of services, reports of their scheduler, hooks that pause a deployment, and tasks.

Fields and event names are those of "Amazon ECS events" in the ECS Developer Guide, stop codes those of botocore.
"""

import re
from dataclasses import replace
from typing import Final

from notifier.model.status_change import Ending, Meanings, Recovery, action, failure, info, progress, success
from notifier.sources.envelope import Event, parse_time, text_or_none
from notifier.sources.fields import Fields, Find, first, in_arn, joined, matched
from notifier.sources.reader import EventType, Page
from notifier.sources.unlisted import EVENT_KINDS

READ_TASKS: Final = "Read why its tasks stopped: ECS keeps them for about an hour."
LIST_TASKS: Final = "aws ecs list-tasks --cluster {cluster} --service-name {ecs_service} --desired-status STOPPED"
ROLLING_BACK: Final = re.compile("rolling back to", re.IGNORECASE)
ROLLBACK: Final = f'{READ_TASKS} If "was deployed" follows, the old version runs again.'
NO_DEPLOY: Final = "could not be deployed"
DEPLOYMENT: Final[Meanings] = {
    # The end of a rollback has the same event name; only the deployment's id differs.
    "SERVICE_DEPLOYMENT_COMPLETED": success("was deployed"),
    "SERVICE_DEPLOYMENT_FAILED": failure(NO_DEPLOY, READ_TASKS, LIST_TASKS),
    "SERVICE_DEPLOYMENT_IN_PROGRESS": progress("is being deployed"),
    "SERVICE_DEPLOYMENT_IN_PROGRESS rolling back": failure(f"{NO_DEPLOY}, and is rolling back", ROLLBACK, LIST_TASKS),
}
FEWER: Final = "Deploy and scale fewer services at a time, or ask for a higher quota."
HEALTH: Final = "Check the health of its tasks."
HOSTS: Final = "Check that its tasks run, and that their hosts are connected."
CONSTRAINT: Final = "Compare the attributes of its container instances with its placement constraint."
ROLE: Final = "Fix what the reason names: often ECS may not assume the task's role, or tags need the new ARN format."
ROOM: Final = "The reason names what is missing, such as CPU, MEMORY or FARGATE: add capacity, or ask for less of it."
SERVICE_ACTION: Final[Meanings] = {
    **DEPLOYMENT,
    "CAPACITY_PROVIDER_STEADY_STATE": info("has a capacity provider in a steady state"),
    "ECS_OPERATION_THROTTLED": action("is being throttled by ECS", FEWER),
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": failure("violates its placement constraint", CONSTRAINT),
    "SERVICE_DESIRED_COUNT_UPDATED": info("has a new number of desired tasks"),
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": action("has unhealthy targets in service discovery", HEALTH),
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": action("is being throttled by AWS Cloud Map", FEWER),
    "SERVICE_HEALTH_UNKNOWN": failure("has tasks of unknown health", HOSTS),
    "SERVICE_STEADY_STATE": info("is in a steady state"),
    "SERVICE_TASK_CONFIGURATION_FAILURE": failure("cannot place a task because of its configuration", ROLE),
    "SERVICE_TASK_PLACEMENT_FAILURE": failure("has no room for a task", ROOM),
    "SERVICE_TASK_START_IMPAIRED": failure("cannot start its tasks", READ_TASKS, LIST_TASKS),
    "TASKSET_STEADY_STATE": info("has a task set in a steady state"),
    "TASKS_STOPPED": info("stopped tasks"),
    "VPC_LATTICE_TARGET_UNHEALTHY": action("has unhealthy targets in VPC Lattice", HEALTH),
}

CHOOSE: Final = "Check the new version, then continue before {deadline}, or roll back with --action ROLLBACK."
CONTINUE: Final = (
    "aws ecs continue-service-deployment --service-deployment-arn {operation} --hook-id {hook} --action CONTINUE"
)
HOOK_LOG: Final = "Read the log of the hook's function, then deploy again."
HOOK_LIMIT: Final = "Look at the deployment: it rolls back, unless the hook's time-out is set to continue."
HOOK: Final[Meanings] = {
    "HOOK_AWAITING_ACTION": action("waits before the next step of its deployment", CHOOSE, CONTINUE),
    "HOOK_FAILED": failure("failed a hook of its deployment", HOOK_LOG),
    "HOOK_FAILED PAUSE": info("is to roll back its deployment, as a person decided", ending=Ending.DONE),
    "HOOK_IN_PROGRESS": progress("is running a hook of its deployment"),
    "HOOK_SUCCEEDED": info("passed a hook of its deployment", ending=Ending.DONE),
    "HOOK_SUCCEEDED PAUSE": success("passed a hook of its deployment", ending=Ending.DONE),
    "HOOK_TIMED_OUT": failure("has a deployment hook that timed out", HOOK_LIMIT),
}

CONTAINER_LOG: Final = "Read the logs of the containers that the reason names."
START: Final = "Fix what the reason names: often the image, a secret, a role or the network."
TRANSIENT: Final = ("PROVISIONING", "PENDING", "ACTIVATING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")
# By the stop code if the task is stopped, otherwise by its last status.
TASK: Final[Meanings] = {
    **{status: progress(f"is {status.lower()}") for status in TRANSIENT},
    "DELETED": info("was deleted"),
    "RUNNING": info("is running"),
    "STOPPED": info("stopped"),
    "EssentialContainerExited": failure("stopped, because a container exited", CONTAINER_LOG),
    "EssentialContainerExited 0": info("finished"),
    "InfrastructureHealth": info("was stopped, because its host is unhealthy"),
    "ServiceSchedulerInitiated": info("was stopped by its service"),
    "SpotInterruption": info("was stopped, because its Spot capacity was taken back"),
    "TaskFailedToStart": failure("could not start", START),
    "TerminationNotice": info("was stopped, because its host is being terminated"),
    "UserInitiated": info("was stopped by a user"),
}

# service/CLUSTER/NAME, or service/NAME in accounts with old ARNs; the ARN of a deployment ends with its id.
SERVICE_CLUSTER: Final = in_arn("service(?:-deployment)?/([^/]+)/[^/]", "serviceArn", "serviceDeploymentArn")
SERVICE_NAME: Final = in_arn("service(?:-deployment)?/(?:[^/]+/)?([^/]+)", "serviceArn", "serviceDeploymentArn")
FAMILY: Final = in_arn("task-definition/([^:]+)", "taskDefinitionArn")
CLUSTER: Final = first(in_arn("cluster/(.+)", "clusterArn"), SERVICE_CLUSTER)


def _in_cluster(cluster: Find, name: Find) -> Find:
    return lambda event: name(event) and joined(cluster, name)(event)


def _outcome(event: Event) -> str | None:
    name, kind = event.text("eventName"), event.text("eventType")
    if name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and ROLLING_BACK.search(event.text("reason") or ""):
        return f"{name} rolling back"
    if event.text("hookType") == "PAUSE" and (pause := f"{name} PAUSE") in HOOK:
        return pause
    return f"{name} ({kind})" if name and kind and name not in {*SERVICE_ACTION, *HOOK} else name or kind


def _deadline(event: Event) -> str:
    moment = parse_time(event.text("expiresAt"))
    return f"{moment:%Y-%m-%d %H:%M:%S UTC}" if moment else "it times out"


def _stop(event: Event) -> str | None:
    status, code = event.text("lastStatus"), event.text("stopCode")
    if status != "STOPPED" or not code:
        return status
    exits = {text_or_none(each.get("exitCode")) for each in event.objects("containers")}
    return f"{code} 0" if code == "EssentialContainerExited" and exits == {"0"} else code


def _stop_reason(event: Event) -> str | None:
    """Return the reasons of the stopped containers, because the task's own reason mostly says only that one stopped."""
    causes = []
    for each in event.objects("containers"):
        name, code, reason = (text_or_none(each.get(key)) for key in ("name", "exitCode", "reason"))
        if reason or code not in {None, "0"}:
            causes.append(f"{name or 'container'}: {', '.join(filter(None, (code and f'exit code {code}', reason)))}")
    return "; ".join(causes) or event.text("stoppedReason")


FIELDS: Final[Fields] = {
    "arn": "serviceArn",
    "cluster": CLUSTER,
    "ecs_service": SERVICE_NAME,
    "service_id": _in_cluster(SERVICE_CLUSTER, SERVICE_NAME),
    "name": _in_cluster(CLUSTER, SERVICE_NAME),
    "status": "eventName",
    "outcome": _outcome,
    "reason": "reason",
}
PAGE: Final = Page("Open the service", "/ecs/v2/clusters/{cluster}/services/{ecs_service}/deployments?region={region}")
KEY: Final = "EcsService/{account}/{region}/{service_id}"
SERVICE: Final = EventType(
    "EcsService",
    "ECS service",
    FIELDS,
    SERVICE_ACTION,
    key=KEY,
    page=PAGE,
    recovery=Recovery.OPERATION,
    unlisted=EVENT_KINDS,
)

EVENT_TYPES: Final = {
    "ECS Deployment State Change": replace(
        SERVICE,
        resource_type="EcsDeployment",
        # The event's own time is up to minutes later.
        fields={**FIELDS, "operation": "deploymentId", "occurred_at": "updatedAt"},
        meanings=DEPLOYMENT,
        facts={"Deployment": "operation"},
    ),
    "ECS Hook State Change": replace(
        SERVICE,
        resource_type="EcsHook",
        fields={
            **FIELDS,
            "operation": "serviceDeploymentArn",
            "occurred_at": "updatedAt",
            "deployment": in_arn("service-deployment/(.+)", "serviceDeploymentArn"),
            "hook": "hookId",
            "deadline": _deadline,
        },
        meanings=HOOK,
        facts={"Deployment": "deployment", "Stage": "lifecycleStage"},
        key="EcsHook/{account}/{region}/{deployment}/{hook}",
        parents=(KEY,),
        recovery=Recovery.PARENT,
    ),
    "ECS Service Action": SERVICE,
    "ECS Task State Change": EventType(
        "EcsTask",
        "ECS task",
        {
            "arn": "taskArn",
            "cluster": CLUSTER,
            "ecs_service": matched("service:(.+)", "group"),
            "name": _in_cluster(CLUSTER, first(matched("(?:service|family):(.+)", "group"), FAMILY)),
            "status": "lastStatus",
            "outcome": _stop,
            "reason": _stop_reason,
            # The deployment that started the task; a task without a service is its own operation.
            "operation": first(matched("(ecs-svc/.+)", "startedBy"), "taskArn"),
        },
        TASK,
        facts={"Task definition": in_arn("task-definition/(.+)", "taskDefinitionArn"), "Message": "reason"},
        page=PAGE,
        parents=("EcsService/{account}/{region}/{cluster}/{ecs_service}",),
        recovery=Recovery.NONE,
    ),
}
