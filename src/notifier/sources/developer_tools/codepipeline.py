"""CodePipeline: pipelines, their stages and actions; approvals are actions.

Fields and states are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, triggers and error codes
those of botocore's CodePipeline model, which spells the states differently.
"""

from dataclasses import replace
from typing import Final

from notifier.model.status_change import Ending, Meanings, Recovery, action, failure, info, progress, recovered, success
from notifier.sources.envelope import Event, json_object, text_or_none
from notifier.sources.fields import Fields, first, in_arn, joined, matched, part
from notifier.sources.reader import EventType, Page

RELEASE: Final = "aws codepipeline start-pipeline-execution --name {pipeline}"
RETRY: Final = (
    "aws codepipeline retry-stage-execution --pipeline-name {pipeline} --stage-name {stage} "
    "--pipeline-execution-id {operation} --retry-mode FAILED_ACTIONS"
)
LIST_ACTIONS: Final = (
    "aws codepipeline list-action-executions --pipeline-name {pipeline} --filter pipelineExecutionId={operation}"
)

FIND_REASON: Final = "Open the execution: its failed action has the reason"
RUN: Final[Meanings] = {
    "CANCELED": info("was cancelled: the pipeline was edited meanwhile"),
    "FAILED": failure("failed", f"{FIND_REASON}. Fix that, then retry the stage.", LIST_ACTIONS),
    "RESUMED": progress("is retrying"),
    "STARTED": progress("started"),
    "STOPPED": info("was stopped"),
    "STOPPING": progress("is stopping"),
    "SUCCEEDED": success("succeeded"),
    "SUPERSEDED": info("was overtaken by a newer execution"),
}
PIPELINE: Final[Meanings] = {
    **RUN,
    "FAILED ROLLBACK": failure("could not be rolled back", f"{FIND_REASON}.", LIST_ACTIONS),
    "STARTED ROLLBACK": progress("is rolling back"),
    "SUCCEEDED RETRY": recovered("succeeded on attempt {attempt}"),
    "SUCCEEDED ROLLBACK": success("was rolled back", ending=Ending.ROLLED_BACK),
}
STAGE: Final[Meanings] = {
    **RUN,
    "FAILED": failure("failed", f"{FIND_REASON}; without one, a condition of the stage failed.", RETRY),
    "SKIPPED": info("was skipped"),
}

APPROVE: Final = "Approve or reject it in the pipeline. It fails after 7 days, or after its own time-out."
REJECTED: Final = "Read the reviewer's comment in the pipeline. To release the change, retry the stage and approve it."
FIX_JOB: Final = "Open the execution or its job and fix what failed there, then push again or retry the stage."
CONFIGURE: Final = "Correct the action in the pipeline, then release the change again."
PERMIT: Final = "Give the role of the pipeline or the action the permission in the reason, then retry the stage."
PUSH: Final = "Check that the source has the revision, then push again or release the change again."
# Failures are also listed by error code, approvals with a prefix.
ACTION_RUN: Final[Meanings] = {
    "ABANDONED": info("was abandoned"),
    "APPROVAL ABANDONED": info("was abandoned", ending=Ending.DONE),
    "APPROVAL CANCELED": info("was cancelled", ending=Ending.DONE),
    "APPROVAL FAILED": failure("was rejected, or expired", REJECTED, RETRY),
    "APPROVAL STARTED": action("waits for approval", APPROVE),
    "APPROVAL SUCCEEDED": success("was approved", ending=Ending.DONE),
    "CANCELED": info("was cancelled"),
    "FAILED": failure("failed", "Open the execution and fix what failed there, then retry the stage.", RETRY),
    "FAILED ConfigurationError": failure("failed, because it is configured wrongly", CONFIGURE, RELEASE),
    "FAILED JobFailed": failure("failed", FIX_JOB, RETRY),
    "FAILED PermissionError": failure("failed, because a permission is missing", PERMIT, RETRY),
    "FAILED RevisionOutOfSync": failure("failed, because its revision is out of date", PUSH, RELEASE),
    "FAILED RevisionUnavailable": failure("failed, because its revision is not available", PUSH, RELEASE),
    "FAILED SystemUnavailable": failure("failed, because a service was not available", "Retry the stage.", RETRY),
    "STARTED": progress("started"),
    "SUCCEEDED": success("succeeded"),
}

# The first attempt is 1, or 0 in some events.
ATTEMPT: Final = matched("([2-9]|[1-9][0-9]{1,5})$", "pipeline-execution-attempt")
# These triggers start an execution that rolls a stage back to an older revision.
ROLLBACKS: Final = frozenset({"AutomatedRollback", "ManualRollback"})
# Old ARNs have a word before the name.
PIPELINE_NAME: Final = first("pipeline", in_arn("(?:pipeline:)?([^:/]+)$"))
IS_APPROVAL: Final = matched("(Approval)$", "type.category")


def _listed(detailed: str, event: Event, meanings: Meanings) -> str | None:
    return detailed if detailed in meanings else event.text("state")


