import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import boto3
import pytest
from moto import mock_aws
from urllib3 import Timeout

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import UNUSUAL_SUCCESS
from notifier.channels.slack.webhook import SlackChannel
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from tests.clients import channel_clients
from tests.faulty_slack import FaultySlack
from tests.samples import event, notification

Opening = Callable[[Destination], SlackChannel]
PLACE = Destination("alerts", "slack", (("webhook", "webhook"),))
THREE = ("service-created", "service-recovered", "service-update-failed")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack on loopback."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[Opening]:
    """Open a channel whose secrets are in moto and which may post to loopback."""
    with mock_aws():
        yield partial(SlackChannel, channel_clients())


def keep_secret(webhook: str) -> None:
    """Put *webhook* into the secret that the tests name."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="webhook", SecretString=webhook)


def test_a_message_arrives(slack: FakeSlack, channel: Opening) -> None:
    """Slack gets the payload; white space around the pasted address does no harm."""
    keep_secret(f" {slack.url}\n")
    composed = notification(event("service-created"))

    channel(PLACE).send((composed,))

    assert slack.messages == [message((composed,))]


def test_several_notifications_are_one_message(slack: FakeSlack, channel: Opening) -> None:
    """Slack takes the digest."""
    keep_secret(slack.url)
    composed = tuple(notification(event(name)) for name in THREE)

    channel(PLACE).send(composed)

    assert slack.messages == [message(composed)]


def test_a_refused_mention_does_not_hold_back_the_message(channel: Opening) -> None:
    """A webhook has a word of its own for it."""
    composed = replace(notification(event("service-update-failed")), mention="@channel")
    with FaultySlack(mentions_are_restricted=True) as slack:
        keep_secret(slack.url)
        note = channel(PLACE).send((composed,)).note

    assert slack.rejections == ["action_prohibited"]
    assert slack.messages == [message((replace(composed, mention=None),), note)]


@pytest.mark.parametrize("path", ["/triggers/T00000000/1/s3cr3t", "/workflows/T00000000/A0/1/s3cr3t"])
def test_a_workflow_is_not_started_by_what_is_no_workflows(path: str, slack: FakeSlack, channel: Opening) -> None:
    """It would know none of the message, and start at each attempt."""
    keep_secret(slack.url.removesuffix(slack.path) + path)

    with pytest.raises(
        DeliveryError, match=r"the secret webhook holds the URL of a Slack workflow, .* type slack-workflow"
    ) as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert failed.value.reason is Reason.MISCONFIGURED
    assert "s3cr3t" not in f"{failed.value} {failed.value.__context__}"
    assert slack.connections == 0


@pytest.mark.parametrize("body", ["ok\n", "OK", '{"ok":true}', '{"ok":true,"error":null}'])
def test_a_yes_in_other_words_is_noted(body: str, slack: FakeSlack, channel: Opening) -> None:
    """It cannot mean no, and posted again the message would be told twice."""
    keep_secret(slack.url)
    slack.responses.append(FakeResponse(200, body))

    assert channel(PLACE).send((notification(event("service-created")),)).note == UNUSUAL_SUCCESS
    assert slack.connections == 1


@pytest.mark.parametrize(
    ("answer", "told", "reason", "retry_after"),
    [
        (FakeResponse(429, "rate_limited", {"Retry-After": "30"}), "429 rate_limited", Reason.RATE_LIMITED, 30),
        (FakeResponse(429, "rate_limited", {"Retry-After": "999999"}), "429 rate_limited", Reason.RATE_LIMITED, 3_600),
        (FakeResponse(429, "rate_limited", {"Retry-After": "soon"}), "429 rate_limited", Reason.RATE_LIMITED, None),
        (FakeResponse(429, "rate_limited"), "429 rate_limited", Reason.RATE_LIMITED, None),
        (FakeResponse(500, "rollup_error"), "500 rollup_error", Reason.UNAVAILABLE, None),
        (FakeResponse(503, "", {"Retry-After": "5"}), "503 with an unknown body", Reason.UNAVAILABLE, 5),
        (FakeResponse(408, "timeout"), "408 timeout", Reason.TIMED_OUT, None),
        (FakeResponse(400, "invalid_payload"), "400 invalid_payload", Reason.REJECTED, None),
        (FakeResponse(401, "invalid_token"), "401 invalid_token", Reason.UNAUTHORISED, None),
        (FakeResponse(403, "action_prohibited"), "403 action_prohibited", Reason.UNAUTHORISED, None),
        (FakeResponse(400, "no_service"), "400 no_service", Reason.GONE, None),
        (FakeResponse(400, "invalid_token"), "400 invalid_token", Reason.UNAUTHORISED, None),
        (FakeResponse(403, "invalid_payload"), "403 invalid_payload", Reason.REJECTED, None),
        (FakeResponse(405, ""), "405 with an unknown body", Reason.MISCONFIGURED, None),
        (FakeResponse(421, ""), "421 with an unknown body", Reason.UNAVAILABLE, None),
        (FakeResponse(404, "no_service"), "404 no_service", Reason.GONE, None),
        (FakeResponse(410, "channel_is_archived"), "410 channel_is_archived", Reason.GONE, None),
        (FakeResponse(413, "too_large"), "413 too_large", Reason.REJECTED, None),
        (FakeResponse(200, "no_text"), "200 no_text", Reason.UNAVAILABLE, None),
        (FakeResponse(302, "", {"Location": "/x"}), "302 with an unknown body", Reason.MISCONFIGURED, None),
        (FakeResponse(404, "Cannot POST /T/B/s3cr3t"), "404 with an unknown body", Reason.GONE, None),
    ],
    ids=lambda value: f"{value.status} {value.body} {value.headers}" if isinstance(value, FakeResponse) else "",
)
def test_anything_but_ok_is_an_error(
    answer: FakeResponse,
    told: str,
    reason: Reason,
    retry_after: float | None,
    slack: FakeSlack,
    channel: Opening,
) -> None:
    """A message counts as sent only if Slack said so, and an answer cannot carry the secret into a log."""
    keep_secret(slack.url)
    slack.responses.append(answer)

    with pytest.raises(DeliveryError) as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert str(failed.value) == f"Slack answered {told}"
    assert (failed.value.reason, failed.value.retry_after_seconds) == (reason, retry_after)
    assert slack.messages == []


@pytest.mark.parametrize(
    ("seconds_from_now", "shortest", "longest"), [(60, 50, 61), (-60, 0, 0), (99_999, 3_600, 3_600)]
)
def test_retry_after_may_be_a_date(
    seconds_from_now: int,
    shortest: float,
    longest: float,
    slack: FakeSlack,
    channel: Opening,
) -> None:
    """One that is past means now, one that is far off is not believed."""
    keep_secret(slack.url)
    moment = datetime.now(UTC) + timedelta(seconds=seconds_from_now)
    slack.responses.append(FakeResponse(429, "rate_limited", {"Retry-After": format_datetime(moment, usegmt=True)}))

    with pytest.raises(DeliveryError) as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert failed.value.retry_after_seconds is not None
    assert shortest <= failed.value.retry_after_seconds <= longest


def test_no_answer_is_an_error(channel: Opening) -> None:
    """Nothing was sent to a port without a server."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        keep_secret(f"http://127.0.0.1:{closed.getsockname()[1]}/services/T/B/s3cr3t")

        with pytest.raises(DeliveryError, match="Slack did not answer: NewConnectionError") as failed:
            channel(PLACE).send((notification(event("service-created")),))

    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__}"


