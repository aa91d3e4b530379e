"""The particulars of CodePipeline's events."""

from typing import Any, Final

import botocore.session
import pytest

from notifier.model.notification import Notification
from notifier.sources.developer_tools.codepipeline import ROLLBACKS
from tests.notifier.sources.documented_events import READ, notification, read

EXECUTION: Final = "12345678-1234-5678-abcd-12345678abcd"
RETRY: Final = (
    "aws codepipeline retry-stage-execution --pipeline-name myPipeline --stage-name Deploy "
    f"--pipeline-execution-id {EXECUTION} --retry-mode FAILED_ACTIONS --region us-west-2"
)


def pipeline(**detail: object) -> Notification:
    """Compose the notification of a pipeline's event with *detail*; the names have dashes as underscores."""
    return notification(_event("cp_pipeline_failed", detail))


def action(**detail: object) -> Notification:
    """Compose the notification of an action's event with *detail*."""
    return notification(_event("cp_action_failed", detail))


def approval(state: str, **detail: object) -> Notification:
    """Compose the notification of an approval in *state*."""
    kind = {"owner": "AWS", "provider": "Manual", "category": "Approval", "version": "1"}
    return action(state=state, type=kind, stage="Prod", action="Ask", **{"execution-result": {}, **detail})


@pytest.mark.parametrize(
    ("state", "attempt", "severity", "headline"),
    [
        ("SUCCEEDED", 0.0, "success", "succeeded"),
        ("SUCCEEDED", 1.0, "success", "succeeded"),
        ("SUCCEEDED", 3.0, "recovered", "succeeded on attempt 3"),
        ("SUCCEEDED", "9" * 5000, "success", "succeeded"),
        ("FAILED", 2.0, "failure", "failed"),
        ("STARTED", 2.0, "progress", "started"),
    ],
)
def test_a_success_after_a_retry_is_a_recovery(state: str, attempt: object, severity: str, headline: str) -> None:
    """Only a failed stage is retried; the first attempt is 1, and 0 in some events."""
    told = pipeline(state=state, pipeline_execution_attempt=attempt)

    assert (told.severity, told.headline) == (severity, headline)


@pytest.mark.parametrize(
    ("state", "severity", "headline"),
    [
        ("STARTED", "progress", "is rolling back"),
        ("SUCCEEDED", "success", "was rolled back"),
        ("FAILED", "failure", "could not be rolled back"),
        ("STOPPED", "info", "was stopped"),
    ],
)
@pytest.mark.parametrize("trigger", sorted(ROLLBACKS))
def test_a_rollback_is_told_as_one(trigger: str, state: str, severity: str, headline: str) -> None:
    """Its trigger tells it from an ordinary execution, even on a later attempt."""
    told = pipeline(state=state, pipeline_execution_attempt=2, execution_trigger={"trigger-type": trigger})

    assert (told.severity, told.headline) == (severity, headline)


def test_every_trigger_of_a_rollback_is_known() -> None:
    """A new one in the model fails here."""
    triggers = botocore.session.get_session().get_service_model("codepipeline").shape_for("TriggerType")

    assert {trigger for trigger in getattr(triggers, "enum", ()) if "Rollback" in trigger} == ROLLBACKS


def test_it_is_shown_who_changed_what() -> None:
    """The first line of a message is shown, and never the author's address."""
    trigger = READ["cp_pipeline_succeeded_git_tag"]["detail"]["execution-trigger"]
    told = pipeline(execution_trigger={**trigger, "branch-name": "main", "commit-message": "Fix it\n\nAt length"})

    assert {(fact.label, fact.value) for fact in told.facts} >= {
        ("Repository", "mmajor/sample-project"),
        ("Branch", "main"),
        ("Tag", "gitlab-v4.2.1"),
        ("Commit", "commit_ID"),
        ("Commit message", "Fix it"),
        ("Author", "Mary Major"),
    }
    assert "email_address" not in repr(told)


@pytest.mark.parametrize(
    ("detail", "started_by"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Admin/me", ["assumed-role/Admin/me"]),
        ('{"event": "PUSH"}', []),
        (1, []),
    ],
)
def test_it_is_shown_who_started_it(detail: object, started_by: list[str]) -> None:
    """A webhook's trigger has JSON there, which is not shown."""
    told = pipeline(execution_trigger={"trigger-type": "StartPipelineExecution", "trigger-detail": detail})

    assert [fact.value for fact in told.facts if fact.label == "Started by"] == started_by


def test_an_approval_calls_for_a_person() -> None:
    """It leads to the pipeline, where it can be given; two requests of one action have two keys."""
    told = approval("STARTED")

    assert (told.severity, told.title) == (
        "action",
        "123456789012: pipeline action myPipeline/Prod/Ask waits for approval (us-west-2)",
    )
    assert told.key == (
        "CodePipelineAction/123456789012/us-west-2/myPipeline/Prod/Ask/47f821c5-a902-44b2-ae61-b878d31ecd21"
    )
    assert [(link.label, link.url) for link in told.links] == [
        (
            "Open the pipeline",
            "https://us-west-2.console.aws.amazon.com/codesuite/codepipeline/pipelines/myPipeline/view?region=us-west-2",
        )
    ]


