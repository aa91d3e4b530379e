from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from notifier.routes.decisions import RouteOutcome, RoutingDecision, as_json, bypass_routes, decide_routes
from notifier.routes.document import default_document
from notifier.routes.loader import read_document
from notifier.settings import SEVERITIES, Scope
from tests.documents import MOMENTS, OWN, PREDEFINED, documents, notifications, toml
from tests.samples import NAMES, event, notification

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
# Service instance checkout/prod could not be deployed, in account 123456789012 and eu-west-1.
FAILURE = notification(event("service-instance-deployment-failed"))
SUCCESS = notification(event("service-instance-deployed"))
# Its severity, info, is a guess.
UNKNOWN = notification(event("repository-of-a-later-type"))


def decision(text: str, notified: Notification = FAILURE, now: datetime = NOON) -> RoutingDecision:
    """Read a document and decide by it."""
    return decide_routes(read_document(text, OWN, None), notified, now)


def outcomes(text: str, notified: Notification = FAILURE, now: datetime = NOON) -> list[str]:
    """Say what became of a notification at each route."""
    return [str(result.outcome) for result in decision(text, notified, now).results]


def destinations(text: str, notified: Notification = FAILURE, now: datetime = NOON) -> list[str]:
    """Say which destinations hear of a notification."""
    return [recipient.destination for recipient in decision(text, notified, now).recipients]


@pytest.mark.parametrize(
    "conditions",
    [
        "",
        "match = {}",
        'match = { severity = "failure" }',
        'match = { severity = ["action", "fail*"] }',
        'match = { resource_type = "Service*" }',
        'match = { service = "check*", name = "*/prod" }',
        'match = { service = ["invoices", "checkout"], region = "eu-*-?", status = "FAILED" }',
        'match = { account = "123456789012" }',
        'match = { account = "production" }',
        'match = { account = "prod*" }',
        'not = { service = "invoices" }',
        'not = { environment = "*" }',
        'match = { service = "checkout" }\nnot = { account = "staging", severity = "info" }',
    ],
)
def test_a_route_leads_on_what_meets_all_its_conditions(conditions: str) -> None:
    """A key that the notification lacks excludes nothing; an account goes by its number and by its name."""
    text = f'accounts.123456789012 = "production"\n[[routes]]\nto = ["email"]\n{conditions}'

    assert destinations(text) == ["email"]
    assert outcomes(text) == ["matched"]


@pytest.mark.parametrize(
    ("conditions", "mismatch"),
    [
        ('match = { severity = "action" }', ("match.severity", "failure")),
        ('match = { service = "Checkout" }', ("match.service", "checkout")),
        ('match = { service = "checkout", environment = "*" }', ("match.environment", None)),
        ('match = { account = ["staging", "1234"] }', ("match.account", "123456789012")),
        ('match = { region = "production" }', ("match.region", "eu-west-1")),
        ('not = { name = "*prod*" }', ("not.name", "checkout/prod")),
        ('not = { account = "production" }', ("not.account", "123456789012")),
        ('not = { service = ["a", "checkout"] }', ("not.service", "checkout")),
        ('match = { name = "x" }\nnot = { service = "*" }', ("match.name", "checkout/prod")),
    ],
)
def test_a_route_says_which_key_kept_a_notification_out(conditions: str, mismatch: tuple[str, str | None]) -> None:
    """The first of them, and what the notification has there."""
    decided = decision(f'accounts.123456789012 = "production"\n[[routes]]\nto = ["email"]\n{conditions}')

    assert decided.recipients == ()
    (result,) = decided.results
    assert (result.outcome, result.key, result.value) == (RouteOutcome.MISMATCHED, *mismatch)


def test_a_destination_hears_once_as_the_first_route_to_it_says() -> None:
    """Several routes may match; later ones add destinations, not messages."""
    text = """
        [[routes]]
        to = ["slack"]
        mention = { failure = "@here", action = "S0123ABCD" }
        title = "first"
        [[routes]]
        to = ["email", "slack"]
        mention = { failure = "@channel" }
    """

    recipients = decision(text).recipients

    assert [(each.destination, each.route.name, each.route.title, each.mention) for each in recipients] == [
        ("slack", "route 1", "first", "@here"),
        ("email", "route 2", None, "@channel"),
    ]
    assert [each.mention for each in decision(text, SUCCESS).recipients] == [None, None]


def test_a_final_route_that_matches_is_the_last() -> None:
    """One that does not match stops nothing."""
    text = """
        [[routes]]
        match.service = "checkout"
        to = ["slack"]
        final = true
        [[routes]]
        to = ["email"]
    """

    assert outcomes(text) == ["matched", "shadowed"]
    assert destinations(text) == ["slack"]
    assert destinations(text.replace('"checkout"', '"invoices"')) == ["email"]


QUIET = """
    [[routes]]
    to = ["slack"]
    quiet_hours = { from = "11:00", to = "13:00", time_zone = "UTC" }
    final = true
    [[routes]]
    to = ["email"]
"""


@pytest.mark.parametrize("severity", Severity)
def test_only_failures_pass_quiet_hours(severity: Severity) -> None:
    """A final route in its quiet hours stops later routes, too."""
    notified = replace(SUCCESS, severity=severity)

    assert outcomes(QUIET, notified) == ["matched" if severity is Severity.FAILURE else "quiet", "shadowed"]
    assert destinations(QUIET, notified) == (["slack"] if severity is Severity.FAILURE else [])
    assert destinations(QUIET, notified, NOON.replace(hour=13)) == ["slack"]


