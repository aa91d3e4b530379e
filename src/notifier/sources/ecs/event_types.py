"""ECS: deployments of services, what their scheduler reports, hooks that pause a deployment, and tasks.

Fields are those of "Amazon ECS events" in the ECS Developer Guide.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from notifier.sources.arns import part
from notifier.sources.ecs.statuses import DEPLOYMENT, EVENT_KINDS, HOOK, SERVICE_ACTION, TASK
from notifier.sources.envelope import Event, parse_time, text_or_none
from notifier.sources.reader import EventType, Page, reader

ERRORS: Final = {"eventType": ["WARN", "ERROR"], "eventName": [{"anything-but": {"prefix": "SERVICE_DEPLOYMENT_"}}]}
# A service's deployments are in "ECS Deployment State Change", too. Tasks are in no rule: each deployment stops some.
PATTERN: Final = {
    "source": ["aws.ecs"],
    "$or": [
        {"detail-type": ["ECS Deployment State Change", "ECS Hook State Change"]},
        {"detail-type": ["ECS Service Action"], "detail": ERRORS},
    ],
}

# service/CLUSTER/NAME, or service/NAME in accounts with old ARNs; a deployment has its id at the end.
SERVICE_ARN: Final = re.compile(r"service(-deployment)?/((?P<cluster>[^/]+)/)?(?P<service>[^/]+)(/[^/]+)?")
ROLLING_BACK: Final = re.compile("rolling back to", re.IGNORECASE)


def _resource(path: str) -> Callable[[Event], str]:
    """Make a field of the resource in the ARN at *path*, without its type."""
    return lambda event: (part(event.text(path), "resource") or "").partition("/")[2]


def _service(event: Event) -> tuple[str | None, str | None]:
    """Read the cluster, where there is one, and the service in the service's ARN."""
    for arn in (event.text("serviceArn"), *event.resources):
        if found := SERVICE_ARN.fullmatch(part(arn, "resource") or ""):
            return found["cluster"], found["service"]
    return None, None


def _cluster(event: Event) -> str | None:
    return _resource("clusterArn")(event) or _service(event)[0]


def _joined(cluster: str | None, name: str | None) -> str | None:
    return f"{cluster}/{name}" if cluster and name else name


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


def _group(event: Event, *kinds: str) -> str | None:
    """Name the task's group if it is one of *kinds*."""
    kind, _, name = (event.text("group") or "").partition(":")
    return name if kind in kinds else None


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


def _task_operation(event: Event) -> str | None:
    """Name the deployment that started the task; a task of no service is an operation of its own."""
    started_by = event.text("startedBy") or ""
    return started_by if started_by.startswith("ecs-svc/") else event.text("taskArn")


# Deployments have its key, too: both are about the service.
SERVICE: Final = EventType(
    resource_type="EcsService",
    kind="ECS service",
    fields={
        "arn": "serviceArn",
        "cluster": _cluster,
        "ecs_service": lambda event: _service(event)[1],
        "service_id": lambda event: _joined(*_service(event)),
        "name": lambda event: _joined(_cluster(event), _service(event)[1]),
        "status": "eventName",
        "outcome": _outcome,
        "reason": "reason",
    },
    key="EcsService/{account}/{region}/{service_id}",
    meanings=SERVICE_ACTION,
    page=Page("Open the service", "/ecs/v2/clusters/{cluster}/services/{ecs_service}/deployments?region={region}"),
    unlisted=EVENT_KINDS,
)

EVENT_TYPES: Final = {
    "ECS Deployment State Change": replace(
        SERVICE,
        resource_type="EcsDeployment",
        # The event's own time is up to minutes later.
        fields={**SERVICE.fields, "operation": "deploymentId", "occurred_at": "updatedAt"},
        meanings=DEPLOYMENT,
        facts={"Deployment": "operation"},
    ),
    "ECS Hook State Change": replace(
        SERVICE,
        resource_type="EcsHook",
        fields={
            **SERVICE.fields,
            "operation": "serviceDeploymentArn",
            "occurred_at": "updatedAt",
            "deployment": _resource("serviceDeploymentArn"),
            "hook": "hookId",
            "stage": "lifecycleStage",
            "deadline": _deadline,
        },
        key="EcsHook/{account}/{region}/{deployment}/{hook}",
        parents=(SERVICE.key,),
        meanings=HOOK,
        facts={"Deployment": "deployment", "Stage": "stage"},
    ),
    "ECS Service Action": SERVICE,
    "ECS Task State Change": EventType(
        resource_type="EcsTask",
        kind="ECS task",
        fields={
            "arn": "taskArn",
            "cluster": _cluster,
            "ecs_service": lambda event: _group(event, "service"),
            "name": lambda event: _joined(_cluster(event), _group(event, "service", "family")),
            "status": "lastStatus",
            "outcome": _stop,
            "reason": _stop_reason,
            "operation": _task_operation,
            "definition": _resource("taskDefinitionArn"),
        },
        parents=("EcsService/{account}/{region}/{cluster}/{ecs_service}",),
        meanings=TASK,
        facts={"Task definition": "definition"},
        page=SERVICE.page,
    ),
}
read = reader(EVENT_TYPES)
