"""CloudFormation's events beyond what every source has to pass."""

import time
from typing import Any

import pytest

from notifier.model.status_change import Ending
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
        ("checkout", "123456789012: stack checkout was updated (eu-west-1)", []),
        (
            "checkout-Database-1ABCDEFGHIJKL",
            "123456789012: stack checkout-Database-1ABCDEFGHIJKL was updated (eu-west-1)",
            [("Nested in", "checkout")],
        ),
        (
            "AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ",
            "123456789012: stack checkout-prod was updated (eu-west-1)",
            [("Stack", "AWSProton-checkout-prod-cloudformation--HZYQRFWOSFPHCQZ")],
        ),
        (
            "StackSet-guardrails-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
            "123456789012: stack StackSet-guardrails-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f was updated (eu-west-1)",
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


@pytest.mark.parametrize("part", [" .", "\n", "failed to create ", "User Initiated "])
def test_a_long_reason_is_read_at_once(part: str) -> None:
    """No reason keeps the function busy until its time is over."""
    began_at = time.process_time()

    assert notification(stack("checkout", "ROLLBACK_IN_PROGRESS", f"a{part * 30_000}b")).reason
    assert time.process_time() - began_at < 5


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
    """If the partition's console is not known, there is no link."""
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
        ("Resource deletion cancelled", "info", "was stopped, because another resource failed"),
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
        (
            {"detection-status": "DETECTION_COMPLETE", "stack-drift-status": "IN_SYNC"},
            "success",
            "matches its template",
        ),
        (
            {"detection-status": "DETECTION_COMPLETE", "stack-drift-status": "DRIFTED"},
            "action",
            "has drifted (1 resource)",
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
        ({"stack-drift-status": "DRIFTED"}, "action", "has drifted (1 resource)"),
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
    message = next((fact.value for fact in told.facts if fact.label == "Message"), told.reason)

    assert (told.severity, told.name, message) == (severity, "Acme::S3::Encryption", "not encrypted")


def test_a_stack_instance_is_told_by_account_and_region() -> None:
    """By its detailed status; the envelope's account is the administrator's."""
    event = EVENTS["cfn_stackset_instance"]
    details = {"status": "OUTDATED", "detailed-status": "FAILED", "status-reason": "no role"}
    told = notification({**event, "detail": {**event["detail"], "status-details": details}})

    assert (
        told.title == "111122223333: stack instance test1234/111122223333/us-west-1 could not be rolled out (us-east-1)"
    )
    assert told.reason == "no role"


@pytest.mark.parametrize(
    ("action", "severity", "headline"),
    [
        ("CREATE", "success", "was rolled out"),
        ("DELETE", "info", "was removed"),
        ("DETECT_DRIFT", "info", "was checked for drift"),
    ],
)
def test_the_action_of_a_stack_instance_tells_what_succeeded(action: str, severity: str, headline: str) -> None:
    """A removed instance no longer fails; one that was checked for drift may."""
    event = EVENTS["cfn_stackset_instance"]
    details = {"status": "CURRENT", "detailed-status": "SUCCEEDED"}
    raw = {**event, "detail": {**event["detail"], "action": action, "status-details": details}}
    told = notification(raw)

    assert (told.severity, told.headline) == (severity, headline)
    assert (read(raw).meaning.ending is Ending.GONE) == (action == "DELETE")


def test_a_stack_instance_belongs_to_its_stack_set_and_to_its_stack() -> None:
    """The stack is in the account and region of the instance."""
    assert read(EVENTS["cfn_stackset_instance"]).change.parents == (
        "CloudFormationStackSet/111122223333/us-east-1/test1234",
        "CloudFormationStack/111122223333/us-west-1/teststack",
    )


@pytest.mark.parametrize(
    ("action", "status", "headline"),
    [
        ("CREATE", "RUNNING", "is being rolled out"),
        ("DELETE", "FAILED", "could not be removed"),
        ("DELETE", "INOPERABLE", "cannot be managed any more"),
        ("DELETE", "PENDING", "waits to be removed"),
        ("DETECT_DRIFT", "RUNNING", "is being checked for drift"),
        ("UPDATE", "FAILED", "could not be rolled out"),
    ],
)
def test_the_title_of_a_stack_instance_is_about_the_operation(action: str, status: str, headline: str) -> None:
    """The status that is shown is the one that decides."""
    event = EVENTS["cfn_stackset_instance"]
    details = {"status": "OUTDATED", "detailed-status": status}
    told = notification({**event, "detail": {**event["detail"], "action": action, "status-details": details}})

    assert (told.headline, told.status) == (headline, status)


@pytest.mark.parametrize(
    ("count", "words"), [(2.0, "2 resources"), (1, "1 resource"), (None, "some resources"), (-1, "some resources")]
)
def test_drift_counts_its_resources_in_words(count: float | None, words: str) -> None:
    """A number may be missing, or -1 for an unknown one."""
    details = {"detection-status": "DETECTION_COMPLETE", "stack-drift-status": "DRIFTED"}
    counted = {"status-details": details, "drift-detection-details": {"drifted-stack-resource-count": count}}
    told = notification({**EVENTS["cfn_drift"], "detail": {**EVENTS["cfn_drift"]["detail"], **counted}})

    assert told.headline == f"has drifted ({words})"


@pytest.mark.parametrize(
    "name",
    [
        "infra-prod-123456789012",
        "shop-build-202611261230",
        "AWSProton-shop-cloudformation-ABCDEFGHIJKLM",
        "StackSet-guardrails-0a1b2c3d-0a1b-2c3d-4e5f-012345678901",
    ],
)
def test_an_account_a_date_and_proton_nest_no_stack(name: str) -> None:
    """Their names only end like that of a nested stack."""
    change = read(stack(name)).change

    assert change.parents == ()
    assert "Nested in" not in {fact.label for fact in change.facts}


@pytest.mark.parametrize("status", ["DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_nobody_operates_on_a_nested_stack(status: str) -> None:
    """CloudFormation refuses that, or the root falls out with it."""
    nested, root = notification(stack("shop-Database-1ABCDEFGHIJKL", status)), notification(stack("shop", status))

    assert (nested.command, nested.headline) == (None, root.headline)
    assert str(nested.next_step).endswith(" shop: a nested stack only changes with it.")
    assert root.command


@pytest.mark.parametrize("name", ["shop", "shop-Database-1ABCDEFGHIJKL"])
def test_a_rollback_under_way_asks_to_read_its_cause(name: str) -> None:
    """Of a nested stack, too, there is nothing to do until it ends."""
    assert str(notification(stack(name, "ROLLBACK_IN_PROGRESS")).next_step).startswith("Read the first ")


def test_a_rollback_of_an_import_cannot_be_continued() -> None:
    """CloudFormation continues only that of an update."""
    assert notification(stack("shop", "IMPORT_ROLLBACK_FAILED")).command is None


@pytest.mark.parametrize(
    ("said", "severity", "headline"),
    [
        (
            "The following resource(s) failed to create: [Bucket]. . Delete requested by user.",
            "failure",
            "could not be created, and is being deleted",
        ),
        ("User Initiated", "progress", "is being deleted"),
        ("", "progress", "is being deleted"),
    ],
)
def test_a_stack_that_is_deleted_on_failure_failed(said: str, severity: str, headline: str) -> None:
    """With OnFailure=DELETE no other event says so."""
    told = notification(stack("shop", "DELETE_IN_PROGRESS", said))

    assert (told.severity, told.headline) == (severity, headline)
    assert told.reason == ("The following resource(s) failed to create: [Bucket]" if severity == "failure" else None)


@pytest.mark.parametrize(
    ("status", "severity", "headline"),
    [
        ("CURRENT", "info", "is up to date"),
        ("OUTDATED", "info", "is out of date"),
        ("INOPERABLE", "failure", "cannot be managed any more"),
    ],
)
def test_a_stack_instance_without_a_detailed_status_is_known(status: str, severity: str, headline: str) -> None:
    """The field came later than the event."""
    detail = {**EVENTS["cfn_stackset_instance"]["detail"], "action": "DELETE", "status-details": {"status": status}}
    told = notification({**EVENTS["cfn_stackset_instance"], "detail": detail})

    assert (told.severity, told.headline, told.recognised) == (severity, headline, True)
    assert ("Action", "DELETE") in {(fact.label, fact.value) for fact in told.facts}
