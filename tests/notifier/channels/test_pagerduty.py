import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from urllib3 import Timeout

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.pagerduty import URL, PagerDutyChannel, dedup_key, events, trigger
from notifier.model.incident import Incident, State, Turn
from notifier.model.status_change import Severity
from proton_notifier.fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from proton_notifier.fakes.server import FakeResponse, schema_errors
from tests.clients import channel_clients
from tests.pagerduty_alerts import AlertingPagerDuty
from tests.samples import NAMES, STUCK, STUCK_ARN, STUCK_COMMAND, STUCK_LINK, STUCK_STEP, event, notification

Opening = Callable[[Destination], PagerDutyChannel]
FAILURE = notification(event("service-instance-deployment-failed"))
ARN = "arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod"


def place(url: str) -> Destination:
    """Configure a destination that posts to *url*."""
    return Destination("on-call", "pagerduty", (("routing_key", "key"), ("url", url)))


def refusal(*errors: str) -> str:
    """Write what PagerDuty says of an event that it does not take."""
    return json.dumps({"status": "invalid event", "message": "Event object is invalid", "errors": errors})


def problems(sent: dict[str, Any]) -> list[str]:
    """Name what PagerDuty would refuse in an event of ours."""
    return schema_errors("pagerduty", {"routing_key": ROUTING_KEY, **sent})


def test_the_alert_reads_like_this() -> None:
    """The whole event of a failure, to the letter, and no routing key in it."""
    assert PagerDutyChannel.message((FAILURE,), place(URL)) == {
        "events": [
            {
                "event_action": "trigger",
                "dedup_key": ARN,
                "payload": {
                    "summary": "production: checkout/prod could not be deployed (eu-west-1)",
                    "source": ARN,
                    "severity": "critical",
                    "timestamp": "2026-03-03T02:58:40+00:00",
                    "component": "checkout",
                    "class": "FAILED",
                    "custom_details": {
                        "What to do": "Find the first failed event of its CloudFormation stack (AWSProton-...) or of "
                        "its pipeline run; its deployment status message says the same. Fix what it names, then "
                        "deploy again.",
                        "Previous status": "IN_PROGRESS",
                        "Account": "production (123456789012)",
                        "Region": "eu-west-1",
                        "Resource": ARN,
                        "Event": "de3e5717-aa2a-5b41-b8f7-7b9c640cd2be",
                    },
                },
                "links": [
                    {
                        "href": "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1"
                        "#/services/detail/checkout",
                        "text": "Open in the Proton console",
                    }
                ],
                "client": "AWS notifier",
            }
        ]
    }


def test_the_alert_of_a_failure_with_its_reason_reads_like_this() -> None:
    """The summary ends with it, the details begin with it, and the key is the stack's, not the ARN's."""
    assert trigger(notification(STUCK)) == {
        "event_action": "trigger",
        "dedup_key": "CloudFormationStack/123456789012/eu-west-1/checkout",
        "payload": {
            "summary": "production: stack checkout could not be updated, and the rollback failed: "
            "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2 (eu-west-1)",
            "source": STUCK_ARN,
            "severity": "critical",
            "timestamp": "2026-03-03T12:00:00+00:00",
            "class": "UPDATE_ROLLBACK_FAILED",
            "custom_details": {
                "Reason": "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2",
                "What to do": STUCK_STEP,
                "Run": STUCK_COMMAND,
                "Account": "production (123456789012)",
                "Region": "eu-west-1",
                "Resource": STUCK_ARN,
                "Event": "0f1c2d3e-4b5a-4697-8877-665544332211",
            },
        },
        "links": [{"href": STUCK_LINK, "text": "Open the stack"}],
        "client": "AWS notifier",
    }


