"""ECS: deployments of services, what their scheduler reports, hooks that pause a deployment, and tasks.

Fields are those of "Amazon ECS events" in the ECS Developer Guide.
"""

import re
from dataclasses import replace
from typing import Final

from notifier.model.status_change import Recovery
from notifier.sources.ecs.statuses import DEPLOYMENT, EVENT_KINDS, HOOK, SERVICE_ACTION, TASK
from notifier.sources.envelope import Event, parse_time, text_or_none
from notifier.sources.fields import Fields, Find, first, in_arn, joined, matched
from notifier.sources.reader import EventType, Page

# service/CLUSTER/NAME, or service/NAME in accounts with old ARNs; a deployment has its id at the end.
SERVICE_CLUSTER: Final = in_arn("service(?:-deployment)?/([^/]+)/[^/]", "serviceArn")
SERVICE_NAME: Final = in_arn("service(?:-deployment)?/(?:[^/]+/)?([^/]+)", "serviceArn")
CLUSTER: Final = first(in_arn("cluster/(.+)", "clusterArn"), SERVICE_CLUSTER)
ROLLING_BACK: Final = re.compile("rolling back to", re.IGNORECASE)


def _in_cluster(cluster: Find, name: Find) -> Find:
    """Make a field of a cluster, where it is known, and a name."""
    return lambda event: name(event) and joined(cluster, name)(event)


def _outcome(event: Event) -> str | None:
    name, kind = event.text("eventName"), event.text("eventType")
    if name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and ROLLING_BACK.search(event.text("reason") or ""):
        return f"{name} rolling back"
    if name == "HOOK_FAILED" and event.text("hookType") == "PAUSE":
        return f"{name} PAUSE"
    return f"{name} ({kind})" if name and kind and name not in {*SERVICE_ACTION, *HOOK} else name


def _deadline(event: Event) -> str:
    moment = parse_time(event.text("expiresAt"))
    return f"{moment:%Y-%m-%d %H:%M:%S UTC}" if moment else "it times out"


def _containers(event: Event) -> list[dict[str, str | None]]:
    names = ("name", "exitCode", "reason")
    return [{name: text_or_none(each.get(name)) for name in names} for each in event.objects("containers")]


def _stop(event: Event) -> str | None:
    """Tell a stopped task by its stop code, and whether its containers exited without an error."""
    status, code = event.text("lastStatus"), event.text("stopCode")
    if status != "STOPPED" or not code:
        return status
    exits = {each["exitCode"] for each in _containers(event)}
    return f"{code} 0" if code == "EssentialContainerExited" and exits == {"0"} else code


def _stop_reason(event: Event) -> str | None:
    """Say why a container stopped: the task's own reason is mostly that one did."""
    for each in _containers(event):
        if each["reason"] or each["exitCode"] not in {None, "0"}:
            code = f"exit code {each['exitCode']}" if each["exitCode"] else None
            return f"{each['name'] or 'container'}: {', '.join(filter(None, (code, each['reason'])))}"
    return event.text("stoppedReason")


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
HOOK_FIELDS: Final[Fields] = {
    **FIELDS,
    "operation": "serviceDeploymentArn",
    "occurred_at": "updatedAt",
    "deployment": in_arn("service-deployment/(.+)", "serviceDeploymentArn"),
    "hook": "hookId",
    "deadline": _deadline,
}
TASK_FIELDS: Final[Fields] = {
    "arn": "taskArn",
    "cluster": CLUSTER,
    "ecs_service": matched("service:(.+)", "group"),
    "name": _in_cluster(CLUSTER, matched("(?:service|family):(.+)", "group")),
    "status": "lastStatus",
    "outcome": _stop,
    "reason": _stop_reason,
    # The deployment that started the task; a task of no service is an operation of its own.
    "operation": first(matched("(ecs-svc/.+)", "startedBy"), "taskArn"),
}
PAGE: Final = Page("Open the service", "/ecs/v2/clusters/{cluster}/services/{ecs_service}/deployments?region={region}")
# Its deployments have this key, too.
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
        fields=HOOK_FIELDS,
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
        TASK_FIELDS,
        TASK,
        facts={"Task definition": in_arn("task-definition/(.+)", "taskDefinitionArn")},
        page=PAGE,
        parents=("EcsService/{account}/{region}/{cluster}/{ecs_service}",),
        recovery=Recovery.NONE,
    ),
}
