"""CodePipeline: pipelines, their stages and actions; approvals are actions.

States and fields are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, error codes and triggers
those of botocore's CodePipeline model, which spells the states in another way.
"""

import re
from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.arns import part
from notifier.sources.envelope import Event, json_object, text_or_none
from notifier.sources.reader import EventType, Field, Page, reader

PATTERN: Final = {
    "source": ["aws.codepipeline"],
    "$or": [
        {"detail-type": ["CodePipeline Pipeline Execution State Change"]},
        {
            "detail-type": ["CodePipeline Action Execution State Change"],
            "detail": {"state": ["FAILED"]},
        },
        {
            "detail-type": ["CodePipeline Action Execution State Change"],
            "detail": {"type": {"category": ["Approval"]}},
        },
    ],
}

FAILURE, ACTION, PROGRESS = Severity.FAILURE, Severity.ACTION, Severity.PROGRESS
RECOVERED, SUCCESS, INFO = Severity.RECOVERED, Severity.SUCCESS, Severity.INFO

# The first attempt is 1, or 0 in some events.
RETRIED: Final = re.compile(r"[2-9]|[1-9]\d{1,5}", re.ASCII)
# These start an execution that takes a stage back to an older revision.
ROLLBACKS: Final = frozenset({"AutomatedRollback", "ManualRollback"})

RELEASE: Final = "aws codepipeline start-pipeline-execution --name {pipeline} --region {region}"
RETRY: Final = (
    "aws codepipeline retry-stage-execution --pipeline-name {pipeline} --stage-name {stage} "
    "--pipeline-execution-id {operation} --retry-mode FAILED_ACTIONS --region {region}"
)
LIST_ACTIONS: Final = (
    "aws codepipeline list-action-executions --pipeline-name {pipeline} --filter pipelineExecutionId={operation} "
    "--region {region}"
)

RUN: Final[Mapping[str, Meaning]] = {
    "CANCELED": Meaning(INFO, "was cancelled: the pipeline was edited meanwhile"),
    "FAILED": Meaning(
        FAILURE,
        "failed",
        "Open the execution: its failed action has the reason. Fix that, then retry the stage.",
        LIST_ACTIONS,
    ),
    "RESUMED": Meaning(PROGRESS, "is retrying"),
    "STARTED": Meaning(PROGRESS, "started"),
    "STOPPED": Meaning(INFO, "was stopped"),
    "STOPPING": Meaning(PROGRESS, "is stopping"),
    "SUCCEEDED": Meaning(SUCCESS, "succeeded"),
}
PIPELINE: Final[Mapping[str, Meaning]] = {
    **RUN,
    "FAILED ROLLBACK": Meaning(
        FAILURE, "could not be rolled back", "Open the execution: its failed action has the reason.", LIST_ACTIONS
    ),
    "STARTED ROLLBACK": Meaning(PROGRESS, "is rolling back"),
    "SUCCEEDED RETRY": Meaning(RECOVERED, "succeeded on attempt {attempt}"),
    "SUCCEEDED ROLLBACK": Meaning(SUCCESS, "was rolled back"),
    "SUPERSEDED": Meaning(INFO, "was overtaken by a newer execution"),
}
STAGE: Final[Mapping[str, Meaning]] = {
    **RUN,
    "FAILED": Meaning(
        FAILURE,
        "failed",
        "Open the execution: its failed action has the reason; without one, a condition of the stage failed.",
        RETRY,
    ),
    "SKIPPED": Meaning(INFO, "was skipped"),
}
# A failed action by its error code, an approval by itself.
ACTION_RUN: Final[Mapping[str, Meaning]] = {
    "ABANDONED": Meaning(INFO, "was abandoned"),
    "APPROVAL FAILED": Meaning(
        FAILURE,
        "was rejected, or expired",
        "Read the reviewer's comment in the pipeline; if the change shall go out, retry the stage and approve it.",
        RETRY,
    ),
    "APPROVAL STARTED": Meaning(
        ACTION,
        "waits for approval",
        "Approve or reject it in the pipeline. Unanswered it fails, after 7 days unless it has a time-out of its own.",
    ),
    "APPROVAL SUCCEEDED": Meaning(INFO, "was approved"),
    "CANCELED": Meaning(INFO, "was cancelled"),
    "FAILED": Meaning(FAILURE, "failed", "Open the execution and fix what failed there, then retry the stage.", RETRY),
    "FAILED ConfigurationError": Meaning(
        FAILURE,
        "failed, because it is not configured correctly",
        "Correct the action in the pipeline, then release the change again.",
        RELEASE,
    ),
    "FAILED JobFailed": Meaning(
        FAILURE, "failed", "Open the job and fix what failed there, then push again or retry the stage.", RETRY
    ),
    "FAILED PermissionError": Meaning(
        FAILURE,
        "failed, because a permission is missing",
        "Give the role of the pipeline or the action the permission that the reason names, then retry the stage.",
        RETRY,
    ),
    "FAILED RevisionOutOfSync": Meaning(
        FAILURE,
        "failed, because its revision is out of date",
        "Check the source, then push again or release the change again.",
        RELEASE,
    ),
    "FAILED RevisionUnavailable": Meaning(
        FAILURE,
        "failed, because its revision is not available",
        "Check that the source still has the revision, then push again or release the change again.",
        RELEASE,
    ),
    "FAILED SystemUnavailable": Meaning(
        FAILURE, "failed, because a service was not available", "Retry the stage.", RETRY
    ),
    "STARTED": Meaning(PROGRESS, "started"),
    "SUCCEEDED": Meaning(SUCCESS, "succeeded"),
}