@pytest.mark.parametrize(
    "webhook",
    [
        "https://evil.example/services/T/B/s3cr3t",
        "https://hooks.slack.com.evil.example/services/T/B/s3cr3t",
        "https://hooks.slack.com@evil.example/services/T/B/s3cr3t",
        "https://user:s3cr3t@hooks.slack.com/services/T/B/X",
        "http://hooks.slack.com/services/T/B/s3cr3t",
        "http://localhost/services/T/B/s3cr3t",
        "ftp://hooks.slack.com/s3cr3t",
        "https://hooks.slack.com:s3cr3t/",
        "s3cr3t",
        "",
    ],
)
def test_a_webhook_elsewhere_is_refused_and_not_repeated(webhook: str, channel: Opening) -> None:
    """Alerts go to Slack by https or to a listed host, and an error never shows the secret."""
    keep_secret(webhook or " ")

    with pytest.raises(DeliveryError, match="the secret webhook does not hold an https URL on 127") as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"


def test_silence_is_a_time_out(channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack may or may not have the message; it is retried."""
    monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=1, read=0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keep_secret(f"http://127.0.0.1:{silent.getsockname()[1]}/services/T/B/X")

        with pytest.raises(DeliveryError, match="Slack did not answer: ReadTimeoutError") as failed:
            channel(PLACE).send((notification(event("service-created")),))

    assert failed.value.reason is Reason.TIMED_OUT


def test_slacks_own_hosts_are_allowed_by_https(channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """GovSlack has a host of its own."""
    asked: list[str] = []

    def refuse(host: str, *_arguments: object, **_options: object) -> None:
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    keep_secret("https://hooks.slack-gov.com/services/T/B/X")

    with pytest.raises(DeliveryError, match="Slack did not answer"):
        channel(PLACE).send((notification(event("service-created")),))

    assert asked == ["hooks.slack-gov.com"]
