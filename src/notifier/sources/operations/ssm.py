"""Systems Manager: executions of Automation runbooks.

Statuses are those of botocore's SSM model, fields those of "EventBridge event examples for Systems Manager" in the
Systems Manager User Guide.
"""

from typing import Final

from notifier.model.status_change import ACTION, FAILURE, INFO, PROGRESS, SUCCESS, Meaning, Meanings, Recovery
from notifier.sources.reader import EventType

READ_FAILURE: Final = (
    "aws ssm get-automation-execution --automation-execution-id {operation} --query AutomationExecution.FailureMessage"
)
APPROVE: Final = "aws ssm send-automation-signal --automation-execution-id {operation} --signal-type Approve"
MANAGER: Final = "Approve or deny it in Change Manager."
FAILED_STEP: Final = "Read the message of the failed step, then run it again."
OPEN: Final = "Run it when the change calendar is open."

AUTOMATION: Final[Meanings] = {
    "Approved": Meaning(INFO, "was approved"),
    # Both spellings are documented.
    "Canceled": Meaning(INFO, "was cancelled"),
    "Cancelled": Meaning(INFO, "was cancelled"),
    "Cancelling": Meaning(PROGRESS, "is being cancelled"),
    "ChangeCalendarOverrideApproved": Meaning(INFO, "may run while the change calendar is closed"),
    "ChangeCalendarOverrideRejected": Meaning(FAILURE, "may not run, because the change calendar is closed", OPEN),
    "CompletedWithFailure": Meaning(FAILURE, "completed, but steps of it failed", FAILED_STEP, READ_FAILURE),
    "CompletedWithSuccess": Meaning(SUCCESS, "succeeded"),
    "Exited": Meaning(INFO, "was exited"),
    "Failed": Meaning(FAILURE, "failed", FAILED_STEP, READ_FAILURE),
    "InProgress": Meaning(PROGRESS, "is running"),
    "Pending": Meaning(PROGRESS, "is about to run"),
    "PendingApproval": Meaning(
        ACTION, "waits for approval", "Approve or deny it if you are one of its approvers.", APPROVE
    ),
    "PendingChangeCalendarOverride": Meaning(ACTION, "waits for permission, as the change calendar is closed", MANAGER),
    "Rejected": Meaning(FAILURE, "was rejected", "Ask its approvers for the reason, then run it again."),
    "RunbookInProgress": Meaning(PROGRESS, "is running"),
    "Scheduled": Meaning(INFO, "is scheduled"),
    "Success": Meaning(SUCCESS, "succeeded"),
    "TimedOut": Meaning(FAILURE, "ran out of time", "Read which step took so long, then run it again.", READ_FAILURE),
    "Waiting": Meaning(PROGRESS, "waits for input"),
}

FIELDS: Final = {"name": "Definition", "status": "Status", "operation": "ExecutionId"}
FACTS: Final = {"Execution": "operation", "Started by": "ExecutedBy"}

EVENT_TYPES: Final = {
    "EC2 Automation Execution Status-change Notification": EventType(
        "SsmAutomation", "automation", FIELDS, AUTOMATION, facts=FACTS, recovery=Recovery.NONE
    )
}
