import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import pytest
import urllib3
from moto import mock_aws

from notifier.channels import channel_type
from notifier.channels.base import Receipt
from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.slack.bot import SlackBotChannel
from notifier.channels.slack.message import message
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.fakes.slack_workspace import CHANNELS
from tests.clients import channel_clients
from tests.faulty_slack import FaultySlack
from tests.samples import event, notification

Opening = Callable[[Destination], SlackBotChannel]
TOLD = (notification(event("service-created")),)
THREE = tuple(map(notification, map(event, ("service-created", "service-recovered", "service-update-failed"))))


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack on loopback."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[Opening]:
    """Open a channel whose secrets are in moto and which may post to loopback."""
    with mock_aws():
        yield partial(SlackBotChannel, channel_clients())


def keep_token(token: str = TOKEN) -> None:
    """Put *token* into the secret that the tests name."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="bot", SecretString=token)


def place(slack: FakeSlack, channel: str = "C0ALERTS") -> Destination:
    """Make a destination at the fake."""
    return Destination("alerts", "slack-bot", (("token", "bot"), ("channel", channel), ("url", slack.api_url)))


@pytest.mark.parametrize("told", [TOLD, THREE], ids=["single", "digest"])
def test_a_message_arrives(told: tuple[Any, ...], slack: FakeSlack, channel: Opening) -> None:
    """The API gets a webhook's payload and the channel; white space around the token does no harm."""
    keep_token(f" {TOKEN}\n")

    channel(place(slack)).send(told)

    (posted,) = slack.messages
    assert posted == SlackBotChannel.message(told, place(slack))
    assert posted.items() >= {"channel": "C0ALERTS", **message(told)}.items()