def _attempt(event: Event) -> str | None:
    attempt = event.text("pipeline-execution-attempt") or ""
    return attempt if RETRIED.fullmatch(attempt) else None


def _pipeline(event: Event) -> str | None:
    if event.text("execution-trigger.trigger-type") in ROLLBACKS:
        detailed = f"{event.text('state')} ROLLBACK"
    else:
        detailed = f"{event.text('state')} RETRY" if _attempt(event) else ""
    return detailed if detailed in PIPELINE else event.text("state")


def _stage(event: Event) -> str | None:
    """Name the pipeline alone where an old event does not name the stage."""
    return "/".join(filter(None, map(event.text, ("pipeline", "stage"))))


def _approval(event: Event) -> str | None:
    return event.text("pipeline") if event.text("type.category") == "Approval" else None


def _action(event: Event) -> str | None:
    state = event.text("state")
    detailed = f"APPROVAL {state}" if _approval(event) else f"{state} {event.text('execution-result.error-code')}"
    return detailed if detailed in ACTION_RUN else state


def _action_key(event: Event) -> str | None:
    """Tell the requests for approval of one action apart, which wait at the same time."""
    own = ("action-execution-id",) if _approval(event) else ()
    return "/".join(filter(None, map(event.text, ("pipeline", "stage", "action", *own))))


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
    return _first_line(text_or_none(json_object(summary).get("CommitMessage")) or summary)


def _first_line(text: str | None) -> str | None:
    return text.partition("\n")[0] if text else None


EXECUTION: Final = Page(
    "Open the execution",
    "/codesuite/codepipeline/pipelines/{pipeline}/executions/{operation}/timeline?region={region}",
    otherwise=Page("Open the pipeline", "/codesuite/codepipeline/pipelines/{pipeline}/view?region={region}"),
)
PIPELINE_KEY: Final = "CodePipeline/{account}/{region}/{pipeline}"
OF_A_PIPELINE: Final[Mapping[str, Field]] = {
    "status": "state",
    "pipeline": "pipeline",
    "operation": "execution-id",
    "attempt": _attempt,
}

EVENT_TYPES: Final = {
    "CodePipeline Action Execution State Change": EventType(
        resource_type="CodePipelineAction",
        kind="pipeline action",
        fields={
            **OF_A_PIPELINE,
            "outcome": _action,
            "reason": "execution-result.external-execution-summary",
            "stage": "stage",
            "action": "action",
            "key": _action_key,
            "approval": _approval,
            "provider": "type.provider",
            "action_region": _action_region,
            "error": "execution-result.error-code",
            "job": "execution-result.external-execution-url",
            "commit": _commit,
            "message": _commit_message,
        },
        name=("pipeline", "stage", "action"),
        key="CodePipelineAction/{account}/{region}/{key}",
        parents=("CodePipelineStage/{account}/{region}/{pipeline}/{stage}", PIPELINE_KEY),
        meanings=ACTION_RUN,
        facts={
            "Provider": "provider",
            "Action's region": "action_region",
            "Error code": "error",
            "Attempt": "attempt",
            "Commit": "commit",
            "Commit message": "message",
        },
        links={"Open the job": "job"},
        page=Page("Open the pipeline", "/codesuite/codepipeline/pipelines/{approval}/view?region={region}", EXECUTION),
    ),
    "CodePipeline Pipeline Execution State Change": EventType(
        resource_type="CodePipeline",
        kind="pipeline",
        fields={
            **OF_A_PIPELINE,
            "outcome": _pipeline,
            "comment": "stop-execution-comments",
            "trigger": "execution-trigger.trigger-type",
            "started_by": lambda event: part(event.text("execution-trigger.trigger-detail"), "resource"),
            "repository": "execution-trigger.full-repository-name",
            "branch": "execution-trigger.branch-name",
            "tag": "execution-trigger.tag-name",
            "commit": "execution-trigger.commit-id",
            "message": lambda event: _first_line(event.text("execution-trigger.commit-message")),
            "author": "execution-trigger.author-display-name",
        },
        name=("pipeline",),
        meanings=PIPELINE,
        facts={
            "Trigger": "trigger",
            "Started by": "started_by",
            "Repository": "repository",
            "Branch": "branch",
            "Tag": "tag",
            "Commit": "commit",
            "Commit message": "message",
            "Author": "author",
            "Comment": "comment",
        },
        page=EXECUTION,
    ),
    "CodePipeline Stage Execution State Change": EventType(
        resource_type="CodePipelineStage",
        kind="pipeline stage",
        fields={**OF_A_PIPELINE, "stage": "stage", "called": _stage},
        name=("called",),
        parents=(PIPELINE_KEY,),
        meanings=STAGE,
        facts={"Attempt": "attempt"},
        page=EXECUTION,
    ),
}
read = reader(EVENT_TYPES)
