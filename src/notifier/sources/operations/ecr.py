"""ECR: basic scans of images.

Fields are those of "Amazon ECR events and EventBridge" in the ECR User Guide, statuses those of botocore's ECR model.
The findings of enhanced scanning come from Amazon Inspector.
"""

from collections.abc import Sequence
from typing import Final

from notifier.model.status_change import Meanings, Recovery, action, failure, info, progress
from notifier.sources.envelope import Event, json_object, listed_texts, texts
from notifier.sources.fields import Fields, first, in_arn, marked
from notifier.sources.reader import EventType

FINDINGS: Final = "aws ecr describe-image-scan-findings --repository-name {repository} --image-id imageDigest={digest}"
REBUILD: Final = "Rebuild the image with the packages that fix them."
NOT_SCANNED: Final = info("was not scanned")

SCAN: Final[Meanings] = {
    "ACTIVE": info("is being scanned continuously"),
    "COMPLETE": info("has no critical or high findings"),
    "COMPLETE with findings": action("has serious findings: {serious}", REBUILD, FINDINGS),
    "FAILED": failure("could not be scanned", "Read why, then start the scan again.", FINDINGS),
    "FINDINGS_UNAVAILABLE": NOT_SCANNED,
    "IMAGE_ARCHIVED": NOT_SCANNED,
    "IMAGE_SIZE_EXCEEDED": NOT_SCANNED,
    "IN_PROGRESS": progress("is being scanned"),
    "LIMIT_EXCEEDED": NOT_SCANNED,
    "PENDING": progress("waits to be scanned"),
    "SCAN_ELIGIBILITY_EXPIRED": NOT_SCANNED,
    "UNSUPPORTED_IMAGE": NOT_SCANNED,
}


REPOSITORY: Final = first("repository-name", in_arn("repository/(.+)"))


def _findings(event: Event, severities: Sequence[str] = ()) -> str:
    """Count the findings of the *severities*, by default of all."""
    counts = texts(json_object(event.value("finding-severity-counts")))
    found = {severity: counts.get(severity, "0") for severity in severities or counts}
    return ", ".join(f"{count} {severity.lower()}" for severity, count in found.items() if count != "0")


def _serious(event: Event) -> str:
    return _findings(event, ("CRITICAL", "HIGH"))


def _image(event: Event) -> str | None:
    """Return the name of the image, with its first tag, or else its digest."""
    repository, digest = REPOSITORY(event), event.text("image-digest")
    tag = next(iter(listed_texts(event.value("image-tags"))), None)
    version = f":{tag}" if tag else digest and f"@{digest}"
    return f"{repository}{version or ''}" if repository else None


FIELDS: Final[Fields] = {
    "name": _image,
    "repository": REPOSITORY,
    "digest": "image-digest",
    "status": "scan-status",
    "outcome": marked("scan-status", "COMPLETE", "with findings", _serious),
    "serious": _serious,
}
FACTS: Final[Fields] = {"Findings": _findings, "Digest": "digest"}
KEY: Final = "EcrImageScan/{account}/{region}/{repository}/{digest}"

EVENT_TYPES: Final = {
    "ECR Image Scan": EventType("EcrImageScan", "image", FIELDS, SCAN, facts=FACTS, key=KEY, recovery=Recovery.NONE)
}
