"""The meaning of each state of a pipeline, a stage and an action for a person.

States are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, error codes those of botocore's
CodePipeline model, which spells the states in another way.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity

FAILURE, ACTION, PROGRESS = Severity.FAILURE, Severity.ACTION, Severity.PROGRESS
RECOVERED, SUCCESS, INFO = Severity.RECOVERED, Severity.SUCCESS, Severity.INFO

RELEASE: Final = "aws codepipeline start-pipeline-execution --name {pipeline}"
RETRY: Final = (
    "aws codepipeline retry-stage-execution --pipeline-name {pipeline} --stage-name {stage} "
    "--pipeline-execution-id {operation} --retry-mode FAILED_ACTIONS"
)
LIST_ACTIONS: Final = (
    "aws codepipeline list-action-executions --pipeline-name {pipeline} --filter pipelineExecutionId={operation}"
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
