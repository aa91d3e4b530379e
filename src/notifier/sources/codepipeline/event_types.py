"""CodePipeline: pipelines, their stages and actions; approvals are actions.

Fields are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, triggers those of botocore's
CodePipeline model.
"""

from typing import Final

from notifier.model.status_change import Recovery
from notifier.sources.arns import part
from notifier.sources.codepipeline.statuses import ACTION_RUN, PIPELINE, STAGE
from notifier.sources.envelope import Event, json_object, text_or_none
from notifier.sources.fields import Fields, joined, matched
from notifier.sources.reader import EventType, Page

# The first attempt is 1, or 0 in some events.
ATTEMPT: Final = matched("([2-9]|[1-9][0-9]{1,5})$", "pipeline-execution-attempt")
# These start an execution that takes a stage back to an older revision.
ROLLBACKS: Final = frozenset({"AutomatedRollback", "ManualRollback"})


def _pipeline(event: Event) -> str | None:
    if event.text("execution-trigger.trigger-type") in ROLLBACKS:
        detailed = f"{event.text('state')} ROLLBACK"
    else:
        detailed = f"{event.text('state')} RETRY" if ATTEMPT(event) else ""
    return detailed if detailed in PIPELINE else event.text("state")


def _approval(event: Event) -> str | None:
    return event.text("pipeline") if event.text("type.category") == "Approval" else None


def _action(event: Event) -> str | None:
    state, error = event.text("state"), event.text("execution-result.error-code")
    # What is set up in the wrong way asks nobody for approval.
    asked = _approval(event) and error not in {"ConfigurationError", "PermissionError"}
    detailed = f"APPROVAL {state}" if asked else f"{state} {error}"
    return detailed if detailed in ACTION_RUN else state


def _key(event: Event) -> str | None:
    """Tell the requests for approval apart, which wait at the same time; other actions belong to their pipeline."""
    request = joined("pipeline", "stage", "action", "action-execution-id")
    return request(event) if _approval(event) else event.text("pipeline")


def _action_region(event: Event) -> str | None:
    region = event.text("region")
    return region if region != event.region else None


def _commit(event: Event) -> str | None:
    """Take the revision that a source action found; other actions have ids of other things there."""
    found = (event.text("type.category"), event.text("state")) == ("Source", "SUCCEEDED")
    return event.text("execution-result.external-execution-id") if found else None


def _commit_message(event: Event) -> str | None:
    """Read the message of the commit, which some providers put into JSON."""
    summary = event.text("execution-result.external-execution-summary") if _commit(event) else None
    return text_or_none(json_object(summary).get("CommitMessage")) or summary


# What the action started.
EXTERNAL_ID: Final = "execution-result.external-execution-id"
STACK_ARN: Final = "arn:[^:]+:cloudformation:[^:]+:[^:]+:stack/([^/]+)/"
BUILD_ID: Final = r"([\w-]+):[0-9a-f]{8}-[0-9a-f-]{27}$"

EXECUTION: Final = Page(
    "Open the execution",
    "/codesuite/codepipeline/pipelines/{pipeline}/executions/{operation}/timeline?region={region}",
    otherwise=Page("Open the pipeline", "/codesuite/codepipeline/pipelines/{pipeline}/view?region={region}"),
)
APPROVAL: Final = Page(
    "Open the pipeline", "/codesuite/codepipeline/pipelines/{approval}/view?region={region}", EXECUTION
)
PIPELINE_KEY: Final = "CodePipeline/{account}/{region}/{pipeline}"
OF_A_PIPELINE: Final[Fields] = {
    "status": "state",
    "pipeline": "pipeline",
    "operation": "execution-id",
    "attempt": ATTEMPT,
}

EVENT_TYPES: Final = {
    "CodePipeline Action Execution State Change": EventType(
        "CodePipelineAction",
        "pipeline action",
        {
            **OF_A_PIPELINE,
            "outcome": _action,
            "reason": "execution-result.external-execution-summary",
            "stage": "stage",
            "action": "action",
            "approval": _approval,
            "key_type": lambda event: "CodePipelineAction" if _approval(event) else "CodePipeline",
            "key": _key,
            "job": "execution-result.external-execution-url",
            "deployed_stack": matched(STACK_ARN, EXTERNAL_ID),
            "built_project": matched(BUILD_ID, EXTERNAL_ID),
        },
        ACTION_RUN,
        ("pipeline", "stage", "action"),
        facts={
            "Provider": "type.provider",
            "Action's region": _action_region,
            "Error code": "execution-result.error-code",
            "Attempt": "attempt",
            "Commit": _commit,
            "Commit message": matched("(.*)", _commit_message),
        },
        links={"Open the job": "job"},
        page=APPROVAL,
        key="{key_type}/{account}/{region}/{key}",
        parents=(
            PIPELINE_KEY,
            "CloudFormationStack/{account}/{region}/{deployed_stack}",
            "CodeBuildBuild/{account}/{region}/{built_project}",
        ),
        # A rejected approval has a key of its own.
        recovery=Recovery.PARENT,
    ),
    "CodePipeline Pipeline Execution State Change": EventType(
        "CodePipeline",
        "pipeline",
        {**OF_A_PIPELINE, "name": "pipeline", "outcome": _pipeline},
        PIPELINE,
        facts={
            "Trigger": "execution-trigger.trigger-type",
            "Started by": lambda event: part(event.text("execution-trigger.trigger-detail"), "resource"),
            "Repository": "execution-trigger.full-repository-name",
            "Branch": "execution-trigger.branch-name",
            "Tag": "execution-trigger.tag-name",
            "Commit": "execution-trigger.commit-id",
            "Commit message": matched("(.*)", "execution-trigger.commit-message"),
            "Author": "execution-trigger.author-display-name",
            "Comment": "stop-execution-comments",
        },
        page=EXECUTION,
    ),
    # An old event does not name the stage.
    "CodePipeline Stage Execution State Change": EventType(
        "CodePipelineStage",
        "pipeline stage",
        {**OF_A_PIPELINE, "stage": "stage", "name": joined("pipeline", "stage")},
        STAGE,
        facts={"Attempt": "attempt"},
        page=EXECUTION,
        key=PIPELINE_KEY,
        recovery=Recovery.WHOLE,
    ),
}
