"""The reasons that AWS tells when it is asked; each answer has the shape of botocore's model."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError

from notifier.lookups import PAUSE_SECONDS, Lookups
from notifier.model.status_change import StatusChange
from notifier.reasons import LOOKUPS, creator, reason
from tests.readers import Reader

NOW = datetime(2026, 3, 3, 3, tzinfo=UTC)
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/checkout/11111111-2222-3333-4444-555555555555"
NESTED = (
    "arn:aws:cloudformation:eu-west-1:123456789012:stack/checkout-Db-1ABCDEFGHIJKL/66666666-2222-3333-4444-555555555555"
)
ENDED = [{"name": "proxy", "exitCode": 143}, {"name": "ok", "exitCode": 0}, {"name": "app", "exitCode": 1}]


def change(resource_type: str, **fields: Any) -> StatusChange:  # noqa: ANN401 - any field
    """Make a failure of the type *resource_type*."""
    usual: dict[str, Any] = {
        "event_id": "e-1",
        "source": "aws",
        "resource_type": resource_type,
        "kind": "stack",
        "name": "checkout",
        "account": "123456789012",
        "region": "eu-west-1",
        "occurred_at": NOW,
        "arn": STACK,
        "operation": "o-1",
    }
    return StatusChange(**usual | fields)


def reasons(reader: Any, clock: Callable[[], float] = lambda: 0.0) -> Callable[[StatusChange], str | None]:  # noqa: ANN401 - a Reader
    """Ask in the account of the failures above."""
    return partial(reason, Lookups(reader.reader, "123456789012", clock))


def event(status: str, seconds: int, reason: str = "", **fields: str) -> dict[str, Any]:
    """Make an event of the stack."""
    return {
        "StackId": STACK,
        "StackName": "checkout",
        "EventId": str(seconds),
        "LogicalResourceId": "Database",
        "PhysicalResourceId": "db-1",
        "ResourceType": "AWS::RDS::DBInstance",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": NOW + timedelta(seconds=seconds),
        **fields,
    }


def own(status: str, seconds: int) -> dict[str, Any]:
    """Make an event of the stack about itself."""
    return event(
        status,
        seconds,
        LogicalResourceId="checkout",
        PhysicalResourceId=STACK,
        ResourceType="AWS::CloudFormation::Stack",
    )


def described(**fields: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - any field
    """Answer what the stack is like."""
    stack = {"StackName": "checkout", "CreationTime": NOW, "StackStatus": "UPDATE_ROLLBACK_COMPLETE", **fields}
    return "describe_stacks", {"Stacks": [stack]}


UPGRADE = "Cannot upgrade from 15.4 to 14.2"
TOLD = f"Database (AWS::RDS::DBInstance) - {UPGRADE}"
# Newest first, as CloudFormation lists them: the latest attempt, and one before it.
EVENTS = [
    own("UPDATE_ROLLBACK_COMPLETE", 0),
    event("UPDATE_COMPLETE", -1),
    own("UPDATE_ROLLBACK_IN_PROGRESS", -2),
    event("UPDATE_FAILED", -3, "Resource update cancelled", LogicalResourceId="Queue"),
    event("UPDATE_FAILED", -4, UPGRADE),
    own("UPDATE_IN_PROGRESS", -9),
    event("UPDATE_FAILED", -90, "an older attempt"),
    own("UPDATE_IN_PROGRESS", -99),
]
OPERATIONS = [{"OperationType": "UPDATE_STACK", "OperationId": "op-2"}]


def operation_event(operation: str, seconds: int, reason: str) -> dict[str, Any]:
    """Make a failed event of an operation."""
    left_out = ("StackName",)
    made = event("UPDATE_FAILED", seconds, reason, OperationId=operation)
    return {key: value for key, value in made.items() if key not in left_out}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([described(), ("describe_stack_events", {"StackEvents": EVENTS})], TOLD),
        (
            [
                described(LastOperations=OPERATIONS),
                (
                    "describe_events",
                    {
                        "OperationEvents": [
                            operation_event("op-2", -4, UPGRADE),
                            operation_event("op-1", -90, "an older attempt"),
                        ]
                    },
                ),
            ],
            TOLD,
        ),
        (
            [
                described(LastOperations=OPERATIONS),
                ("describe_events", {"OperationEvents": [operation_event("op-1", -9, "no")]}),
            ],
            None,
        ),
        (
            [
                described(),
                (
                    "describe_stack_events",
                    {"StackEvents": [event("UPDATE_FAILED", 60, "a later attempt"), *EVENTS[5:]]},
                ),
            ],
            None,
        ),
        (
            [
                described(),
                (
                    "describe_stack_events",
                    {
                        "StackEvents": [
                            event(
                                "UPDATE_FAILED",
                                -3,
                                "Embedded stack was not successfully updated",
                                LogicalResourceId="Db",
                                PhysicalResourceId=NESTED,
                                ResourceType="AWS::CloudFormation::Stack",
                            )
                        ]
                    },
                ),
                described(),
                ("describe_stack_events", {"StackEvents": [event("UPDATE_FAILED", -4, UPGRADE)]}),
            ],
            TOLD,
        ),
        ([described(), ("describe_stack_events", {"StackEvents": []})], None),
        ([("describe_stacks", "ValidationError")], None),
        ([described(), ("describe_stack_events", "Throttling")], None),
    ],
    ids=["fallback", "by operation", "another operation", "a later attempt", "nested", "nothing", "gone", "throttled"],
)
def test_a_stack_failed_for_the_first_resource_of_its_operation(
    answers: Sequence[tuple[str, dict[str, Any] | str]], reason: str | None
) -> None:
    """Neither a consequence of the failure, nor the reason of another attempt."""
    assert reasons(Reader(answers))(change("CloudFormationStack")) == reason


def failed_in(*events: dict[str, Any]) -> Reader:
    """Answer the failed events of the latest operation."""
    return Reader([described(LastOperations=OPERATIONS), ("describe_events", {"OperationEvents": [*events]})])


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ({"HookStatusReason": "no encryption"}, "Database (AWS::RDS::DBInstance) - no encryption"),
        ({"ValidationStatusReason": "exists"}, "Database (AWS::RDS::DBInstance) - exists"),
        ({"HookStatusReason": "no encryption", "HookFailureMode": "WARN"}, None),
        ({"ValidationStatusReason": "exists", "ValidationFailureMode": "WARN"}, None),
    ],
)
def test_a_hook_or_check_that_blocks_is_the_reason(hook: dict[str, str], reason: str | None) -> None:
    """One that only warns let the operation go on."""
    found = reasons(failed_in({**operation_event("op-2", -4, ""), **hook}))(change("CloudFormationStack"))

    assert found == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"HookType": "Org::Rule::Hook", "PhysicalResourceId": STACK}, "Org::Rule::Hook - no encryption"),
        ({"ValidationName": "NAMES"}, "NAMES - no encryption"),
        ({}, "no encryption"),
    ],
)
def test_a_hook_of_the_stack_itself_names_no_resource(fields: dict[str, str], reason: str) -> None:
    """No field of such an event is required."""
    blocked = {"OperationId": "op-2", "Timestamp": NOW, "HookStatusReason": "no encryption", **fields}

    assert reasons(failed_in(blocked))(change("CloudFormationStack")) == reason


def test_the_fallback_is_asked_where_the_newer_question_is_refused() -> None:
    """A region may not have it yet, or a role may not ask it."""
    answers: list[tuple[str, dict[str, Any] | str]] = [
        described(LastOperations=OPERATIONS),
        ("describe_events", "InvalidAction"),
        ("describe_stack_events", {"StackEvents": EVENTS}),
    ]

    assert reasons(Reader(answers))(change("CloudFormationStack")) == TOLD


@pytest.mark.parametrize("status", ["ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_a_rollback_failed_for_its_last_failure(status: str) -> None:
    """The first one is why it rolls back, not why it is stuck."""
    stuck = operation_event("op-2", -1, "Security group is gone")

    found = reasons(failed_in(stuck, operation_event("op-2", -4, UPGRADE)))

    assert found(change("CloudFormationStack", status=status)) == (
        "Database (AWS::RDS::DBInstance) - Security group is gone"
    )


def test_a_retry_of_the_stage_is_not_the_reason_of_the_attempt_before() -> None:
    """It belongs to the same execution, and its actions are listed first."""
    retried = {**action("Failed", externalExecutionSummary="of the retry"), "startTime": NOW + timedelta(minutes=5)}
    first = {**action("Failed", externalExecutionSummary="Build failed"), "startTime": NOW - timedelta(minutes=5)}
    reader = Reader([("list_action_executions", {"actionExecutionDetails": [retried, first]})])

    assert reasons(reader)(change("CodePipeline")) == "Deploy/Prod - Build failed"


@pytest.mark.parametrize(
    ("deployment", "reason"),
    [
        ({"statusReason": "The hook timed out."}, "The hook timed out."),
        ({"rollback": {"reason": "Rolled back by a hook."}}, "Rolled back by a hook."),
        ({}, None),
    ],
)
def test_a_hook_failed_for_what_its_deployment_says(deployment: dict[str, Any], reason: str | None) -> None:
    """The event names the deployment itself, so it is no other's."""
    reader = Reader([("describe_service_deployments", {"serviceDeployments": [deployment]})])

    assert reasons(reader)(change("EcsHook")) == reason


