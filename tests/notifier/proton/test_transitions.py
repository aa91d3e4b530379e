import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.model.status_change import Meaning, Severity
from notifier.sources.envelope import Event
from notifier.sources.proton.event_types import EVENT_TYPES, read
from tests.notifier.proton.test_statuses import TABLES
from tests.samples import event

DETAIL_TYPES = {row.resource_type: detail_type for detail_type, row in EVENT_TYPES.items()}


def meaning_of(resource_type: str, previous_status: str | None, status: str | None) -> Meaning:
    """Find the meaning of a change of which only these three matter."""
    detail = {"name": "n", "id": "i", "serviceName": "s", "majorVersion": "1", "minorVersion": "0"}
    raw = {
        **event("environment-deployed"),
        "detail-type": DETAIL_TYPES.get(resource_type, "AWS Proton Later Status Change"),
        "detail": {**detail, "status": status, "previousStatus": previous_status},
    }
    return read(Event.model_validate(raw)).meaning


@pytest.mark.parametrize(
    ("resource_type", "previous_status", "status", "severity", "headline"),
    [
        ("Component", "SUCCEEDED", "DELETE_IN_PROGRESS", "progress", "is being deleted"),
        ("Environment", None, "IN_PROGRESS", "progress", "is being deployed"),
        ("Environment", "IN_PROGRESS", "SUCCEEDED", "success", "was deployed"),
        ("Environment", "IN_PROGRESS", "FAILED", "failure", "could not be deployed"),
        ("Environment", "FAILED", "SUCCEEDED", "recovered", "was deployed after a failure"),
        ("Environment", "DELETE_FAILED", "SUCCEEDED", "recovered", "was deployed after a failure"),
        ("Environment", "CANCELLING", "FAILED", "failure", "failed while being cancelled"),
        ("Environment", "CANCELLING", "CANCELLED", "info", "had its deployment cancelled"),
        ("Environment", "DELETE_IN_PROGRESS", "DELETE_FAILED", "failure", "could not be deleted"),
        ("Environment", "DELETE_IN_PROGRESS", "DELETED", "info", "was deleted"),
        ("Environment", "DELETE_FAILED", "DELETED", "info", "was deleted"),
        ("EnvironmentAccountConnection", None, "PENDING", "action", "waits to be accepted"),
        ("EnvironmentAccountConnection", "PENDING", "CONNECTED", "success", "was accepted"),
        ("EnvironmentAccountConnection", "PENDING", "REJECTED", "failure", "was rejected"),
        ("EnvironmentAccountConnection", "CONNECTED", "DELETED", "action", "was deleted"),
        ("EnvironmentAccountConnection", None, "DELETED", "action", "was deleted"),
        ("EnvironmentAccountConnection", "PENDING", "DELETED", "info", "was deleted"),
        ("EnvironmentAccountConnection", "REJECTED", "DELETED", "info", "was deleted"),
        ("EnvironmentTemplate", "DRAFT", "PUBLISHED", "success", "was published"),
        ("ServiceTemplateVersion", None, "REGISTRATION_FAILED", "failure", "could not be registered"),
        (
            "ServiceTemplateVersion",
            "REGISTRATION_IN_PROGRESS",
            "DRAFT",
            "success",
            "was registered as a draft",
        ),
        (
            "ServiceTemplateVersion",
            "REGISTRATION_FAILED",
            "DRAFT",
            "recovered",
            "was registered as a draft after a failure",
        ),
        (
            "Service",
            "CREATE_FAILED_CLEANUP_IN_PROGRESS",
            "CREATE_FAILED_CLEANUP_COMPLETE",
            "failure",
            "could not be created, and was cleaned up",
        ),
        (
            "Service",
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_FAILED",
            "failure",
            "was updated, but the clean-up failed",
        ),
        ("Service", "UPDATE_IN_PROGRESS", "ACTIVE", "success", "is active"),
        ("Service", "UPDATE_COMPLETE_CLEANUP_FAILED", "ACTIVE", "recovered", "is active after a failure"),
        ("Service", "CREATE_FAILED_CLEANUP_COMPLETE", "ACTIVE", "recovered", "is active after a failure"),
        ("Service", "SOMETHING_NEW_FAILED", "ACTIVE", "recovered", "is active after a failure"),
        ("Service", "SOMETHING_NEW", "ACTIVE", "success", "is active"),
    ],
)
def test_a_change_means_what_it_means_to_a_person(
    resource_type: str, previous_status: str | None, status: str, severity: str, headline: str
) -> None:
    """The rows of the lifecycle that somebody would ask about."""
    meaning = meaning_of(resource_type, previous_status, status)

    assert (meaning.severity, meaning.headline) == (severity, headline)
    assert meaning.recognised


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ("ROLLBACK_FAILED", "failure"),
        ("FAILED", "failure"),
        ("ROLLBACK_IN_PROGRESS", "progress"),
        ("CANCELLING", "progress"),
        ("ROLLED_BACK", "info"),
        ("succeeded", "info"),
    ],
)
def test_an_unknown_status_is_judged_by_its_ending_and_marked(status: str, severity: str) -> None:
    """A guess is told as one, in the event's own word."""
    meaning = meaning_of("LaterResource", "SUCCEEDED", status)

    assert (meaning.severity, meaning.headline) == (severity, f'has the unknown status "{status}"')
    assert meaning.next_step
    assert not meaning.recognised


def test_a_change_without_status_says_so() -> None:
    """Nothing is guessed where there is nothing to guess from."""
    meaning = meaning_of("Environment", "IN_PROGRESS", None)

    assert (meaning.severity, meaning.headline) == ("info", "changed, but its event names no status")
    assert not meaning.recognised


@given(
    resource_type=st.sampled_from(sorted(TABLES)),
    previous_status=st.none() | st.sampled_from(sorted({status for table in TABLES.values() for status in table})),
    data=st.data(),
)
def test_only_a_success_straight_after_a_failure_is_a_recovery(
    resource_type: str, previous_status: str | None, data: st.DataObject
) -> None:
    """Whatever the words, a recovery has a failure before it and a success now."""
    status = data.draw(st.sampled_from(sorted(TABLES[resource_type])))

    recovered = meaning_of(resource_type, previous_status, status).severity is Severity.RECOVERED

    failed_before = meaning_of(resource_type, None, previous_status).severity is Severity.FAILURE
    succeeded_now = TABLES[resource_type][status].severity is Severity.SUCCESS
    assert recovered == (failed_before and succeeded_now)
