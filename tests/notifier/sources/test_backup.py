"""The particulars of AWS Backup's events."""

from typing import Any, Final

import pytest

from notifier.model.notification import Notification
from tests.notifier.sources.documented_events import READ, notification

SECRET: Final = "s3cr3t"  # noqa: S105 - planted to be looked for
INSTANCE: Final = "arn:aws:ec2:us-west-2:111222333444:instance/i-0515aee7de03f58e1"
SCAN: Final = {"scanJobId": "4d5fc12e", "resourceArn": INSTANCE, "resourceType": "EC2", "scannerRoleArn": SECRET}


def job(kind: str, **detail: object) -> Notification:
    """Compose the notification of a job of *kind*."""
    envelope = {
        "source": "aws.backup",
        "account": "111222333444",
        "region": "us-west-2",
        "time": "2026-01-01T00:00:00Z",
    }
    return notification({**envelope, "detail-type": f"{kind} Job State Change", "detail": detail})


def test_the_message_is_taken_out_of_its_quotes() -> None:
    """The service writes it as JSON text within the text."""
    assert (notification(READ["bk_failed"]).reason or "").startswith("Backup job failed because backup vault arn:aws:")


@pytest.mark.parametrize(
    ("message", "severity", "headline"),
    [
        ("Some files were skipped", "action", "completed with issues"),
        ("", "success", "completed"),
        ('""', "success", "completed"),
    ],
)
def test_a_completed_backup_with_a_message_has_issues(message: str, severity: str, headline: str) -> None:
    """The console tells it in the same way; other jobs have messages of success."""
    backup = job("Backup", backupJobId="b-1", resourceArn=INSTANCE, state="COMPLETED", statusMessage=message)
    copy = job("Copy", copyJobId="c-1", resourceArn=INSTANCE, state="COMPLETED", statusMessage=message)

    assert (backup.severity, backup.headline) == (severity, headline)
    assert (copy.severity, copy.headline) == ("success", "completed")


def test_an_aborted_job_says_why() -> None:
    """It is no failure, so it has no reason."""
    told = job("Backup", backupJobId="b-1", resourceArn=INSTANCE, state="ABORTED", statusMessage='"Stopped by jo"')

    assert (told.severity, told.reason) == ("info", None)
    assert ("Message", "Stopped by jo") in {(fact.label, fact.value) for fact in told.facts}


def test_a_job_is_named_by_its_id_until_it_has_a_resource() -> None:
    """Its first event has nothing else."""
    told = job("Backup", backupJobId="7e8845b5", state="CREATED")

    assert (told.severity, told.title, told.recognised) == (
        "progress",
        "111222333444: backup job 7e8845b5 was created (us-west-2)",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "detail", "title", "key"),
    [
        (
            "Copy",
            {"copyJobId": "47C8", "resourceArn": INSTANCE, "state": "FAILED", "iamRoleArn": SECRET},
            "111222333444: copy job instance/i-0515aee7de03f58e1 failed (us-west-2)",
            "BackupCopyJob/111222333444/us-west-2/instance/i-0515aee7de03f58e1",
        ),
        (
            "Restore",
            {"restoreJobId": "123E", "sourceResourceArn": "arn:aws:rds:us-west-2:1:db:orders", "status": "COMPLETED"},
            "111222333444: restore job db:orders completed (us-west-2)",
            "BackupRestoreJob/111222333444/us-west-2/db:orders",
        ),
        (
            "Restore",
            {"restoreJobId": "123E", "state": "CREATED", "iamRoleArn": SECRET},
            "111222333444: restore job 123E was created (us-west-2)",
            "BackupRestoreJob/111222333444/us-west-2/123E",
        ),
        (
            "Scan",
            {**SCAN, "state": "FAILED"},
            "111222333444: scan job instance/i-0515aee7de03f58e1 failed (us-west-2)",
            "BackupScanJob/111222333444/us-west-2/instance/i-0515aee7de03f58e1",
        ),
    ],
)
def test_every_job_is_read_by_its_own_names(kind: str, detail: dict[str, Any], title: str, key: str) -> None:
    """A restore job has a status where others have a state."""
    told = job(kind, **detail)

    assert (told.title, told.key, told.recognised) == (title, key, True)
    assert SECRET not in repr(told)


@pytest.mark.parametrize("state", ["COMPLETED", "COMPLETED_WITH_ISSUES"])
def test_malware_in_a_recovery_point_calls_for_a_person(state: str) -> None:
    """The job itself completed, and its message says no more."""
    result = {"scanResultStatus": "THREATS_FOUND"}
    told = job("Scan", **SCAN, state=state, statusMessage="The scan job completed.", scanResult=result)
    clean = job("Scan", **SCAN, state="COMPLETED", scanResult={"scanResultStatus": "NO_THREATS_FOUND"})

    assert (told.severity, told.headline, told.reason) == ("action", "found malware", None)
    assert clean.severity == "success"
