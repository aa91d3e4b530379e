"""ECS: deployments of services, what their scheduler reports, hooks that pause a deployment, and tasks.

Fields are those of "Amazon ECS events" in the ECS Developer Guide.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from notifier.sources.arns import part
from notifier.sources.ecs.statuses import DEPLOYMENT, EVENT_KINDS, HOOK, SERVICE_ACTION, TASK
from notifier.sources.envelope import Event, parse_time, text_or_none
from notifier.sources.reader import EventType, Field, Page, reader

# A service's deployments are in "ECS Deployment State Change", too. Tasks are in no rule: each deployment stops some.
PATTERN: Final = {
    "source": ["aws.ecs"],
    "$or": [
        {"detail-type": ["ECS Deployment State Change", "ECS Hook State Change"]},
        {
            "detail-type": ["ECS Service Action"],
            "detail": {
                "eventType": ["WARN", "ERROR"],
                "eventName": [{"anything-but": {"prefix": "SERVICE_DEPLOYMENT_"}}],
            },
        },
    ],
}

# service/CLUSTER/NAME, or service/NAME in accounts with old ARNs; a deployment has its id at the end.
SERVICE: Final = re.compile(r"service(-deployment)?/((?P<cluster>[^/]+)/)?(?P<service>[^/]+)(/[^/]+)?")
ROLLING_BACK: Final = re.compile("rolling back to", re.IGNORECASE)


def _service(group: str) -> Callable[[Event], str | None]:
    """Make a field of the `cluster` or `service` in the service's ARN."""

    def field(event: Event) -> str | None:
        arns = (event.text("serviceArn"), *event.resources)
        found = (SERVICE.fullmatch(part(arn, "resource") or "") for arn in arns)
        return next((match[group] for match in found if match), None)

    return field


def _cluster(event: Event) -> str | None:
    resource = part(event.text("clusterArn"), "resource") or ""
    return resource.removeprefix("cluster/") or _service("cluster")(event)


def _path(*fields: Callable[[Event], str | None]) -> Callable[[Event], str | None]:
    """Join *fields* by slashes if the last one is known."""

    def field(event: Event) -> str | None:
        *before, last = (each(event) for each in fields)
        return "/".join(filter(None, (*before, last))) if last else None

    return field


def _outcome(event: Event) -> str | None:
    name, kind = event.text("eventName"), event.text("eventType")
    if name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and ROLLING_BACK.search(event.text("reason") or ""):
        return f"{name} rolling back"
    if name == "HOOK_FAILED" and event.text("hookType") == "PAUSE":
        return f"{name} PAUSE"
    return f"{name} ({kind})" if name and kind and name not in {*SERVICE_ACTION, *HOOK} else name


def _deployment(event: Event) -> str | None:
    return (part(event.text("serviceDeploymentArn"), "resource") or "").removeprefix("service-deployment/")


def _deadline(event: Event) -> str:
    moment = parse_time(event.text("expiresAt"))
    return f"{moment:%Y-%m-%d %H:%M:%S UTC}" if moment else "it times out"


def _group(prefix: str) -> Callable[[Event], str | None]:
    """Make a field of a task's group, which begins with `service:` or `family:`."""

    def field(event: Event) -> str | None:
        group = event.text("group") or ""
        return group.removeprefix(prefix) if group.startswith(prefix) else None

    return field


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


OF_A_SERVICE: Final[Mapping[str, Field]] = {
    "arn": "serviceArn",
    "cluster": _cluster,
    "ecs_service": _service("service"),
    "service_id": _path(_service("cluster"), _service("service")),
    "called": _path(_cluster, _service("service")),
    "status": "eventName",
    "outcome": _outcome,
    "reason": "reason",
}
# One for deployments and for what the scheduler reports: they are about the same service.
SERVICE_KEY: Final = "EcsService/{account}/{region}/{service_id}"
SERVICE_PAGE: Final = Page(
    "Open the service", "/ecs/v2/clusters/{cluster}/services/{ecs_service}/deployments?region={region}"
)

EVENT_TYPES: Final = {
    "ECS Deployment State Change": EventType(
        resource_type="EcsDeployment",
        kind="ECS service",
        # The event's own time is up to minutes later.
        fields={**OF_A_SERVICE, "operation": "deploymentId", "occurred_at": "updatedAt"},
        name=("called",),
        key=SERVICE_KEY,
        meanings=DEPLOYMENT,
        facts={"Deployment": "operation"},
        page=SERVICE_PAGE,
        unlisted=EVENT_KINDS,
    ),
    "ECS Hook State Change": EventType(
        resource_type="EcsHook",
        kind="ECS service",
        fields={
            **OF_A_SERVICE,
            "operation": "serviceDeploymentArn",
            "occurred_at": "updatedAt",
            "deployment": _deployment,
            "hook": "hookId",
            "stage": "lifecycleStage",
            "deadline": _deadline,
        },
        name=("called",),
        key="EcsHook/{account}/{region}/{deployment}/{hook}",
        parents=(SERVICE_KEY,),
        meanings=HOOK,
        facts={"Deployment": "deployment", "Stage": "stage"},
        page=SERVICE_PAGE,
        unlisted=EVENT_KINDS,
    ),
    "ECS Service Action": EventType(
        resource_type="EcsService",
        kind="ECS service",
        fields=OF_A_SERVICE,
        name=("called",),
        key=SERVICE_KEY,
        meanings=SERVICE_ACTION,
        page=SERVICE_PAGE,
        unlisted=EVENT_KINDS,
    ),
    "ECS Task State Change": EventType(
        resource_type="EcsTask",
        kind="ECS task",
        fields={
            "arn": "taskArn",
            "cluster": _cluster,
            "ecs_service": _group("service:"),
            "called": _path(_cluster, lambda event: _group("service:")(event) or _group("family:")(event)),
            "status": "lastStatus",
            "outcome": _stop,
            "reason": _stop_reason,
            "operation": _task_operation,
            "definition": lambda event: (part(event.text("taskDefinitionArn"), "resource") or "").rpartition("/")[2],
        },
        name=("called",),
        parents=("EcsService/{account}/{region}/{cluster}/{ecs_service}",),
        meanings=TASK,
        facts={"Task definition": "definition"},
        page=SERVICE_PAGE,
    ),
}
read = reader(EVENT_TYPES)