def _pipeline(event: Event) -> str | None:
    how = "ROLLBACK" if event.text("execution-trigger.trigger-type") in ROLLBACKS else ATTEMPT(event) and "RETRY"
    return _listed(f"{event.text('state')} {how}", event, PIPELINE)


def _action(event: Event) -> str | None:
    state, error = event.text("state"), event.text("execution-result.error-code")
    # A misconfigured approval asks nobody.
    asked = IS_APPROVAL(event) and error not in {"ConfigurationError", "PermissionError"}
    return _listed(f"APPROVAL {state}" if asked else f"{state} {error}", event, ACTION_RUN)


def _commit(event: Event) -> str | None:
    """Return the revision that a source action found; other actions have other ids in this field."""
    found = (event.text("type.category"), event.text("state")) == ("Source", "SUCCEEDED")
    return event.text("execution-result.external-execution-id") if found else None


def _commit_message(event: Event) -> str | None:
    """Return the message of the commit, which some providers put into JSON."""
    summary = event.text("execution-result.external-execution-summary") if _commit(event) else None
    return text_or_none(json_object(summary).get("CommitMessage")) or summary


REQUEST: Final = joined(PIPELINE_NAME, "stage", "action", "action-execution-id")
# The id of the job or stack that the action started.
EXTERNAL_ID: Final = "execution-result.external-execution-id"
PIPELINE_PAGE: Final = Page("Open the pipeline", "/codesuite/codepipeline/pipelines/{pipeline}/view?region={region}")
EXECUTION_PAGE: Final = Page(
    "Open the execution",
    "/codesuite/codepipeline/pipelines/{pipeline}/executions/{operation}/timeline?region={region}",
    PIPELINE_PAGE,
)
APPROVAL_PAGE: Final = replace(
    PIPELINE_PAGE, path=PIPELINE_PAGE.path.replace("{pipeline}", "{approval}"), otherwise=EXECUTION_PAGE
)
PIPELINE_KEY: Final = "CodePipeline/{account}/{region}/{pipeline}"
FIELDS: Final[Fields] = {"status": "state", "pipeline": PIPELINE_NAME, "operation": "execution-id", "attempt": ATTEMPT}

EVENT_TYPES: Final = {
    "CodePipeline Action Execution State Change": EventType(
        "CodePipelineAction",
        "pipeline action",
        {
            **FIELDS,
            "outcome": _action,
            "reason": "execution-result.external-execution-summary",
            "stage": "stage",
            "action": "action",
            "approval": lambda event: PIPELINE_NAME(event) if IS_APPROVAL(event) else None,
            # Several approvals can wait at the same time; other actions belong to their pipeline's incident.
            "key_type": lambda event: "CodePipelineAction" if IS_APPROVAL(event) else "CodePipeline",
            "key": lambda event: (REQUEST if IS_APPROVAL(event) else PIPELINE_NAME)(event),
            "job": "execution-result.external-execution-url",
            "deployed_stack": matched("arn:[^:]+:cloudformation:[^:]+:[^:]+:stack/([^/]+)/", EXTERNAL_ID),
            # An action may run in another region than its pipeline.
            "stack_account": lambda event: part(event.text(EXTERNAL_ID), "account"),
            "stack_region": lambda event: part(event.text(EXTERNAL_ID), "region"),
            "job_region": first("region", lambda event: event.region),
            "built_project": matched(r"([\w-]+):[0-9a-f]{8}-[0-9a-f-]{27}$", EXTERNAL_ID),
        },
        ACTION_RUN,
        ("pipeline", "stage", "action"),
        facts={
            "Provider": "type.provider",
            # Shown if it differs from the pipeline's region.
            "Action's region": "region",
            "Error code": "execution-result.error-code",
            "Attempt": "attempt",
            "Commit": _commit,
            "Commit message": matched("(.*)", _commit_message),
        },
        links={"Open the job": "job"},
        page=APPROVAL_PAGE,
        key="{key_type}/{account}/{region}/{key}",
        parents=(
            PIPELINE_KEY,
            "CloudFormationStack/{stack_account}/{stack_region}/{deployed_stack}",
            "CodeBuildBuild/{account}/{job_region}/{built_project}",
        ),
        # A rejected approval has its own key, so the pipeline's success must end its incident.
        recovery=Recovery.PARENT,
    ),
    "CodePipeline Pipeline Execution State Change": EventType(
        "CodePipeline",
        "pipeline",
        {**FIELDS, "name": PIPELINE_NAME, "outcome": _pipeline, "began_at": "start-time"},
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
        page=EXECUTION_PAGE,
    ),
    # An old event does not name the stage.
    "CodePipeline Stage Execution State Change": EventType(
        "CodePipelineStage",
        "pipeline stage",
        {**FIELDS, "stage": "stage", "name": joined(PIPELINE_NAME, "stage")},
        STAGE,
        facts={"Attempt": "attempt"},
        page=EXECUTION_PAGE,
        key=PIPELINE_KEY,
        recovery=Recovery.WHOLE,
    ),
}