def action(status: str, **result: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Make an action of a pipeline."""
    return {"stageName": "Deploy", "actionName": "Prod", "status": status, "output": {"executionResult": result}}


@pytest.mark.parametrize(
    ("resource_type", "name", "answers", "reason"),
    [
        (
            "CodePipeline",
            "checkout",
            [
                (
                    "list_action_executions",
                    {
                        "actionExecutionDetails": [
                            action("Succeeded"),
                            action("Failed", errorDetails={"message": "no role"}),
                        ]
                    },
                )
            ],
            "Deploy/Prod - no role",
        ),
        (
            "CodePipeline",
            "checkout",
            [
                (
                    "list_action_executions",
                    {"actionExecutionDetails": [action("Failed", externalExecutionSummary="Build failed")]},
                )
            ],
            "Deploy/Prod - Build failed",
        ),
        (
            "CodePipeline",
            "checkout",
            [("list_action_executions", {"actionExecutionDetails": [action("Failed")]})],
            None,
        ),
        (
            "CodeDeployDeployment",
            "app/group",
            [
                (
                    "get_deployment",
                    {"deploymentInfo": {"errorInformation": {"code": "HEALTH_CONSTRAINTS", "message": "too few"}}},
                )
            ],
            "too few",
        ),
        (
            "CodeDeployDeployment",
            "app/group",
            [("get_deployment", {"deploymentInfo": {"rollbackInfo": {"rollbackMessage": "rolled back"}}})],
            "rolled back",
        ),
        (
            "EcsDeployment",
            "shop/checkout",
            [
                ("list_tasks", {"taskArns": ["arn:aws:ecs:eu-west-1:123456789012:task/shop/1"]}),
                (
                    "describe_tasks",
                    {
                        "tasks": [
                            {"startedBy": "o-0", "stoppedReason": "another deployment"},
                            {"startedBy": "o-1", "containers": [{"name": "app", "reason": "CannotPullContainerError"}]},
                        ]
                    },
                ),
            ],
            "app - CannotPullContainerError",
        ),
        (
            "EcsDeployment",
            "shop/checkout",
            [
                ("list_tasks", {"taskArns": ["t"]}),
                ("describe_tasks", {"tasks": [{"startedBy": "o-1", "containers": ENDED}]}),
            ],
            "proxy ended with exit code 143; app ended with exit code 1",
        ),
        (
            "EcsDeployment",
            "shop/checkout",
            [
                ("list_tasks", {"taskArns": ["t"]}),
                ("describe_tasks", {"tasks": [{"startedBy": "o-1", "stoppedReason": "Task failed ELB health checks"}]}),
            ],
            "Task failed ELB health checks",
        ),
        ("EcsDeployment", "shop/checkout", [("list_tasks", {"taskArns": []})], None),
    ],
)
def test_a_reason_is_that_of_the_operation(
    resource_type: str, name: str, answers: Sequence[tuple[str, dict[str, Any] | str]], reason: str | None
) -> None:
    """As the service tells it of this execution, deployment or set of tasks."""
    assert reasons(Reader(answers))(change(resource_type, name=name)) == reason


def git_sync(sha: str, *events: str, blockers: Sequence[tuple[str, str]] = ()) -> list[tuple[str, dict[str, Any]]]:
    """Answer how the latest sync from Git went, and what blocks the next."""
    revision = {"Branch": "main", "Directory": "/", "OwnerId": "o", "RepositoryName": "r", "ProviderType": "GitHub"}
    sync = {
        "Events": [{"Event": each, "Time": NOW, "Type": "ERROR"} for each in events],
        "InitialRevision": {**revision, "Sha": "o-0"},
        "StartedAt": NOW,
        "Status": "FAILED",
        "TargetRevision": {**revision, "Sha": sha},
        "Target": "checkout",
    }
    listed = [
        {"Id": "1", "Type": "AUTOMATED", "Status": status, "CreatedReason": reason, "CreatedAt": NOW}
        for status, reason in blockers
    ]
    summary = {"ResourceName": "checkout", "LatestBlockers": listed}
    return [
        ("get_resource_sync_status", {"LatestSync": sync}),
        ("get_sync_blocker_summary", {"SyncBlockerSummary": summary}),
    ]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (git_sync("o-1", "started", "template is invalid"), "template is invalid"),
        (git_sync("o-1", "failed", blockers=[("RESOLVED", "old"), ("ACTIVE", "fix the template")]), "fix the template"),
        (git_sync("o-2", "of another commit")[:1], None),
        (git_sync("o-1"), None),
    ],
)
def test_a_sync_from_git_failed_for_what_blocks_it(
    answers: Sequence[tuple[str, dict[str, Any] | str]], reason: str | None
) -> None:
    """Or else for its last event; never for another commit's."""
    assert reasons(Reader(answers))(change("GitSyncStack")) == reason


@pytest.mark.parametrize(
    "odd",
    [
        change("Service"),
        change("CloudFormationStack", account="210987654321"),
        change("CloudFormationStack", account=None),
        change("CloudFormationStack", region=None),
        change("CloudFormationStack", arn=None),
    ],
)
def test_nobody_is_asked_who_cannot_answer(odd: StatusChange) -> None:
    """Another account's resources cannot be read, and an event may lack what is asked by."""
    reader = Reader([])

    assert reasons(reader)(odd) is None
    assert reader.asked == []


def test_an_event_that_comes_again_is_asked_for_once() -> None:
    """Lambda's retry of it goes to the same container, mostly."""
    reader = Reader([("get_deployment", {"deploymentInfo": {"errorInformation": {"message": "too few"}}})])
    asking = reasons(reader)

    told = [asking(change("CodeDeployDeployment")) for _ in range(3)]

    assert (told, reader.asked) == (["too few"] * 3, ["codedeploy"])


@pytest.mark.parametrize(("account", "created_by"), [("123456789012", "codeDeployRollback"), ("another", None)])
def test_the_creator_of_a_deployment_is_asked_for(account: str, created_by: str | None) -> None:
    """Only this account's deployments can be read."""
    reader = Reader([("get_deployment", {"deploymentInfo": {"creator": "codeDeployRollback"}})])
    deployed = change("CodeDeployDeployment", account=account)

    assert creator(Lookups(reader.reader, "123456789012", lambda: 0.0), deployed) == created_by


def test_a_refusal_pauses_the_questions() -> None:
    """In a storm, the account's own calls come first."""
    now = 0.0
    reader = Reader([("get_deployment", "ThrottlingException")])
    asking = reasons(reader, lambda: now)

    for seconds in (0, 1, PAUSE_SECONDS - 1, PAUSE_SECONDS + 1):
        now = float(seconds)
        assert asking(change("CodeDeployDeployment", event_id=f"e-{seconds}")) is None

    assert reader.asked == ["codedeploy"] * 2


def test_a_service_without_a_cluster_pauses_no_questions() -> None:
    """An old ARN names none, which is no error of ECS: the next service is asked for."""
    tasks = [{"startedBy": "o-1", "stoppedReason": "Task failed ELB health checks"}]
    asking = reasons(Reader([("list_tasks", {"taskArns": ["t"]}), ("describe_tasks", {"tasks": tasks})]))

    assert asking(change("EcsDeployment", name="checkout")) is None
    assert asking(change("EcsDeployment", name="shop/checkout", event_id="e-2")) == tasks[0]["stoppedReason"]


class Slow:
    """A service that does not answer in time, or not at all."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def reader(self, _service: str, _region: str) -> "Slow":
        """Return itself."""
        return self

    def get_deployment(self, **_asked: object) -> dict[str, Any]:
        """Answer late, or fail."""
        if self.seconds:
            time.sleep(self.seconds)
            return {"deploymentInfo": {"errorInformation": {"message": "too late"}}}
        raise EndpointConnectionError(endpoint_url="https://codedeploy.example")


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_message_does_not_wait_for_its_reason(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes out without it, in time."""
    monkeypatch.setattr("notifier.lookups.TIME_LIMIT_SECONDS", 0.05)

    assert reasons(Slow(seconds))(change("CodeDeployDeployment")) is None


@pytest.mark.parametrize("answer", [{}, {"deploymentInfo": None}, {"deploymentInfo": []}, None, "text"])
def test_an_answer_of_another_shape_is_no_reason(answer: object) -> None:
    """A proxy may answer anything."""

    class Odd:
        """A service with an odd answer."""

        def reader(self, _service: str, _region: str) -> "Odd":
            """Return itself."""
            return self

        def get_deployment(self, **_asked: object) -> object:
            """Answer it."""
            return answer

    assert reasons(Odd())(change("CodeDeployDeployment")) is None


def test_every_lookup_is_of_a_service_that_the_functions_know() -> None:
    """Its model is read by the functions' own loader."""
    services = {service for service, _ in LOOKUPS.values()}

    assert services <= {*botocore.session.get_session().get_available_services()}
