"""CodePipeline: pipelines, their stages and actions; approvals are actions.

Fields are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, triggers those of botocore's
CodePipeline model.
"""

import re
from collections.abc import Mapping
from typing import Final

from notifier.sources.arns import part
from notifier.sources.codepipeline.statuses import ACTION_RUN, PIPELINE, STAGE
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

# The first attempt is 1, or 0 in some events.
RETRIED: Final = re.compile(r"[2-9]|[1-9]\d{1,5}", re.ASCII)
# These start an execution that takes a stage back to an older revision.
ROLLBACKS: Final = frozenset({"AutomatedRollback", "ManualRollback"})


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
