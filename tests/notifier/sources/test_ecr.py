"""ECR: which findings of a scan matter."""

from typing import Any, Final

import pytest

from tests.notifier.sources.documented_events import EVENTS, notification

EVENT: Final[dict[str, Any]] = EVENTS["ecr_scan"]


def scan(**detail: object) -> dict[str, Any]:
    """Build the event with other values in its detail."""
    return {**EVENT, "detail": {**EVENT["detail"], **{name.replace("_", "-"): value for name, value in detail.items()}}}


@pytest.mark.parametrize(
    ("counts", "severity", "headline"),
    [
        ({"CRITICAL": 1.0}, "action", "has serious findings: 1 critical"),
        ({"CRITICAL": 0, "HIGH": 2, "LOW": 3}, "action", "has serious findings: 2 high"),
        ({"MEDIUM": 9}, "info", "has no critical or high findings"),
        ({}, "info", "has no critical or high findings"),
        (None, "info", "has no critical or high findings"),
    ],
)
def test_only_critical_and_high_findings_ask_for_action(counts: object, severity: str, headline: str) -> None:
    """Most images have findings of less severity."""
    told = notification(scan(finding_severity_counts=counts))

    assert (told.severity, told.headline, told.status) == (severity, headline, "COMPLETE")


def test_a_failed_scan_has_a_command() -> None:
    """It tells why."""
    told = notification(scan(scan_status="FAILED"))

    assert told.severity == "failure"
    assert "--image-id imageDigest=sha256:d4a96ee9443e641f" in (told.command or "")


def test_an_image_without_a_tag_is_named_by_its_digest() -> None:
    """An image without either is named by its repository."""
    digest = EVENT["detail"]["image-digest"]

    assert notification(scan(image_tags=[])).name == f"tribble-image-scan-test@{digest}"
    assert notification(scan(image_tags=None, image_digest=None)).name == "tribble-image-scan-test"
