"""Systems Manager: executions of Automation runbooks.

Statuses are those of botocore's SSM model, fields those of "EventBridge event examples for Systems Manager" in the
Systems Manager User Guide.
"""

from typing import Final

from notifier.model.status_change import Meanings, Recovery, action, failure, info, progress, success
from notifier.sources.fields import Fields, first, in_arn, part
from notifier.sources.reader import EventType

READ_FAILURE: Final = (
    "aws ssm get-automation-execution --automation-execution-id {operation} --query AutomationExecution.FailureMessage"
)
APPROVE: Final = "aws ssm send-automation-signal --automation-execution-id {operation} --signal-type Approve"
MANAGER: Final = "Approve or deny it in Change Manager."
FAILED_STEP: Final = "Read the message of the failed step, then run it again."
OPEN: Final = "Run it when the change calendar is open."

AUTOMATION: Final[Meanings] = {
    "Approved": info("was approved"),
    # Both spellings are documented.
    "Canceled": info("was cancelled"),
    "Cancelled": info("was cancelled"),
    "Cancelling": progress("is being cancelled"),
    "ChangeCalendarOverrideApproved": info("may run while the change calendar is closed"),
    "ChangeCalendarOverrideRejected": failure("may not run, because the change calendar is closed", OPEN),
    "CompletedWithFailure": failure("completed, but steps of it failed", FAILED_STEP, READ_FAILURE),
    "CompletedWithSuccess": success("succeeded"),
    "Exited": info("was exited"),
    "Failed": failure("failed", FAILED_STEP, READ_FAILURE),
    "InProgress": progress("is running"),
    "Pending": progress("is about to run"),
    "PendingApproval": action("waits for approval", "Approve or deny it if you are one of its approvers.", APPROVE),
    "PendingChangeCalendarOverride": action("waits for permission, as the change calendar is closed", MANAGER),
    "Rejected": failure("was rejected", "Ask its approvers for the reason, then run it again."),
    "RunbookInProgress": progress("is running"),
    "Scheduled": info("is scheduled"),
    "Success": success("succeeded"),
    "TimedOut": failure("ran out of time", "Read which step took so long, then run it again.", READ_FAILURE),
    "Waiting": progress("waits for input"),
}

FIELDS: Final[Fields] = {
    # A document of another account is named by its ARN.
    "name": first(in_arn("document/(.+)", "Definition"), "Definition", in_arn("automation-definition/([^:]+)")),
    "status": "Status",
    "operation": "ExecutionId",
}
FACTS: Final[Fields] = {
    "Execution": "operation",
    "Started by": first(lambda event: part(event.text("ExecutedBy"), "resource"), "ExecutedBy"),
}

EVENT_TYPES: Final = {
    "EC2 Automation Execution Status-change Notification": EventType(
        "SsmAutomation", "automation", FIELDS, AUTOMATION, facts=FACTS, recovery=Recovery.NONE
    )
}