SILENCED = """
    [[routes]]
    to = ["slack"]
    [[silences]]
    match.service = "invoices"
    until = 2026-12-01T08:00:00Z
    reason = "not this one"
    by = "jo"
    [[silences]]
    match.service = "checkout"
    not.name = "checkout/dev"
    until = 2026-12-01T08:00:00+01:00
    reason = "planned migration"
    by = "jo"
"""


def test_a_silence_stops_everything_until_it_is_over() -> None:
    """The decision names the silence."""
    decided = decision(SILENCED)

    assert decided.silenced_by
    assert decided.silenced_by.reason == "planned migration"
    assert decided.results == ()
    assert decided.recipients == ()
    assert destinations(SILENCED, now=datetime(2026, 12, 1, 6, 59, 59, tzinfo=UTC)) == []
    assert destinations(SILENCED, now=datetime(2026, 12, 1, 7, 0, tzinfo=UTC)) == ["slack"]
    assert destinations(SILENCED.replace("dev", "prod")) == ["slack"]


@pytest.mark.parametrize(
    ("conditions", "heard"),
    [
        ('match = { severity = "failure" }', ["slack", "email"]),
        ('not = { severity = "info" }', ["slack", "email"]),
        ('match = { name = "infra" }', ["slack"]),
        ('match = { severity = "failure", name = "other" }', ["email"]),
        ('quiet_hours = { days = ["tue"], time_zone = "UTC" }', ["slack"]),
    ],
)
def test_a_severity_that_is_a_guess_keeps_nobody_from_hearing(conditions: str, heard: list[str]) -> None:
    """It meets every condition on severities, passes quiet hours, and stops at no route that asks for one."""
    text = f'[[routes]]\nto = ["slack"]\nfinal = true\n{conditions}\n[[routes]]\nto = ["email"]'

    assert UNKNOWN.severity is Severity.INFO
    assert destinations(text, UNKNOWN) == heard


@pytest.mark.parametrize(
    ("conditions", "silenced"),
    [
        ('match = { severity = "*" }', False),
        ('match = { name = "infra", severity = "info" }', False),
        ('match = { name = "infra" }\nnot = { severity = "failure" }', False),
        ('match = { name = "infra" }', True),
    ],
)
def test_a_severity_that_is_a_guess_is_not_silenced_by_it(conditions: str, *, silenced: bool) -> None:
    """A silence of all that is harmless does not cover what may be harm."""
    silence = f'[[silences]]\n{conditions}\nuntil = 2026-12-01T08:00:00Z\nreason = "x"\nby = "jo"'

    assert destinations(f'[[routes]]\nto = ["slack"]\n{silence}', UNKNOWN) == ([] if silenced else ["slack"])


@pytest.mark.uncounted
@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("name", NAMES)
def test_a_stack_without_a_document_tells_what_its_scope_asks_for(name: str, scope: Scope) -> None:
    """Failures, actions and recoveries, or everything; and always what is new to this program."""
    notified = notification(event(name))
    urgent = notified.severity in {Severity.FAILURE, Severity.ACTION, Severity.RECOVERED}

    decided = decide_routes(default_document(PREDEFINED, (), SEVERITIES[scope]), notified, NOON)

    wanted = scope is Scope.EVERYTHING or urgent or not notified.recognised
    assert [recipient.destination for recipient in decided.recipients] == (["email", "slack"] if wanted else [])
    assert {recipient.mention for recipient in decided.recipients} <= {None}


def test_past_the_routes_are_those_named_that_there_are() -> None:
    """Each once, whatever is silenced; nobody can be told who is not there."""
    silence = '[[silences]]\nmatch = { name = "*" }\nuntil = 2026-12-01T08:00:00Z\nreason = "x"\nby = "jo"'
    document = read_document(f'[[routes]]\nto = ["email"]\n{silence}', OWN, None)

    decided = bypass_routes(document, ("slack", "nowhere", "slack"))

    assert [(each.destination, each.route.name, each.mention) for each in decided.recipients] == [
        ("slack", "past the routes", None)
    ]
    assert (decided.silenced_by, decided.results) == (None, ())


def test_a_decision_can_be_read_by_a_program() -> None:
    """The JSON has the result of each route, the recipients, and the silence."""
    text = '[[routes]]\nname = "a"\nmatch = { name = "x" }\nto = ["email"]\n[[routes]]\nname = "b"\nto = ["slack"]'
    silence = '[[silences]]\nmatch = { name = "*" }\nuntil = 2026-12-01T08:00:00Z\nreason = "x"\nby = "jo"'

    assert as_json(decision(text)) == {
        "silenced_by": None,
        "routes": [
            {"name": "a", "outcome": "mismatched", "key": "match.name", "value": "checkout/prod"},
            {"name": "b", "outcome": "matched", "key": None, "value": None},
        ],
        "recipients": [{"destination": "slack", "route": "b", "mention": None}],
    }
    assert as_json(decision(f"{text}\n{silence}")) == {
        "silenced_by": {"until": "2026-12-01T08:00:00+00:00", "reason": "x", "by": "jo"},
        "routes": [],
        "recipients": [],
    }


@given(content=documents(), notified=notifications(), now=MOMENTS)
def test_every_document_decides_about_every_notification(
    content: dict[str, Any], notified: Notification, now: datetime
) -> None:
    """Never an exception, always the same, each destination at most once and none that is not there."""
    document = read_document(toml(content), OWN, None)

    decided = decide_routes(document, notified, now)

    names = [recipient.destination for recipient in decided.recipients]
    assert decide_routes(read_document(toml(content), OWN, None), notified, now) == decided
    assert len(names) == len(set(names))
    assert set(names) <= {destination.name for destination in document.destinations}
    assert len(decided.results) == (0 if decided.silenced_by else len(document.routes))
    assert (not names) == (RouteOutcome.MATCHED not in {result.outcome for result in decided.results})
