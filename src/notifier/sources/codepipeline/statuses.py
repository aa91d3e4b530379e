"""The meaning of each state of a pipeline, a stage and an action for a person.

States are those of "Monitoring CodePipeline events" in the CodePipeline User Guide, error codes those of botocore's
CodePipeline model, which spells the states in another way.
"""

from typing import Final

from notifier.model.status_change import ACTION, FAILURE, INFO, PROGRESS, RECOVERED, SUCCESS, Ending, Meaning, Meanings

RELEASE: Final = "aws codepipeline start-pipeline-execution --name {pipeline}"
RETRY: Final = (
    "aws codepipeline retry-stage-execution --pipeline-name {pipeline} --stage-name {stage} "
    "--pipeline-execution-id {operation} --retry-mode FAILED_ACTIONS"
)
LIST_ACTIONS: Final = (
    "aws codepipeline list-action-executions --pipeline-name {pipeline} --filter pipelineExecutionId={operation}"
)

FIND_REASON: Final = "Open the execution: its failed action has the reason"
FIX_AND_RETRY: Final = f"{FIND_REASON}. Fix that, then retry the stage."
CONDITION: Final = f"{FIND_REASON}; without one, a condition of the stage failed."
RUN: Final[Meanings] = {
    "CANCELED": Meaning(INFO, "was cancelled: the pipeline was edited meanwhile"),
    "FAILED": Meaning(FAILURE, "failed", FIX_AND_RETRY, LIST_ACTIONS),
    "RESUMED": Meaning(PROGRESS, "is retrying"),
    "STARTED": Meaning(PROGRESS, "started"),
    "STOPPED": Meaning(INFO, "was stopped"),
    "STOPPING": Meaning(PROGRESS, "is stopping"),
    "SUCCEEDED": Meaning(SUCCESS, "succeeded"),
}
PIPELINE: Final[Meanings] = {
    **RUN,
    "FAILED ROLLBACK": Meaning(FAILURE, "could not be rolled back", f"{FIND_REASON}.", LIST_ACTIONS),
    "STARTED ROLLBACK": Meaning(PROGRESS, "is rolling back"),
    "SUCCEEDED RETRY": Meaning(RECOVERED, "succeeded on attempt {attempt}"),
    "SUCCEEDED ROLLBACK": Meaning(SUCCESS, "was rolled back", ending=Ending.ROLLED_BACK),
    "SUPERSEDED": Meaning(INFO, "was overtaken by a newer execution"),
}
STAGE: Final[Meanings] = {
    **RUN,
    "FAILED": Meaning(FAILURE, "failed", CONDITION, RETRY),
    "SKIPPED": Meaning(INFO, "was skipped"),
}

APPROVE: Final = "Approve or reject it in the pipeline. It fails after 7 days, or after its own time-out."
REJECTED: Final = "Read the reviewer's comment in the pipeline. To release the change, retry the stage and approve it."
FIX: Final = "Open the execution and fix what failed there, then retry the stage."
FIX_JOB: Final = "Open the job and fix what failed there, then push again or retry the stage."
CONFIGURE: Final = "Correct the action in the pipeline, then release the change again."
PERMIT: Final = "Give the role of the pipeline or the action the permission in the reason, then retry the stage."
RETRY_STAGE: Final = "Retry the stage."
PUSH: Final = "Check that the source has the revision, then push again or release the change again."
# A failed action by its error code, an approval by itself.
ACTION_RUN: Final[Meanings] = {
    "ABANDONED": Meaning(INFO, "was abandoned"),
    "APPROVAL FAILED": Meaning(FAILURE, "was rejected, or expired", REJECTED, RETRY),
    "APPROVAL STARTED": Meaning(ACTION, "waits for approval", APPROVE),
    "APPROVAL SUCCEEDED": Meaning(INFO, "was approved", ending=Ending.DONE),
    "CANCELED": Meaning(INFO, "was cancelled"),
    "FAILED": Meaning(FAILURE, "failed", FIX, RETRY),
    "FAILED ConfigurationError": Meaning(FAILURE, "failed, because it is configured wrongly", CONFIGURE, RELEASE),
    "FAILED JobFailed": Meaning(FAILURE, "failed", FIX_JOB, RETRY),
    "FAILED PermissionError": Meaning(FAILURE, "failed, because a permission is missing", PERMIT, RETRY),
    "FAILED RevisionOutOfSync": Meaning(FAILURE, "failed, because its revision is out of date", PUSH, RELEASE),
    "FAILED RevisionUnavailable": Meaning(FAILURE, "failed, because its revision is not available", PUSH, RELEASE),
    "FAILED SystemUnavailable": Meaning(FAILURE, "failed, because a service was not available", RETRY_STAGE, RETRY),
    "STARTED": Meaning(PROGRESS, "started"),
    "SUCCEEDED": Meaning(SUCCESS, "succeeded"),
}