def test_the_token_is_in_the_header_alone(slack: FakeSlack, channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the address nor the body holds it, and the body is JSON that says in which characters."""
    requests: list[tuple[str, bytes, dict[str, str]]] = []
    request = urllib3.HTTPConnectionPool.urlopen

    def seen(pool: urllib3.HTTPConnectionPool, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:  # noqa: ANN401 - urllib3 takes it
        requests.append((url, options["body"], options["headers"]))
        return request(pool, method, url, **options)

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", seen)
    keep_token()

    channel(place(slack)).send(TOLD)

    ((url, body, headers),) = requests
    assert headers == {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json; charset=utf-8"}
    assert TOKEN not in url + body.decode()
    assert TOKEN not in json.dumps(SlackBotChannel.message(TOLD, place(slack)))


def test_an_answer_that_repeats_a_long_message_is_a_success(slack: FakeSlack, channel: Opening) -> None:
    """Slack's answer holds the whole message; cut off, it would be no yes, and the message would be posted again."""
    keep_token()
    slack.responses.append(FakeResponse(200, json.dumps({"ok": True, "ts": "1.2", "message": {"text": "😀" * 75_000}})))

    assert channel(place(slack)).send(TOLD) == Receipt(id="1.2", place="C0ALERTS", is_root=True)


@pytest.mark.parametrize(
    ("answer", "told", "reason", "retry_after"),
    [
        ((200, "access_denied"), "200 access_denied", Reason.UNAUTHORISED, None),
        ((200, "account_inactive"), "200 account_inactive", Reason.UNAUTHORISED, None),
        ((200, "fatal_error"), "200 fatal_error", Reason.UNAVAILABLE, None),
        ((200, "internal_error"), "200 internal_error", Reason.UNAVAILABLE, None),
        ((200, "missing_scope"), "200 missing_scope", Reason.UNAUTHORISED, None),
        ((200, "msg_too_long"), "200 msg_too_long", Reason.REJECTED, None),
        ((200, "rate_limited"), "200 rate_limited", Reason.RATE_LIMITED, 7),
        ((200, "request_timeout"), "200 request_timeout", Reason.TIMED_OUT, None),
        ((200, "service_unavailable"), "200 service_unavailable", Reason.UNAVAILABLE, None),
        ((200, "token_revoked"), "200 token_revoked", Reason.UNAUTHORISED, None),
        ((200, "a_word_of_next_year"), "200 a_word_of_next_year", Reason.MISCONFIGURED, None),
        ((200, "Not a word xoxb-"), "200 with an unknown body", Reason.UNAVAILABLE, None),
        ((200, None), "200 with an unknown body", Reason.UNAVAILABLE, None),
        ((429, "ratelimited"), "429 ratelimited", Reason.RATE_LIMITED, 7),
        ((500, "internal_error"), "500 internal_error", Reason.UNAVAILABLE, None),
        ((503, "invalid_auth"), "503 invalid_auth", Reason.UNAVAILABLE, None),
    ],
    ids=str,
)
def test_a_no_has_its_reason(
    answer: tuple[int, str | None],
    told: str,
    reason: Reason,
    retry_after: float | None,
    slack: FakeSlack,
    channel: Opening,
) -> None:
    """The word decides where the status is 200; one that nobody listed is a no all the same."""
    keep_token()
    status, word = answer
    body = json.dumps({"ok": False, **({"error": word} if word else {})})
    slack.responses.append(FakeResponse(status, body, {"Retry-After": "7"} if retry_after else {}))

    with pytest.raises(DeliveryError) as failed:
        channel(place(slack)).send(TOLD)

    assert str(failed.value) == f"Slack answered {told}"
    assert (failed.value.reason, failed.value.retry_after_seconds) == (reason, retry_after)


@pytest.mark.parametrize(
    "body",
    ["ok", "", "<html>Please log in</html>", "[]", "null", '{"ok": "true"}', '{"ok": 1}', '{"error": "ok"}', '{"ok":'],
)
def test_only_ok_is_a_yes(body: str, slack: FakeSlack, channel: Opening) -> None:
    """A page of something in between is no answer of Slack's; the message is tried again."""
    keep_token()
    slack.responses.append(FakeResponse(200, body))

    with pytest.raises(DeliveryError, match="Slack answered 200 with an unknown body") as failed:
        channel(place(slack)).send(TOLD)

    assert failed.value.reason is Reason.UNAVAILABLE


def test_a_refused_mention_does_not_hold_back_the_message(channel: Opening) -> None:
    """Administrators may keep apps from calling a whole channel; the note says so, in the message and in the log."""
    keep_token()
    with FaultySlack(mentions_are_restricted=True) as slack:
        note = channel(place(slack)).send((replace(TOLD[0], mention="@here"), *THREE)).note

    assert slack.rejections == ["restricted_action"]
    assert slack.messages[0].items() >= message((*TOLD, *THREE), note).items()
    assert note.endswith("so this is without it: Slack answered 200 restricted_action")


def test_ok_with_another_status_is_no_yes(slack: FakeSlack, channel: Opening) -> None:
    """Status and body have to agree."""
    keep_token()
    slack.responses.append(FakeResponse(502, '{"ok": true}'))

    with pytest.raises(DeliveryError, match="Slack answered 502"):
        channel(place(slack)).send(TOLD)


@pytest.mark.parametrize(
    ("id_", "word", "reason"),
    [
        ("C0ARCHIVED", "is_archived", Reason.GONE),
        ("C0UNKNOWN", "channel_not_found", Reason.GONE),
        ("G0SECRET", "not_in_channel", Reason.UNAUTHORISED),
    ],
)
def test_a_closed_channel_is_for_a_person(
    id_: str, word: str, reason: Reason, slack: FakeSlack, channel: Opening
) -> None:
    """The bot has to be invited, or another channel to be named."""
    keep_token()

    with pytest.raises(DeliveryError, match=f"^Slack answered 200 {word}$") as failed:
        channel(place(slack, id_)).send(TOLD)

    assert failed.value.reason is reason
    assert failed.value.permanent


def test_a_revoked_token_is_read_anew(slack: FakeSlack, channel: Opening) -> None:
    """Whoever replaces it need not deploy."""
    keep_token("xoxb-old")
    with pytest.raises(DeliveryError, match="invalid_auth"):
        channel(place(slack)).send(TOLD)
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(SecretId="bot", SecretString=TOKEN)

    channel(place(slack)).send(TOLD)

    assert len(slack.messages) == 1


@pytest.mark.parametrize(
    "token",
    ["https://hooks.slack.com/s3cr3t", "xoxb-s3cr3t\r\nHost: evil.example", "xoxb-s3cr3t🔥", "xoxp-s3cr3t", "xoxb-"],
)
def test_what_is_no_bots_token_is_not_sent(token: str, slack: FakeSlack, channel: Opening) -> None:
    """A line break in it would make a header of its own, and an error that repeats it."""
    keep_token(token)

    with pytest.raises(DeliveryError, match="the secret bot does not hold a Slack bot's token") as failed:
        channel(place(slack)).send(TOLD)

    assert failed.value.reason is Reason.MISCONFIGURED
    assert failed.value.__cause__ is failed.value.__context__ is None
    assert slack.connections == 0


@pytest.mark.parametrize(
    "url", ["https://slack.com.evil.example/api/chat.postMessage", "http://slack.com/api/chat.postMessage"]
)
def test_the_token_goes_to_slack_alone(url: str, channel: Opening) -> None:
    """Another address is refused before anything is written."""
    keep_token()
    elsewhere = Destination("alerts", "slack-bot", (("token", "bot"), ("channel", "C0ALERTS"), ("url", url)))

    with pytest.raises(DeliveryError, match="the setting url of alerts does not hold an https URL on") as failed:
        channel(elsewhere).send(TOLD)

    assert failed.value.reason is Reason.MISCONFIGURED


def test_without_an_address_it_is_slacks_own(channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only GovSlack's customers have to name one."""
    asked: list[str] = []

    def refuse(host: str, *_arguments: object, **_options: object) -> None:
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    keep_token()

    with pytest.raises(DeliveryError, match="Slack did not answer"):
        channel(Destination("alerts", "slack-bot", (("token", "bot"), ("channel", "C0ALERTS")))).send(TOLD)

    assert asked == ["slack.com"]


@pytest.mark.parametrize(
    ("setting", "value", "legal"),
    [
        *(("channel", each, True) for each in (*CHANNELS, "C024BE91L")),
        *(("channel", each, False) for each in ("#alerts", "D024BE91L", "c024be91l", "")),
        ("url", "https://slack-gov.com/api/chat.postMessage", True),
        ("url", "https://user@slack.com/api/chat.postMessage", False),
        ("url", "ftp://slack.com/", False),
    ],
)
def test_a_setting_is_what_slack_calls_it(setting: str, value: str, legal: bool) -> None:  # noqa: FBT001 - a column of the table
    """A channel is named by its id, which stays when people rename it."""
    patterns = {each.name: each.pattern for each in channel_type("slack-bot").settings}

    assert bool(re.fullmatch(patterns[setting], value)) is legal
