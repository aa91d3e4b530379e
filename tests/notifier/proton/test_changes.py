import pytest

from notifier.model.status_change import Fact, Link, StatusChange
from notifier.sources.envelope import Event
from notifier.sources.proton.event_types import read
from tests.samples import event

CONSOLE = "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/"


def change_of(raw: object) -> StatusChange:
    """Read a raw event as a status change."""
    return read(Event.model_validate(raw)).change


@pytest.mark.parametrize(
    ("name", "called", "facts"),
    [
        (
            "environment-account-connection-accepted",
            "186a3180-ef29-55cb-9559-6cb112434a76",
            [("Environment account connection", "186a3180-ef29-55cb-9559-6cb112434a76")],
        ),
        ("environment-deployed", "payments-prod", [("Environment", "payments-prod")]),
        ("environment-template-published", "fargate-vpc", [("Environment template", "fargate-vpc")]),
        (
            "environment-template-version-registered",
            "fargate-vpc 2.1",
            [("Environment template", "fargate-vpc"), ("Version", "2.1")],
        ),
        ("component-deployed", "orders-table", [("Component", "orders-table")]),
        ("service-created", "checkout", [("Service", "checkout")]),
        (
            "service-instance-deployed",
            "checkout/prod",
            [("Service instance", "prod"), ("Service", "checkout")],
        ),
        ("service-pipeline-deployed", "checkout", [("Service", "checkout")]),
        ("service-template-deleted", "legacy-worker", [("Service template", "legacy-worker")]),
        (
            "service-template-version-published",
            "http-service 1.12",
            [("Service template", "http-service"), ("Version", "1.12")],
        ),
    ],
)
def test_each_resource_is_called_by_what_identifies_it(name: str, called: str, facts: list[tuple[str, str]]) -> None:
    """Names, and the services and versions without which they mean little, are told."""
    change = change_of(event(name))

    assert change.name == called
    assert change.facts == tuple(Fact(*fact) for fact in facts)
    assert change.missing == ()
    assert change.recognised


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("component-deployed", "https://console.aws.amazon.com/proton/#/components"),
        ("environment-template-published", f"{CONSOLE}templates/environments/detail/fargate-vpc"),
        ("environment-template-version-registered", f"{CONSOLE}templates/environments/detail/fargate-vpc"),
        ("service-created", f"{CONSOLE}services/detail/checkout"),
        ("service-instance-deployed", f"{CONSOLE}services/detail/checkout"),
        ("service-pipeline-deployed", f"{CONSOLE}services/detail/checkout"),
        ("service-template-deleted", f"{CONSOLE}templates/services/detail/legacy-worker"),
        ("service-template-version-published", f"{CONSOLE}templates/services/detail/http-service"),
    ],
)
def test_resources_with_a_proved_console_page_link_to_it(name: str, url: str) -> None:
    """Only forms of addresses that AWS itself uses are linked."""
    assert change_of(event(name)).links == (Link("Open in the Proton console", url),)


@pytest.mark.parametrize(
    "raw",
    [
        event("environment-deployed"),
        event("environment-account-connection-accepted"),
        event("deployment-failed"),
        {**event("service-created"), "region": "evil.example/"},
        {**event("service-created"), "region": "cn-north-1"},
        {**event("service-created"), "region": "us-gov-west-1"},
        {**event("service-created"), "region": None, "resources": []},
        {**event("service-created"), "detail": {"name": "../../evil?x", "status": "ACTIVE"}},
        {**event("service-created"), "detail": {"name": "x" * 101, "status": "ACTIVE"}},
        {**event("service-instance-deployed"), "detail": {"name": "prod", "status": "SUCCEEDED"}},
    ],
    ids=str,
)
def test_nothing_else_is_linked(raw: object) -> None:
    """No page is guessed, and no foreign text gets into an address."""
    assert change_of(raw).links == ()


def test_account_and_region_come_from_the_arn_where_the_envelope_lacks_them() -> None:
    """The user guide's samples say where they are from in their ARN alone."""
    change = change_of(event("environment-deletion-failed"))

    assert (change.account, change.region) == ("123456789012", "region_id")
    assert change.missing == ()


def test_the_envelope_counts_more_than_the_arn() -> None:
    """A connection's ARN names the environment account, its event may be from the other."""
    change = change_of({**event("environment-account-connection-accepted"), "account": "111111111111"})

    assert change.account == "111111111111"


def test_the_first_proton_arn_identifies_the_resource() -> None:
    """Another entry before it is passed over; without any, the first entry is told as it is."""
    arn = event("service-created")["resources"][0]

    assert change_of({**event("service-created"), "resources": ["junk", arn]}).arn == arn
    assert change_of({**event("service-created"), "resources": ["junk"]}).arn == "junk"


def test_only_an_environment_names_its_environment() -> None:
    """The environment of other resources is not in their events."""
    assert change_of(event("environment-deployed")).environment == "payments-prod"
    assert change_of(event("service-instance-deployed")).environment is None


def test_what_is_missing_is_named_as_in_the_event() -> None:
    """Fields of detail and envelope that should have been there are listed in the event's own words."""
    change = change_of(
        {"source": "aws.proton", "detail-type": "AWS Proton Service Instance Status Change", "detail": {}}
    )

    assert change.missing == ("status", "name", "serviceName", "account", "region", "time")
    assert not change.recognised


@pytest.mark.parametrize("detail_type", ["AWS Proton Deployment Status Change", "AWS Proton Widget Status Change"])
def test_of_an_undocumented_detail_only_common_fields_are_shown(detail_type: str) -> None:
    """Nobody knows what the others hold: it may be a secret."""
    detail = {"id": "d-1", "name": "deploy-7", "serviceName": "checkout", "status": "FAILED", "token": "s3cr3t"}

    change = change_of({**event("deployment-failed"), "detail-type": detail_type, "detail": detail})

    assert change.name == "deploy-7"
    assert [fact.value for fact in change.facts] == ["deploy-7", "checkout"]


@pytest.mark.parametrize(
    ("detail_type", "resource_type", "kind"),
    [
        ("AWS Proton Repository Sync Status Change", "RepositorySync", "Repository Sync"),
        ("AWS API Call via CloudTrail", "AWSAPICallViaCloudTrail", "AWS API Call via CloudTrail"),
        ("---", "Resource", "resource"),
    ],
)
def test_an_unlisted_detail_type_is_named_after_its_words(detail_type: str, resource_type: str, kind: str) -> None:
    """A later detail-type is not recognised, and still says what it is about."""
    change = change_of({**event("service-created"), "detail-type": detail_type})

    assert (change.resource_type, change.kind) == (resource_type, kind)
    assert not change.recognised
