"""AWS Health: what is a problem, what asks for action, and what is only a notice."""

from itertools import product
from typing import Any, Final

import botocore.session
import pytest

from notifier.sources.operations.health import HEALTH
from tests.notifier.sources.documented_events import EVENTS, notification

EVENT: Final[dict[str, Any]] = EVENTS["hl_retirement"]


def health(**detail: object) -> dict[str, Any]:
    """Build the event with other values in its detail."""
    return {**EVENT, "detail": {**EVENT["detail"], **detail}}


@pytest.mark.parametrize(
    ("category", "status", "actionability", "severity", "headline"),
    [
        ("issue", "open", None, "failure", "reports a problem at AWS with EC2"),
        ("issue", "open", "ACTION_REQUIRED", "failure", "reports a problem at AWS with EC2"),
        ("investigation", "open", None, "failure", "reports a problem at AWS with EC2"),
        ("issue", "closed", "ACTION_REQUIRED", "recovered", "reports that a problem at AWS with EC2 is over"),
        ("investigation", "closed", None, "recovered", "reports that a problem at AWS with EC2 is over"),
        ("scheduledChange", "upcoming", None, "action", "announces a scheduled change to EC2"),
        ("scheduledChange", "closed", None, "info", "reports that a scheduled change to EC2 is over"),
        ("accountNotification", "open", "INFORMATIONAL", "info", "is a notice about EC2"),
        ("accountNotification", "open", "ACTION_REQUIRED", "action", "asks for action on EC2"),
        ("accountNotification", "open", "ACTION_MAY_BE_REQUIRED", "action", "asks for action on EC2"),
        ("accountNotification", "closed", "ACTION_REQUIRED", "info", "is a notice about EC2"),
        ("somethingNew", "open", "ACTION_REQUIRED", "action", "asks for action on EC2"),
    ],
)
def test_category_and_status_decide(
    category: str, status: str, actionability: str | None, severity: str, headline: str
) -> None:
    """A notice that asks for action is none; a problem stays one."""
    told = notification(health(eventTypeCategory=category, statusCode=status, actionability=actionability))

    assert (told.severity, told.headline) == (severity, headline)


def test_every_category_and_status_of_the_model_has_a_row() -> None:
    """A word that AWS adds fails here by its name."""
    model = botocore.session.get_session().get_service_model("health")
    categories, statuses = (
        getattr(model.shape_for(shape), "enum", ()) for shape in ("eventTypeCategory", "eventStatusCode")
    )

    assert categories
    assert {" ".join(words) for words in product(categories, statuses)} - set(HEALTH) == set()


def test_an_event_without_a_category_is_told_by_its_status() -> None:
    """It is not recognised."""
    told = notification(health(eventTypeCategory=None, actionability=None))

    assert (told.headline, told.recognised) == ('has the unknown status "open"', False)


@pytest.mark.parametrize(
    ("category", "end", "severity"),
    [
        ("issue", None, "failure"),
        ("issue", "Sat, 11 Jun 2016 05:30:57 GMT", "recovered"),
        ("scheduledChange", "Sat, 11 Jun 2016 05:30:57 GMT", "action"),
        ("accountNotification", None, "info"),
    ],
)
def test_an_event_without_a_status_is_told_by_its_category(category: str, end: str | None, severity: str) -> None:
    """The console's sample has none; the end of a problem says that it is over."""
    told = notification(health(statusCode=None, eventTypeCategory=category, endTime=end, actionability=None))

    assert (told.severity, told.status, told.recognised) == (severity, category, True)


def test_an_event_with_neither_category_nor_status_says_so() -> None:
    """Nothing tells what it is about."""
    told = notification(health(statusCode=None, eventTypeCategory=None, service=None))

    assert (told.severity, told.recognised) == ("info", False)


def test_an_event_without_a_service_is_told_by_its_code() -> None:
    """Better than a question mark."""
    told = notification(health(service=None, eventTypeCategory="issue", statusCode="open"))

    assert told.headline == f"reports a problem at AWS with {EVENT['detail']['eventTypeCode']}"


@pytest.mark.parametrize("detail_type", ["AWS Health Abuse Event", "AWS Health Event"])
@pytest.mark.parametrize(
    ("status", "severity", "headline"),
    [
        (None, "action", "reports abuse by resources of this account"),
        ("open", "action", "reports abuse by resources of this account"),
        ("closed", "info", "reports that a case of abuse is closed"),
    ],
)
def test_abuse_is_a_problem_of_the_account(detail_type: str, status: str | None, severity: str, headline: str) -> None:
    """AWS calls it an issue, but nothing is wrong at AWS."""
    event = health(service="ABUSE", eventTypeCategory="issue", statusCode=status, actionability=None)
    told = notification({**event, "detail-type": detail_type})

    assert (told.severity, told.headline, told.recognised) == (severity, headline, True)


@pytest.mark.parametrize(
    ("status", "severity", "headline"),
    [
        (None, "action", "reports a security risk to this account"),
        ("open", "action", "reports a security risk to this account"),
        ("closed", "info", "reports that a security risk to this account is over"),
    ],
)
def test_exposed_credentials_are_a_problem_of_the_account(status: str | None, severity: str, headline: str) -> None:
    """AWS calls them an issue of the service RISK; to wait for AWS would leave the credentials exposed."""
    exposed = {"service": "RISK", "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED", "eventTypeCategory": "issue"}
    told = notification(health(**exposed, statusCode=status, actionability=None))

    assert (told.severity, told.headline, told.recognised) == (severity, headline, True)


@pytest.mark.parametrize(("category", "facts"), [("accountNotification", ["Notice"]), ("issue", [])])
def test_a_notice_says_once_what_it_is_about(category: str, facts: list[str]) -> None:
    """Below the title, or as the reason of a problem."""
    told = notification(health(eventTypeCategory=category, actionability=None))
    description = EVENT["detail"]["eventDescription"][0]["latestDescription"]

    assert [fact.label for fact in told.facts if fact.value == description] == facts


def test_account_and_region_are_those_affected() -> None:
    """An organization's events come to another account, and global ones to one region."""
    told = notification(health(affectedAccount="210987654321", eventRegion="global"))

    assert told.place == ("210987654321", "global")
    assert told.key.startswith("HealthEvent/210987654321/arn:aws:health:us-east-1::event/")


def test_many_affected_resources_are_cut() -> None:
    """Only the first three are named."""
    told = notification(health(affectedEntities=[{"entityValue": f"i-{number}"} for number in range(5)]))

    assert ("Affected", "i-0, i-1, i-2, 2 more") in [(fact.label, fact.value) for fact in told.facts]


def test_a_page_of_many_is_a_fact() -> None:
    """The pages are text."""
    told = notification(health(page="2", totalPages="10"))

    assert ("Page", "2 of 10") in [(fact.label, fact.value) for fact in told.facts]


@pytest.mark.parametrize("line_break", ["\n", r"\n"])
def test_the_description_is_the_reason(line_break: str) -> None:
    """It is one line; AWS's sample of a retirement of tasks has line breaks that were escaped twice."""
    text = f"Current severity level: Degraded{line_break * 2}[03:15 PM PST] We see errors."
    told = notification(health(eventTypeCategory="issue", eventDescription=[{}, {"latestDescription": text}]))

    assert told.reason == "Current severity level: Degraded [03:15 PM PST] We see errors."