@pytest.mark.parametrize(("key", "hashed"), [("k" * 255, False), ("k" * 256, True), ("ä", True)])
def test_events_with_one_key_are_one_alert(
    key: str,
    hashed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A new stack of the same name has another ARN; whatever closes the alert has the key, too."""
    told = replace(notification(STUCK), key=key)
    recovered = replace(told, severity=Severity.RECOVERED, references=())

    opened, closed = events((told, recovered))

    assert opened["dedup_key"] == closed["dedup_key"] == (sha256(key.encode()).hexdigest() if hashed else key)


@pytest.mark.parametrize(
    ("severity", "action", "loudness"),
    [
        (Severity.FAILURE, "trigger", "critical"),
        (Severity.ACTION, "trigger", "warning"),
        (Severity.RECOVERED, "resolve", None),
        (Severity.SUCCESS, "resolve", None),
        (Severity.PROGRESS, None, None),
        (Severity.INFO, None, None),
    ],
)
def test_a_severity_opens_an_alert_or_closes_it_or_is_nothing_to_say(
    severity: Severity, action: str | None, loudness: str | None
) -> None:
    """Whatever happens to a resource, it is the same alert."""
    said = [*events((replace(FAILURE, severity=severity),))]

    assert [(each["event_action"], each["dedup_key"]) for each in said] == ([(action, ARN)] if action else [])
    assert [each.get("payload", {}).get("severity") for each in said] == ([loudness] if action else [])


@pytest.mark.parametrize(
    ("turn", "state", "severity", "action"),
    [
        (Turn.OPENED, State.FAILING, Severity.FAILURE, "trigger critical"),
        (Turn.OPENED, State.WAITING, Severity.ACTION, "trigger warning"),
        (Turn.AGAIN, State.FAILING, Severity.FAILURE, "trigger critical"),
        (Turn.UPDATED, State.FAILING, Severity.FAILURE, "trigger critical"),
        (Turn.FINISHED, State.FAILING, Severity.INFO, "trigger critical"),
        (Turn.REMINDER, State.FAILING, Severity.FAILURE, "trigger critical"),
        (Turn.FLAPPING, State.FLAPPING, Severity.FAILURE, "trigger critical"),
        (Turn.SETTLED, State.FAILING, Severity.FAILURE, "trigger critical"),
        (Turn.SETTLED, State.CLOSED, Severity.RECOVERED, "resolve"),
        (Turn.RECOVERED, State.CLOSED, Severity.RECOVERED, "resolve"),
        (Turn.ENDED, State.CLOSED, Severity.INFO, "resolve"),
        (Turn.PROGRESS, State.FAILING, Severity.PROGRESS, ""),
        (Turn.NOTED, State.FAILING, Severity.INFO, ""),
        (Turn.COUNTED, State.FLAPPING, Severity.FAILURE, ""),
        (Turn.LATE, State.CLOSED, Severity.FAILURE, ""),
    ],
)
def test_the_state_of_an_incident_opens_and_closes_its_alert(
    turn: Turn, state: State, severity: Severity, action: str
) -> None:
    """Turns that change nothing in the alert are left out; what is told late would open it again."""
    told = replace(FAILURE, severity=severity, incident=Incident("1", "1", turn, state, 1, None, 1))

    sent = [
        f"{each['event_action']} {each.get('payload', {}).get('severity', '')}".rstrip() for each in events((told,))
    ]

    assert sent == ([action] if action else [])


def test_the_environment_is_the_group() -> None:
    """It is there if the event names one."""
    said = trigger(notification(event("environment-deployment-failed")))

    assert (said["payload"]["group"], "component" in said["payload"]) == ("payments-prod", False)


def test_a_route_may_say_it_in_its_own_words() -> None:
    """The title is the summary, the text stands with what else there is to know."""
    said = trigger(replace(FAILURE, custom_title="Checkout is down", custom_body="Call Ada\nor wait"))

    assert said["payload"]["summary"] == "Checkout is down"
    assert said["payload"]["custom_details"]["Text"] == "Call Ada\nor wait"


def test_resources_without_an_arn_are_told_apart() -> None:
    """By type, account, region and name; where these are unknown, by what is left."""
    raw = {**event("service-update-failed"), "resources": []}
    bare = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None}

    assert dedup_key(notification(raw)) == "Service/123456789012/eu-west-1/checkout"
    assert dedup_key(notification(bare)) == "Service/-/-/(unnamed)"


@pytest.mark.parametrize(("arn", "hashed"), [("a" * 255, False), ("a" * 256, True), ("ä" * 255, True)])
def test_a_key_that_pagerduty_may_not_take_is_hashed(
    arn: str,
    hashed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The longest names make a longer ARN; how it counts what is not ASCII, it does not say."""
    key = dedup_key(notification({**event("service-created"), "resources": [arn]}))

    assert key == (sha256(arn.encode()).hexdigest() if hashed else arn)


def test_the_longest_summary_is_taken_however_it_is_counted() -> None:
    """As many characters that take two units each stay below the 1,024 that PagerDuty takes."""
    fire = "🔥" * 300

    summary = trigger(
        replace(notification(event("service-created")), severity=Severity.FAILURE, custom_title=fire * 2)
    )["payload"]["summary"]

    assert (len(summary), "…" in summary) == (510, True)


@pytest.mark.uncounted
@pytest.mark.parametrize("sample", NAMES)
def test_every_sample_is_taken(sample: str) -> None:
    """By the documented fields and limits."""
    assert [problems(said) for said in events((notification(event(sample)),))] in ([], [[]])


@given(
    name=st.text(max_size=320),
    status=st.text(max_size=320),
    account=st.text(max_size=320),
    severity=st.sampled_from([Severity.FAILURE, Severity.SUCCESS]),
    sample=st.sampled_from(NAMES),
)
def test_an_event_is_legal_whatever_comes(
    name: str, status: str, account: str, severity: Severity, sample: str
) -> None:
    """Nothing too long, nothing blank, and the headline survives a long name."""
    detail = {"name": name, "serviceName": name, "id": name, name: name, "status": status, "previousStatus": status}
    raw = {**event(sample), "account": account, "region": account, "resources": [name], "detail": detail}
    composed = replace(notification(raw), severity=severity)

    (said,) = events((composed,))

    assert problems(said) == []
    if severity is Severity.FAILURE:
        assert composed.headline in said["payload"]["summary"]


@pytest.fixture
def pagerduty() -> Iterator[AlertingPagerDuty]:
    """Run a fake PagerDuty on loopback."""
    with AlertingPagerDuty() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[Opening]:
    """Open a channel that knows the fake's key and may post to loopback."""
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        client.create_secret(Name="key", SecretString=ROUTING_KEY)
        yield partial(PagerDutyChannel, channel_clients())


def test_an_alert_opens_and_closes(pagerduty: AlertingPagerDuty, channel: Opening) -> None:
    """Trigger on failure, resolve on success, with nothing kept in between."""
    recovery = replace(FAILURE, severity=Severity.SUCCESS)

    channel(place(pagerduty.url)).send((FAILURE,))
    opened = [*pagerduty.open_alerts]
    channel(place(pagerduty.url)).send((recovery,))

    assert pagerduty.rejections == []
    assert opened == [ARN]
    assert pagerduty.open_alerts == {}


def test_where_there_is_nothing_to_say_nobody_is_asked(channel: Opening) -> None:
    """It counts as sent, and needs neither the secret nor an answer."""
    channel(place("https://nowhere.example")).send((replace(FAILURE, severity=Severity.PROGRESS),))

    assert PagerDutyChannel.message((replace(FAILURE, severity=Severity.INFO),), place(URL)) == {"events": []}


def test_what_is_sent_again_after_a_failure_changes_nothing(pagerduty: AlertingPagerDuty, channel: Opening) -> None:
    """Of two events the second is refused for now: both come again, and each resource has one alert."""
    other = notification(event("service-update-failed"))
    pagerduty.responses.extend([FakeResponse(202, "{}"), FakeResponse(429, "")])

    with pytest.raises(DeliveryError) as failed:
        channel(place(pagerduty.url)).send((FAILURE, other))
    for _ in range(2):
        channel(place(pagerduty.url)).send((FAILURE, other))

    assert failed.value.reason is Reason.RATE_LIMITED
    assert [*pagerduty.open_alerts] == [dedup_key(FAILURE), dedup_key(other)]


@pytest.mark.parametrize(
    ("answer", "told", "reason", "retry_after"),
    [
        (
            FakeResponse(429, "", {"Retry-After": "30"}),
            "429 with an unknown body",
            Reason.RATE_LIMITED,
            30,
        ),
        (FakeResponse(500, ""), "500 with an unknown body", Reason.UNAVAILABLE, None),
        (
            FakeResponse(400, '{"message":"Event object is invalid"}'),
            "400 Event object is invalid",
            Reason.REJECTED,
            None,
        ),
        (
            FakeResponse(400, refusal("Length of 'routing_key' is incorrect (should be 32 characters)")),
            r"400 Event object is invalid; Length of 'routing_key' is incorrect \(should be 32 characters\)$",
            Reason.UNAUTHORISED,
            None,
        ),
        (
            FakeResponse(400, refusal("Invalid routing key", f"'{ROUTING_KEY}' is no key", "<b>")),
            "400 Event object is invalid; Invalid routing key$",
            Reason.UNAUTHORISED,
            None,
        ),
        (FakeResponse(400, "Invalid routing key"), "400 Invalid routing key$", Reason.UNAUTHORISED, None),
        (
            FakeResponse(400, refusal("'payload.severity' is invalid (must be one of the following: 'info')")),
            "400 Event object is invalid$",
            Reason.REJECTED,
            None,
        ),
        (
            FakeResponse(400, refusal("'payload.summary' is missing or blank")),
            "400 Event object is invalid; 'payload.summary' is missing or blank$",
            Reason.REJECTED,
            None,
        ),
        (FakeResponse(429, refusal("Invalid routing key")), "429 Event object", Reason.RATE_LIMITED, None),
        (FakeResponse(403, ""), "403 with an unknown body", Reason.UNAUTHORISED, None),
        (FakeResponse(404, ""), "404 with an unknown body", Reason.GONE, None),
        (FakeResponse(200, '{"message": "a proxy"}'), "200 a proxy", Reason.UNAVAILABLE, None),
        (FakeResponse(400, f'{{"message":"{ROUTING_KEY}"}}'), "400 with an unknown body", Reason.REJECTED, None),
    ],
    ids=[
        "busy",
        "down",
        "rejected",
        "a short key",
        "an unknown key",
        "an unknown key in plain words",
        "severity",
        "summary",
        "busy with a word",
        "forbidden",
        "elsewhere",
        "a proxy",
        "the key in the answer",
    ],
)
def test_anything_but_accepted_is_an_error(
    answer: FakeResponse,
    told: str,
    reason: Reason,
    retry_after: float | None,
    pagerduty: FakePagerDuty,
    channel: Opening,
) -> None:
    """The reason decides between later and never, and the routing key is in no error."""
    pagerduty.responses.append(answer)

    with pytest.raises(DeliveryError, match=f"^PagerDuty answered {told}") as failed:
        channel(place(pagerduty.url)).send((FAILURE,))

    assert (failed.value.reason, failed.value.retry_after_seconds) == (reason, retry_after)
    assert ROUTING_KEY not in f"{failed.value}"


def test_the_vendors_success_is_a_yes_with_any_status_of_success(pagerduty: FakePagerDuty, channel: Opening) -> None:
    """Triggered again, the alert would be the same, but tried again for hours."""
    pagerduty.responses.append(FakeResponse(200, '{"status":"success","message":"Event processed"}'))

    channel(place(pagerduty.url)).send((FAILURE,))

    assert pagerduty.connections == 1


@pytest.mark.parametrize(
    "key", ["e+23rschqsESqk9Q6_-g", ROUTING_KEY[:-1], f"{ROUTING_KEY}0", f"{ROUTING_KEY[:-1]}é", "<key>"]
)
def test_what_is_no_integration_key_is_not_sent(key: str, pagerduty: FakePagerDuty) -> None:
    """Most often it is a key of the REST API, which is somebody's."""
    with mock_aws():
        boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="key", SecretString=key)

        with pytest.raises(
            DeliveryError, match=r"^the secret key does not hold an integration key, 32 letters"
        ) as failed:
            PagerDutyChannel(channel_clients(), place(pagerduty.url)).send((FAILURE,))

    assert failed.value.reason is Reason.MISCONFIGURED
    assert key not in str(failed.value)
    assert pagerduty.connections == 0


def test_silence_is_a_time_out(channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alert may or may not be open; to open it again is harmless."""
    monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=1, read=0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"

        with pytest.raises(DeliveryError, match="PagerDuty did not answer: ReadTimeoutError") as failed:
            channel(place(url)).send((FAILURE,))

    assert failed.value.reason is Reason.TIMED_OUT


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (URL, "PagerDuty did not answer"),
        ("https://events.eu.pagerduty.com/v2/enqueue", "PagerDuty did not answer"),
        ("https://evil.example/v2/enqueue", "the url of on-call does not hold an https URL on 127.0.0.1, events.eu"),
    ],
)
def test_pagerdutys_own_hosts_are_allowed(
    url: str, problem: str, channel: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The European accounts have a host of their own."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", refuse)

    with pytest.raises(DeliveryError, match=f"^{problem}"):
        channel(place(url)).send((FAILURE,))
