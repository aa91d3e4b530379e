"""AWS Backup: backup, copy, restore and scan jobs.

States are those of botocore's Backup model, fields those of "Monitoring AWS Backup events using Amazon EventBridge" in
the AWS Backup Developer Guide.
"""

from dataclasses import replace
from typing import Final

from notifier.model.status_change import Meanings, Recovery, action, failure, info, progress, success
from notifier.sources.envelope import Event
from notifier.sources.fields import Fields, first
from notifier.sources.reader import EventType

REPEAT: Final = "Fix what the reason names, then start the job again or wait for the next run of its plan."

JOB: Final[Meanings] = {
    "ABORTED": info("was aborted"),
    "ABORTING": progress("is being aborted"),
    "CANCELED": info("was cancelled"),
    "COMPLETED": success("completed"),
    # The console's "Completed with issues": a completed job with a message.
    "COMPLETED_WITH_ISSUES": action("completed with issues", "Read in the reason what the job left out."),
    "CREATED": progress("was created"),
    "EXPIRED": failure("did not start in time", REPEAT),
    "FAILED": failure("failed", REPEAT),
    "PARTIAL": failure("completed only in part", REPEAT),
    "PENDING": progress("is pending"),
    "RUNNING": progress("is running"),
    "THREATS_FOUND": action("found malware", "Do not restore this recovery point; read GuardDuty's findings."),
}

JOB_ID: Final = first("backupJobId", "copyJobId", "restoreJobId", "scanJobId")
RESOURCE_ARN: Final = first("resourceArn", "sourceResourceArn", "createdResourceArn")


def _message(event: Event) -> str:
    """Return the message without quotes."""
    return (event.text("statusMessage") or "").strip('" ')


def _backup(event: Event) -> str | None:
    state = event.text("state")
    return "COMPLETED_WITH_ISSUES" if state == "COMPLETED" and _message(event) else state


def _scan(event: Event) -> str | None:
    result = event.text("scanResult.scanResultStatus")
    return result if result == "THREATS_FOUND" else event.text("state")


def _reason(event: Event) -> str | None:
    """Leave out the message of a scan that found malware: it only says that the scan completed."""
    return None if _scan(event) == "THREATS_FOUND" else _message(event)


FIELDS: Final[Fields] = {
    "arn": RESOURCE_ARN,
    # A restore job has a status, and at its creation a state.
    "status": first("status", "state"),
    "reason": _reason,
    "operation": JOB_ID,
    # The resource without account and region; a new job names no resource yet.
    "name": lambda event: (RESOURCE_ARN(event) or "").split(":", 5)[-1] or JOB_ID(event),
}
FACTS: Final = {"Type": "resourceType", "Vault": "backupVaultName", "Job": "operation", "Message": "reason"}

JOB_ROW: Final = EventType("BackupJob", "backup job", FIELDS, JOB, facts=FACTS, recovery=Recovery.NONE)
SCAN_FIELDS: Final = {**FIELDS, "outcome": _scan}

EVENT_TYPES: Final = {
    "Backup Job State Change": replace(JOB_ROW, fields={**FIELDS, "outcome": _backup}),
    "Copy Job State Change": replace(JOB_ROW, resource_type="BackupCopyJob", kind="copy job"),
    "Restore Job State Change": replace(JOB_ROW, resource_type="BackupRestoreJob", kind="restore job"),
    "Scan Job State Change": replace(JOB_ROW, resource_type="BackupScanJob", kind="scan job", fields=SCAN_FIELDS),
}
