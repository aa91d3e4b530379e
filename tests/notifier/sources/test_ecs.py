"""ECS: what a service's events do not say outright."""

from typing import Any, Final

import botocore.session
import pytest

from notifier.sources.operations.ecs import HOOK, SERVICE_ACTION
from tests.notifier.sources.documented_events import EVENTS, changed, notification, without

FAILED_HOOK: Final = changed(EVENTS["ecs_hook"], ("detail", "eventName"), "HOOK_FAILED")
CLUSTER: Final = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"
TASK: Final[dict[str, Any]] = {
    "source": "aws.ecs",
    "detail-type": "ECS Task State Change",
    "account": "123456789012",
    "region": "eu-west-1",
    "time": "2026-11-05T10:00:00Z",
    "resources": ["arn:aws:ecs:eu-west-1:123456789012:task/shop/0f9d"],
    "detail": {
        "taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/shop/0f9d",
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/checkout:7",
        "clusterArn": CLUSTER,
        "group": "service:checkout",
        "startedBy": "ecs-svc/17",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [
            {"name": "proxy", "exitCode": 0, "lastStatus": "STOPPED"},
            {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed", "lastStatus": "STOPPED"},
        ],
        "overrides": {"containerOverrides": [{"name": "app", "environment": [{"name": "TOKEN", "value": "s3cr3t"}]}]},
    },
}


def task(**detail: object) -> dict[str, Any]:
    """Build the event of a stopped task."""
    return {**TASK, "detail": {**TASK["detail"], **detail}}


def action(name: str, kind: str) -> dict[str, Any]:
    """Build an event of a service's scheduler."""
    event: dict[str, Any] = EVENTS["ecs_action_impaired_captured"]
    return {**event, "detail": {**event["detail"], "eventName": name, "eventType": kind}}


@pytest.mark.parametrize(
    "reason", ["Rolling back to ecs-svc/1", "ECS deployment alarm: rolling back to deploymentId 1."]
)
def test_a_rollback_is_a_failure_in_any_spelling(reason: str) -> None:
    """An event in progress says only in its reason that it is a rollback."""
    told = notification(changed(EVENTS["ecs_deployment_in_progress"], ("detail", "reason"), reason))

    assert told.severity == "failure"
    assert told.headline == "could not be deployed, and is rolling back"
    assert told.reason == reason
    assert '"was deployed"' in (told.next_step or "")


def test_the_end_of_a_rollback_is_no_recovery() -> None:
    """It reads like the end of any deployment; the deployment's id tells which version runs."""
    told = notification(EVENTS["ecs_deployment_captured"])

    assert told.severity == "success"
    assert told.values["operation"] == "ecs-svc/1702860048778063437"
    assert told.facts[0].value == "ecs-svc/1702860048778063437"


def test_the_time_of_a_deployment_is_its_own() -> None:
    """The envelope of the captured event is 78 seconds younger."""
    assert notification(EVENTS["ecs_deployment_captured"]).time == "2023-08-07 06:28:58 UTC"


def test_a_deployment_and_its_scheduler_are_about_one_service() -> None:
    """The recovery that ends the incident of one comes with an event of the other."""
    deployment = notification(EVENTS["ecs_deployment_failed"])
    placement = notification(EVENTS["ecs_action_placement_failure"])

    assert deployment.key == placement.key


def test_an_old_arn_has_no_cluster() -> None:
    """A deployment is then told by the service alone, without a link; the scheduler's events name the cluster."""
    arn = "arn:aws:ecs:eu-west-1:123456789012:service/checkout"
    deployment = notification({**EVENTS["ecs_deployment_failed"], "resources": [arn]})
    impaired = notification({**EVENTS["ecs_action_impaired_captured"], "resources": [arn]})

    assert (deployment.name, deployment.links) == ("checkout", ())
    assert deployment.command is None
    assert deployment.recognised
    assert impaired.name == "catalogue-2023-03-09/checkout"
    assert impaired.key == "EcsService/123456789012/eu-west-1/checkout"
    assert "--cluster catalogue-2023-03-09 --service-name checkout" in (impaired.command or "")


def test_an_event_without_a_service_has_no_name() -> None:
    """An ARN of another kind is no service."""
    told = notification({**EVENTS["ecs_deployment_failed"], "resources": [CLUSTER]})

    assert (told.title, told.recognised) == (
        "111122223333: ECS service (unnamed) could not be deployed (us-west-2)",
        False,
    )


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_a_link_leads_to_the_partitions_console(partition: str, region: str, host: str) -> None:
    """The partition is that of the ARN."""
    arn = f"arn:{partition}:ecs:{region}:123456789012:service/my cluster/checkout"

    told = notification({**EVENTS["ecs_deployment_failed"], "resources": [arn], "region": region})

    page = f"/ecs/v2/clusters/my%20cluster/services/checkout/deployments?region={region}"
    assert [link.url for link in told.links] == [host + page]


@pytest.mark.parametrize(
    ("kind", "severity"), [("ERROR", "failure"), ("WARN", "action"), ("INFO", "info"), ("NEW", "failure")]
)
def test_the_type_decides_about_an_unlisted_name(kind: str, severity: str) -> None:
    """Only a type that is unlisted, too, leaves the decision to the words of the name."""
    told = notification(action("SERVICE_TASK_NEW_FAILURE", kind))

    assert told.severity == severity
    assert told.headline == f'has the unknown status "SERVICE_TASK_NEW_FAILURE ({kind})"'
    assert told.status == "SERVICE_TASK_NEW_FAILURE"
    assert not told.recognised


@pytest.mark.parametrize(("kind", "severity"), [("ERROR", "failure"), ("WARN", "action"), ("INFO", "info")])
def test_the_type_decides_about_an_event_without_a_name(kind: str, severity: str) -> None:
    """It is still an error."""
    told = notification(without(action("", kind), ("detail", "eventName")))

    assert (told.severity, told.headline, told.recognised) == (severity, f'has the unknown status "{kind}"', False)


def test_a_hook_without_a_deadline_still_asks() -> None:
    """Only the time is missing."""
    told = notification(without(EVENTS["ecs_hook"], ("detail", "expiresAt")))

    assert "continue before it times out, or roll back" in (told.next_step or "")


def test_a_hook_without_its_deployment_has_no_command() -> None:
    """The command needs the deployment's ARN."""
    told = notification(without(EVENTS["ecs_hook"], ("detail", "serviceDeploymentArn")))

    assert told.command is None


def test_a_hook_of_a_service_with_a_long_name_has_its_command() -> None:
    """Names that CloudFormation makes are long, and its deadline does not wait."""
    arn = f"arn:aws:ecs:us-west-2:123456789012:service-deployment/{'c' * 80}/{'s' * 80}/0EYSiB0qap8xf0N76FsbE"
    told = notification(changed(EVENTS["ecs_hook"], ("detail", "serviceDeploymentArn"), arn))

    assert arn in (told.command or "")


def test_a_hook_is_named_by_its_deployment_if_need_be() -> None:
    """The deployment's ARN has the cluster and the service."""
    told = notification(without(without(EVENTS["ecs_hook"], ("detail", "serviceArn")), ("detail", "clusterArn")))

    assert told.name == "my-cluster/my-service"


def test_a_hook_without_resources_is_named_by_its_deployment() -> None:
    """One of the two samples of AWS has no resources."""
    event = without(without(EVENTS["ecs_hook_without_resources"], ("detail", "serviceArn")), ("detail", "clusterArn"))
    told = notification(event)

    assert (told.name, told.recognised) == ("my-cluster/my-service", True)


def test_a_person_who_chooses_the_rollback_causes_no_failure() -> None:
    """A pause hook fails by a person's choice, another hook by itself."""
    chosen = notification(FAILED_HOOK)
    failed = notification(changed(FAILED_HOOK, ("detail", "hookType"), "AWS_LAMBDA"))

    assert (chosen.severity, chosen.status) == ("info", "HOOK_FAILED")
    assert (failed.severity, failed.headline) == ("failure", "failed a hook of its deployment")


@pytest.mark.parametrize(
    ("shape", "prefix", "rows"),
    [
        ("DeploymentRolloutState", "SERVICE_DEPLOYMENT_", SERVICE_ACTION),
        ("DeploymentLifecycleHookStatus", "HOOK_", HOOK),
    ],
)
def test_every_state_of_the_model_has_an_event(shape: str, prefix: str, rows: dict[str, object]) -> None:
    """The events' names are the model's words with a prefix."""
    states = getattr(botocore.session.get_session().get_service_model("ecs").shape_for(shape), "enum", ())

    assert states
    assert {f"{prefix}{state}" for state in states} - set(rows) == set()


def test_a_failed_task_is_told_by_its_container() -> None:
    """The task's own reason only says that a container exited."""
    told = notification(TASK)

    assert told.title == "123456789012: ECS task shop/checkout stopped, because a container exited (eu-west-1)"
    assert told.reason == "app: exit code 137, OutOfMemoryError: Container killed"
    assert told.key == "EcsTask/123456789012/eu-west-1/shop/checkout"
    assert told.values["operation"] == "ecs-svc/17"
    assert told.facts[0].value == "checkout:7"
    assert "s3cr3t" not in repr(told)


@pytest.mark.parametrize(
    ("detail", "severity", "reason"),
    [
        ({"containers": [{"name": "job", "exitCode": 0.0}]}, "info", None),
        ({"containers": [{"exitCode": 1}]}, "failure", "container: exit code 1"),
        (
            {"containers": [{"name": "proxy", "exitCode": 143}, {"exitCode": 0}, {"name": "app", "exitCode": 1}]},
            "failure",
            "proxy: exit code 143; app: exit code 1",
        ),
        ({"containers": [{"name": "app", "reason": "PullError"}]}, "failure", "app: PullError"),
        ({"containers": "app"}, "failure", "Essential container in task exited"),
        ({"containers": ["app", {}], "stoppedReason": "x"}, "failure", "x"),
        ({"stopCode": "TaskFailedToStart", "containers": [], "stoppedReason": "y"}, "failure", "y"),
        ({"stopCode": "ServiceSchedulerInitiated"}, "info", None),
        ({"lastStatus": "DEPROVISIONING"}, "progress", None),
        ({"stopCode": None}, "info", None),
    ],
)  # fmt: skip
def test_a_task_is_judged_by_its_stop_code(detail: dict[str, object], severity: str, reason: str | None) -> None:
    """A container's reason comes before the task's own; the first that ended may only have been stopped then."""
    told = notification(task(**detail))

    assert (told.severity, told.reason) == (severity, reason)


def test_a_task_that_its_service_stopped_says_why() -> None:
    """It is no failure, so it has no reason."""
    stopped = "Scaling activity initiated by (deployment ecs-svc/17)"
    told = notification(task(stopCode="ServiceSchedulerInitiated", stoppedReason=stopped, containers=[]))

    assert ("Message", stopped) in {(fact.label, fact.value) for fact in told.facts}


def test_a_task_of_no_service_is_told_by_its_family() -> None:
    """It has no page of a service, and is an operation of its own."""
    told = notification(task(group="family:nightly", startedBy="scheduler"))

    assert (told.name, told.links) == ("shop/nightly", ())
    assert notification(task(group="batch")).name == "shop/checkout"
    assert told.values["operation"] == TASK["detail"]["taskArn"]
