import botocore.session
import pytest
from botocore.model import ServiceModel

from notifier.model.status_change import Meanings, Severity
from notifier.sources.proton.event_types import EVENT_TYPES

# A row with a blank is of a status after another one.
TABLES = {
    row.resource_type: {status: meaning for status, meaning in row.meanings.items() if " " not in status}
    for row in EVENT_TYPES.values()
}
EXCEPTIONS = {
    row.resource_type: {tuple(change.split()): meaning for change, meaning in row.meanings.items() if " " in change}
    for row in EVENT_TYPES.values()
}
# Where botocore's model says which statuses a resource has; templates have none there.
SHAPES = {
    "Component": "DeploymentStatus",
    "Deployment": "DeploymentStatus",
    "Environment": "DeploymentStatus",
    "EnvironmentAccountConnection": "EnvironmentAccountConnectionStatus",
    "EnvironmentTemplateVersion": "TemplateVersionStatus",
    "Service": "ServiceStatus",
    "ServiceInstance": "DeploymentStatus",
    "ServicePipeline": "DeploymentStatus",
    "ServiceTemplateVersion": "TemplateVersionStatus",
}
EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@pytest.fixture(scope="module")
def proton() -> ServiceModel:
    """Load botocore's model of Proton."""
    return botocore.session.get_session().get_service_model("proton")


def enumerated(proton: ServiceModel, shape: str) -> list[str]:
    """List the words that *shape* allows, none if it is no enumeration."""
    words: list[str] = getattr(proton.shape_for(shape), "enum", [])
    return words


def test_every_resource_has_a_table() -> None:
    """No documented resource is judged by guess."""
    assert all(TABLES.values())
    assert set(SHAPES) | {"EnvironmentTemplate", "ServiceTemplate"} == set(TABLES)


@pytest.mark.parametrize(("resource_type", "shape"), SHAPES.items())
def test_every_status_of_the_model_has_a_row(resource_type: str, shape: str, proton: ServiceModel) -> None:
    """All that botocore lists is listed here, and nothing more but the two words for a deletion."""
    listed = set(enumerated(proton, shape))

    assert set(TABLES[resource_type]) == listed | {"DELETED", "DELETE_COMPLETE"}


def test_every_status_shape_of_the_model_is_looked_at(proton: ServiceModel) -> None:
    """A status shape that AWS adds to the model has to be placed here or named as none of a resource's."""
    shapes = {name for name in proton.shape_names if name.endswith("Status") and enumerated(proton, name)}

    assert shapes == set(SHAPES.values()) | {
        "RepositorySyncStatus",
        "ResourceDeploymentStatus",  # three of DeploymentStatus's words
        "ResourceSyncStatus",
        "BlockerStatus",
    }


@pytest.mark.parametrize(
    ("waiter", "resource_type"),
    [
        ("ComponentDeleted", "Component"),
        ("ComponentDeployed", "Component"),
        ("EnvironmentDeployed", "Environment"),
        ("EnvironmentTemplateVersionRegistered", "EnvironmentTemplateVersion"),
        ("ServiceCreated", "Service"),
        ("ServiceDeleted", "Service"),
        ("ServiceInstanceDeployed", "ServiceInstance"),
        ("ServicePipelineDeployed", "ServicePipeline"),
        ("ServiceTemplateVersionRegistered", "ServiceTemplateVersion"),
        ("ServiceUpdated", "Service"),
    ],
)
def test_failures_and_successes_are_those_of_the_waiters(waiter: str, resource_type: str) -> None:
    """A status at which AWS's own waiters stop is a failure, one that they wait for is none."""
    waiters = botocore.session.get_session().get_waiter_model("proton")

    for acceptor in waiters.get_waiter(waiter).acceptors:
        if acceptor.matcher != "path":
            continue
        severity = TABLES[resource_type][acceptor.expected].severity
        assert (severity is Severity.FAILURE) == (acceptor.state == "failure"), acceptor.expected


@EVERY_TABLE
def test_rows_are_sorted(table: Meanings) -> None:
    """A row is found where one looks for it."""
    assert list(table) == sorted(table)


@EVERY_TABLE
def test_failures_and_actions_say_what_to_do_next(table: Meanings) -> None:
    """Nobody is alarmed without a next step, and nothing else gives orders."""
    urgent = {Severity.FAILURE, Severity.ACTION}

    assert {status for status, meaning in table.items() if meaning.severity in urgent} == {
        status for status, meaning in table.items() if meaning.next_step
    }


def test_exceptional_failures_say_what_to_do_next_too() -> None:
    """The same holds where the status before changes the meaning."""
    meanings = [meaning for exceptions in EXCEPTIONS.values() for meaning in exceptions.values()]

    assert all(bool(meaning.next_step) == (meaning.severity is Severity.FAILURE) for meaning in meanings)


def test_exceptions_concern_listed_statuses() -> None:
    """An exception for a word that no table has could never apply."""
    for resource_type, exceptions in EXCEPTIONS.items():
        assert {status for change in exceptions for status in change} <= set(TABLES[resource_type])