@pytest.mark.parametrize(
    ("state", "severity", "headline"),
    [
        ("SUCCEEDED", "success", "was approved"),
        ("FAILED", "failure", "was rejected, or expired"),
        ("ABANDONED", "info", "was abandoned"),
    ],
)
def test_an_answer_to_an_approval_ends_it(state: str, severity: str, headline: str) -> None:
    """The key is that of the request."""
    told = approval(state, **{"execution-result": {"error-code": "JobFailed"}})

    assert (told.severity, told.headline, told.key) == (severity, headline, approval("STARTED").key)


def test_a_failed_action_shows_its_reason() -> None:
    """The provider's summary is the reason; the job is linked, and the stage can be retried."""
    told = action()

    assert told.reason == "Deployment <ID> failed"
    assert (
        told.next_step == "Open the execution or its job and fix what failed there, then push again or retry the stage."
    )
    assert told.command == RETRY
    assert [link.label for link in told.links] == ["Open the execution", "Open the job"]
    assert read(_event("cp_action_failed", {})).change.key == "CodePipeline/123456789012/us-west-2/myPipeline"


def test_an_unknown_error_code_is_a_failure_like_any_other() -> None:
    """It is shown, and the general next step holds."""
    told = action(execution_result={"error-code": "Later"})

    assert (told.severity, told.headline, told.recognised) == ("failure", "failed", True)
    assert (told.next_step or "").startswith("Open the execution and fix what failed there")
    assert ("Error code", "Later") in {(fact.label, fact.value) for fact in told.facts}


def test_an_action_in_another_region_says_so() -> None:
    """The links lead to the pipeline's region, which is the envelope's."""
    told = action(region="eu-west-1")

    assert ("Action's region", "eu-west-1") in {(fact.label, fact.value) for fact in told.facts}
    assert told.values["region"] == "us-west-2"
    assert told.links[0].url.startswith("https://us-west-2.")


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ('{"ProviderType":"GitHub","CommitMessage":"Fix it\\n\\nAt length"}', "Fix it"),
        ("Fix it\nAt length", "Fix it"),
        ('{"ProviderType":"GitHub"}', '{"ProviderType":"GitHub"}'),
    ],
)
def test_a_source_action_shows_the_commit(summary: str, message: str) -> None:
    """Connections put the message into JSON, CodeCommit does not."""
    result = {"external-execution-id": "8cf40f", "external-execution-summary": summary}
    told = notification(_event("cp_action_succeeded", {"execution-result": result}))

    assert {("Commit", "8cf40f"), ("Commit message", message)} <= {(fact.label, fact.value) for fact in told.facts}


@pytest.mark.parametrize(
    ("started", "parent"),
    [
        (
            "arn:aws:cloudformation:eu-west-1:210987654321:stack/checkout/dca9d690-12fc-11ed-acb4-0e99ce9abea2",
            "CloudFormationStack/210987654321/eu-west-1/checkout",
        ),
        ("checkout:8745a7a9-c340-456a-9166-edf953571bee", "CodeBuildBuild/123456789012/eu-central-1/checkout"),
    ],
)
def test_an_action_belongs_to_what_it_started_wherever_that_is(started: str, parent: str) -> None:
    """A stack or a project of the same name in the pipeline's region is another one."""
    detail = {"region": "eu-central-1", "execution-result": {"external-execution-id": started}}
    change = read(_event("cp_action_failed", detail)).change

    assert change.parents == ("CodePipeline/123456789012/us-west-2/myPipeline", parent)


def test_without_its_id_the_pipeline_is_linked() -> None:
    """And a command that needs the id is left out."""
    told = pipeline(execution_id=None)

    assert told.links[0].label == "Open the pipeline"
    assert told.command is None


def _event(name: str, detail: dict[str, Any]) -> dict[str, Any]:
    named = {key.replace("_", "-"): value for key, value in detail.items()}
    return {**READ[name], "detail": {**READ[name]["detail"], **named}}


def test_an_approval_that_is_set_up_in_the_wrong_way_was_not_rejected() -> None:
    """Nobody was asked."""
    told = approval("FAILED", **{"execution-result": {"error-code": "ConfigurationError"}})

    assert (
        told.headline == action(state="FAILED", **{"execution-result": {"error-code": "ConfigurationError"}}).headline
    )
    assert approval("FAILED").headline == "was rejected, or expired"


def test_a_stage_may_be_overtaken_as_its_pipeline_may() -> None:
    """Its states are those of the pipeline."""
    told = notification(_event("cp_stage_resumed", {"state": "SUPERSEDED"}))

    assert (told.severity, told.headline) == ("info", "was overtaken by a newer execution")


def test_an_approval_of_an_unnamed_pipeline_still_asks() -> None:
    """Its category says that it waits for a person."""
    event = _event("cp_action_failed", {"state": "STARTED", "type": {"category": "Approval"}, "pipeline": None})
    told = notification({**event, "resources": []})

    assert (told.severity, told.headline, told.recognised) == ("action", "waits for approval", False)
