"""CloudFormation's events beyond what every source has to pass."""

from typing import Any

import pytest

from tests.notifier.sources.documented_events import EVENTS, notification, read

STACK: dict[str, Any] = EVENTS["cfn_stack_captured_update"]
RESOURCE: dict[str, Any] = EVENTS["cfn_resource"]


def stack(
    name: str, status: str = "UPDATE_ROLLBACK_COMPLETE", reason: str = "", partition: str = "aws"
) -> dict[str, Any]:
    """Make the event of a stack."""
    region = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(partition, "eu-west-1")
    arn = f"arn:{partition}:cloudformation:{region}:123456789012:stack/{name}/dca9d690-12fc-11ed-acb4-0e99ce9abea2"
    detail = {"stack-id": arn, "status-details": {"status": status, "status-reason": reason}}
    return {**STACK, "region": region, "resources": [arn], "detail": detail}


@pytest.mark.parametrize(
    ("name", "title", "facts"),
    [
        ("checkout", "Stack checkout was updated", []),
        (
            "checkout-Database-1ABCDEFGHIJKL",
            "Stack checkout-Database-1ABCDEFGHIJKL was updated",
            [("Nested in", "checkout")],
        ),
        (
            "AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ",
            "Stack checkout-prod was updated",
            [("Stack", "AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ")],
        ),
        (
            "StackSet-guardrails-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
            "Stack StackSet-guardrails-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f was updated",
            [("StackSet", "guardrails")],
        ),
    ],
)
def test_a_stack_is_called_as_people_call_it(name: str, title: str, facts: list[tuple[str, str]]) -> None:
    """Its name tells what it is nested in, and the name that Proton was given."""
    told = notification(stack(name, "UPDATE_COMPLETE"))

    assert told.title == title
    assert [(fact.label, fact.value) for fact in told.facts if fact.label not in {"Account", "Region"}] == facts
    assert read(stack(name)).change.key == f"CloudFormationStack/123456789012/eu-west-1/{name}"


def test_a_nested_stack_names_its_root_as_parent() -> None:
    """So that both can be told as one story."""
    assert read(stack("checkout-Database-1ABCDEFGHIJKL")).change.parents == (
        "CloudFormationStack/123456789012/eu-west-1/checkout",
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "The following resource(s) failed to create: [IamRole]. . Rollback requested by user.",
            "The following resource(s) failed to create: [IamRole]",
        ),
        ("Resource handler returned message: no. Delete requested by user.", "Resource handler returned message: no"),
        ("User Initiated", None),
        ("", None),
        ("Cannot upgrade from 15.4 to 14.2", "Cannot upgrade from 15.4 to 14.2"),
    ],
)
def test_nobody_is_named_who_did_nothing(said: str, reason: str | None) -> None:
    """CloudFormation says "requested by user" of an ordinary failure."""
    assert notification(stack("checkout", "ROLLBACK_IN_PROGRESS", said)).reason == reason


def test_a_success_has_no_reason() -> None:
    """It would only repeat the headline."""
    assert notification(stack("checkout", "UPDATE_COMPLETE", "User Initiated by jo")).reason is None


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "https://eu-west-1.console.aws.amazon.com/"),
        ("aws-cn", "https://cn-north-1.console.amazonaws.cn/"),
        ("aws-us-gov", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
        ("aws-iso", None),
    ],
)
def test_a_link_leads_to_the_partitions_console(partition: str, host: str | None) -> None:
    """Where the partition's console is not known, there is no link."""
    urls = [link.url for link in notification(stack("checkout", partition=partition)).links]

    assert (len(urls) == 1 and urls[0].startswith(host)) if host else urls == []


def test_a_command_names_the_stack_by_its_id() -> None:
    """A deleted stack's name finds nothing."""
    told = notification(stack("checkout", "UPDATE_ROLLBACK_FAILED"))

    assert told.command == (
        "aws cloudformation continue-update-rollback --stack-name arn:aws:cloudformation:eu-west-1:123456789012:"
        "stack/checkout/dca9d690-12fc-11ed-acb4-0e99ce9abea2 --region eu-west-1"
    )


def test_an_odd_value_is_in_no_command() -> None:
    """It could be another command."""
    told = notification(stack("a; rm -rf /", "UPDATE_ROLLBACK_FAILED"))

    assert told.command is None


@pytest.mark.parametrize(
    ("reason", "severity", "headline"),
    [
        ("Resource creation cancelled", "info", "was stopped, because another resource failed"),
        ("Bucket exists", "failure", "could not be created"),
    ],
)
def test_a_resource_that_was_cancelled_is_no_failure(reason: str, severity: str, headline: str) -> None:
    """Another resource failed, and tells so itself."""
    detail = {**RESOURCE["detail"], "status-details": {"status": "CREATE_FAILED", "status-reason": reason}}
    told = notification({**RESOURCE, "detail": detail})

    assert (told.severity, told.headline) == (severity, headline)


@pytest.mark.parametrize(
    ("details", "severity", "headline"),
    [
        ({"detection-status": "DETECTION_COMPLETE", "stack-drift-status": "IN_SYNC"}, "success", "has not drifted"),
        (
            {"detection-status": "DETECTION_COMPLETE", "stack-drift-status": "DRIFTED"},
            "action",
            "has drifted (1 resources)",
        ),
        (
            {"detection-status": "DETECTION_FAILED", "stack-drift-status": "DRIFTED"},
            "failure",
            "could not be checked for drift",
        ),
        (
            {"detection-status": "DETECTION_IN_PROGRESS", "stack-drift-status": "UNKNOWN"},
            "progress",
            "is being checked for drift",
        ),
        ({"detection-status": "DETECTION_COMPLETE"}, "info", "was checked for drift"),
    ],
)
def test_drift_is_judged_when_its_detection_is_complete(details: dict[str, str], severity: str, headline: str) -> None:
    """Before that, the last result is an old one."""
    event = EVENTS["cfn_drift"]
    told = notification({**event, "detail": {**event["detail"], "status-details": details}})

    assert (told.severity, told.headline) == (severity, headline)


@pytest.mark.parametrize(
    ("mode", "status", "severity"),
    [
        ("FAIL", "HOOK_COMPLETE_FAILED", "failure"),
        ("WARN", "HOOK_COMPLETE_FAILED", "info"),
        ("WARN", "HOOK_FAILED", "failure"),
        ("FAIL", "HOOK_COMPLETE_SUCCEEDED", "info"),
    ],
)
def test_a_hook_that_only_warns_blocks_nothing(mode: str, status: str, severity: str) -> None:
    """As the keys of the schema registry have it; no sample of AWS's is known."""
    detail = {
        "hook-detail": {"hook-type-name": "Acme::S3::Encryption", "failure-mode": mode},
        "target-detail": {"target-name": "AWS::S3::Bucket", "target-type": "RESOURCE", "target-action": "CREATE"},
        "status": status,
        "status-reason": "not encrypted",
    }
    told = notification({**STACK, "detail-type": "CloudFormation Hook Invocation Progress", "detail": detail})

    assert (told.severity, told.name) == (severity, "Acme::S3::Encryption")


def test_a_stack_instance_is_told_by_account_and_region() -> None:
    """By its detailed status; the envelope's account is the administrator's."""
    event = EVENTS["cfn_stackset_instance"]
    details = {"status": "OUTDATED", "detailed-status": "FAILED", "status-reason": "no role"}
    told = notification({**event, "detail": {**event["detail"], "status-details": details}})

    assert told.title == "Stack instance test1234/111122223333/us-west-1 could not be rolled out"
    assert told.reason == "no role"
