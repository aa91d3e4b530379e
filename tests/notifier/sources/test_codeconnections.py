"""Git sync: both spellings of its events, and what they say only between the lines."""

from typing import Any, Final

import pytest

from tests.notifier.sources.documented_events import EVENTS, changed, notification, read, without

REPOSITORY: Final[dict[str, Any]] = EVENTS["git_repository_sync"]
STACK: Final[dict[str, Any]] = EVENTS["git_resource_sync"]
STACK_ID: Final = "arn:aws-us-gov:cloudformation:us-gov-west-1:111122223333:stack/checkout/0f9d2a"


def failed(event: dict[str, Any]) -> dict[str, Any]:
    """Let the sync of *event* fail."""
    copy: dict[str, Any] = changed(event, ("detail", "status"), "FAILED")
    return copy


@pytest.mark.parametrize("subject", ["Repository", "Resource"])
def test_both_spellings_are_one_event(subject: str) -> None:
    """EventBridge's reference and CloudFormation's guide differ."""
    event = REPOSITORY if subject == "Repository" else STACK
    spellings = ("Git Sync", "GitSync")
    told = [
        notification({**event, "detail-type": f"{spelling} {subject} Sync Status Change"}) for spelling in spellings
    ]

    assert told[0] == told[1]
    assert told[0].recognised


def test_a_failed_sync_of_a_stack_names_its_blocker() -> None:
    """The stack's name alone is what the command takes."""
    told = notification(failed(changed(STACK, ("detail", "syncTarget"), STACK_ID)))

    assert told.title == "111122223333: stack checkout could not be synced from Git (us-east-1)"
    assert told.command == (
        "aws codeconnections get-sync-blocker-summary --sync-type CFN_STACK_SYNC --resource-name checkout "
        "--region us-east-1"
    )


def test_a_sync_belongs_to_its_stack() -> None:
    """The stack's own events have the parent's key."""
    change = read(STACK).change

    assert change.key == "GitSyncStack/111122223333/us-east-1/targetStack1"
    assert change.parents == ("CloudFormationStack/111122223333/us-east-1/targetStack1",)
    assert change.operation == "sample-commit-id"


def test_a_doubled_partition_is_written_once() -> None:
    """The console does not know such an ARN."""
    assert notification(STACK).arn == "arn:aws:cloudformation:us-east-1:111122223333:stack/targetStack1"


def test_a_link_leads_to_the_partitions_console() -> None:
    """The partition is that of the stack's id."""
    event = {**changed(STACK, ("detail", "syncTarget"), STACK_ID), "region": "us-gov-west-1"}

    assert notification(event).links[0].url == (
        "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudformation/home?region=us-gov-west-1#/stacks/stackinfo"
        "?stackId=arn%3Aaws-us-gov%3Acloudformation%3Aus-gov-west-1%3A111122223333%3Astack%2Fcheckout%2F0f9d2a"
    )


@pytest.mark.parametrize("field", ["previousStatus", "previousSync"])
def test_a_success_after_a_failure_is_a_recovery(field: str) -> None:
    """The guide calls the old status by two names."""
    event = without(STACK, ("detail", "previousStatus"))
    told = notification({**event, "detail": {**event["detail"], field: "FAILED"}})

    assert (told.severity, told.headline) == ("recovered", "was synced from Git after a failure")


def test_a_failed_sync_of_a_repository_names_its_branch() -> None:
    """The command needs the link's id and the branch."""
    told = notification(failed(REPOSITORY))

    assert (
        told.title
        == "111122223333: repository sample-owner-id/sample-repository-name could not be synced from Git (us-east-1)"
    )
    assert told.key.endswith("/sample-owner-id/sample-repository-name/main")
    assert "--branch main --repository-link-id 550e8400-e29b-41d4-a716-446655440000" in (told.command or "")


def test_a_repository_without_an_owner_keeps_its_name() -> None:
    """It is known by its name alone."""
    told = notification(without(REPOSITORY, ("detail", "ownerId")))

    assert (told.name, told.recognised) == ("sample-repository-name", True)


def test_a_target_that_is_no_arn_is_shown_as_it_is() -> None:
    """It has no page."""
    told = notification(changed(STACK, ("detail", "syncTarget"), "checkout"))

    assert (told.name, told.links) == ("checkout", ())


def test_a_sync_without_a_stack_links_to_none() -> None:
    """The event's own resource may be the link to the repository."""
    event = {**without(STACK, ("detail", "syncTarget")), "resources": REPOSITORY["resources"]}

    assert notification(event).links == ()
