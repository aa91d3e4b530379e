import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from urllib3 import Timeout

from cli.slack_standin import Answer, SlackStandIn, problems
from notifier.channels.slack import SlackChannel, escaped, render, render_digest
from notifier.destinations import Destination
from notifier.digests import digest
from notifier.failures import DeliveryError, Reason
from tests.clients import TestClients
from tests.samples import NAMES, environment_event, event, notification

PLACE = Destination("alerts", "slack", (("webhook", "webhook"),))
ANY_TEXT = st.text(max_size=250)
HOSTILE = st.text(alphabet="<>&!|@#`*_~🔥\n", max_size=250)
# What only we may write between angle brackets: a link and a date.
OURS = re.compile(r"<https://[^<>|]+\|[^<>|]+>|<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[^<>|]+>")


def test_the_message_reads_like_this() -> None:
    """The whole payload of a failure, to the letter."""
    assert render(notification(event("service-instance-deployment-failed"))) == {
        "text": "🔴 Service instance checkout/prod could not be deployed (production, eu-west-1)",
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": "🔴 Service instance checkout/prod could not be deployed",
                    "emoji": True,
                },
            }
        ],
        "attachments": [
            {
                "color": "#d0242b",
                "blocks": [
                    {
                        "type": "section",
                        "text": {
                            "type": "mrkdwn",
                            "text": "*What to do:* Find the first failed event of its CloudFormation stack "
                            "(AWSProton-...) or of its pipeline run; its deployment status message says the same. "
                            "Fix what it names, then deploy again.",
                            "verbatim": True,
                        },
                    },
                    {
                        "type": "section",
                        "fields": [
                            {"type": "mrkdwn", "text": "*Status*\n`IN_PROGRESS` → `FAILED`", "verbatim": True},
                            {"type": "mrkdwn", "text": "*Service instance*\nprod", "verbatim": True},
                            {"type": "mrkdwn", "text": "*Service*\ncheckout", "verbatim": True},
                            {"type": "mrkdwn", "text": "*Account*\nproduction (123456789012)", "verbatim": True},
                            {"type": "mrkdwn", "text": "*Region*\neu-west-1", "verbatim": True},
                            {
                                "type": "mrkdwn",
                                "text": "*Time*\n<!date^1772506720^{date_short_pretty} {time_secs}|"
                                "2026-03-03 02:58:40 UTC>",
                                "verbatim": True,
                            },
                        ],
                    },
                    {
                        "type": "section",
                        "text": {
                            "type": "mrkdwn",
                            "text": "<https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1"
                            "#/services/detail/checkout|Open in the Proton console>",
                            "verbatim": True,
                        },
                    },
                    {
                        "type": "context",
                        "elements": [
                            {
                                "type": "mrkdwn",
                                "text": "Resource: arn:aws:proton:eu-west-1:123456789012:"
                                "service/checkout/service-instance/prod",
                                "verbatim": True,
                            },
                            {
                                "type": "mrkdwn",
                                "text": "Event: de3e5717-aa2a-5b41-b8f7-7b9c640cd2be",
                                "verbatim": True,
                            },
                        ],
                    },
                ],
            }
        ],
    }


def test_a_hostile_name_is_text() -> None:
    """Mentions, links, entities and code in a name do nothing."""
    payload = render(notification(event("component-with-a-hostile-name")))

    name = '&lt;!channel&gt; &lt;https://evil.example|click&gt; *"} &amp; `quoted` 🔥'
    assert payload["blocks"][0]["text"]["text"] == f"🔴 Component {name} could not be deployed"
    assert payload["attachments"][0]["blocks"][1]["fields"][1]["text"] == f"*Component*\n{name}"


def test_a_backtick_does_not_end_the_status() -> None:
    """A status stands in code, and stays in it."""
    payload = render(notification(environment_event(name="e", status="`<!here>`", previousStatus="A`")))

    status = payload["attachments"][0]["blocks"][1]["fields"][0]["text"]
    assert status == "*Status*\n`A'` → `'&lt;!here&gt;'`"


def test_an_empty_event_leaves_no_empty_block() -> None:
    """Slack refuses a block without text, and so the whole message."""
    raw = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None}

    payload = render(notification(raw))

    assert list(problems(payload)) == []
    assert payload["text"] == "⚪ Service (unnamed) changed, but its event names no status"


def test_more_than_ten_fields_take_a_second_section() -> None:
    """A section takes ten fields; an undocumented detail can have more."""
    detail = {"id": "d", "status": "FAILED", "serviceName": "s", **{f"field{number}": "x" for number in range(6)}}

    payload = render(notification({**event("deployment-failed"), "detail": detail}))

    sections = [block["fields"] for block in payload["attachments"][0]["blocks"] if "fields" in block]
    assert [len(fields) for fields in sections] == [10, 2]


@pytest.mark.parametrize("name", ["n" * 100, "😀" * 100, "&" * 60, "a<b>" * 20])
def test_the_headline_survives_a_long_name_after_escaping(name: str) -> None:
    """The name makes room for what escaping adds, in Slack's own count of characters."""
    raw = {
        **event("service-instance-deployment-failed"),
        "detail": {"serviceName": name, "name": name, "status": "FAILED"},
    }

    header = render(notification(raw))["blocks"][0]["text"]["text"]

    assert header.endswith(" could not be deployed")


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [("<<<", 12, "&lt;&lt;&lt;"), ("<<<", 11, "&lt;&lt;…"), ("a😀b", 4, "a😀b"), ("a😀b", 3, "a…"), ("&", 1, "…")],
)
def test_escaped_text_is_cut_between_characters(text: str, limit: int, cut: str) -> None:
    """Neither an entity nor a surrogate pair is halved, and a mark tells of the cut."""
    assert escaped(text, limit) == cut


@given(text=ANY_TEXT | HOSTILE, limit=st.integers(min_value=1, max_value=300))
def test_escaped_text_is_inert_within_its_limit(text: str, limit: int) -> None:
    """No character of Slack's markup is left, nothing is longer than allowed or half an entity."""
    safe = escaped(text, limit)

    assert len(safe.encode("utf-16-le")) // 2 <= limit
    assert not re.search("[<>]|&(?!(amp|lt|gt);)", safe)


@given(
    name=ANY_TEXT | HOSTILE,
    status=ANY_TEXT | HOSTILE,
    previous=ANY_TEXT | HOSTILE,
    account=ANY_TEXT | HOSTILE,
    region=ANY_TEXT | HOSTILE,
    friendly=ANY_TEXT | HOSTILE,
    sample=st.sampled_from(NAMES),
)
def test_a_payload_is_legal_and_inert_whatever_comes(
    name: str, status: str, previous: str, account: str, region: str, friendly: str, sample: str
) -> None:
    """Slack takes it, and only our own link and date stand between angle brackets."""
    raw = {
        **event(sample),
        "account": account,
        "region": region,
        "detail": {
            "name": name,
            "serviceName": name,
            "id": name,
            name: name,
            "status": status,
            "previousStatus": previous,
        },
    }

    payload = render(notification(raw, {account.strip(): friendly}))

    assert list(problems(payload)) == []
    for text in _texts(payload):
        assert not re.search("[<>]|&(?!(amp|lt|gt);)", OURS.sub("", text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from _texts(entry)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """Run a stand-in for Slack on loopback."""
    with SlackStandIn() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[SlackChannel]:
    """Open a channel whose secrets are in moto and which may post to loopback."""
    with mock_aws():
        yield SlackChannel(TestClients())


def keep_secret(webhook: str) -> None:
    """Put *webhook* into the secret that the tests name."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="webhook", SecretString=webhook)


def test_a_message_arrives(slack: SlackStandIn, channel: SlackChannel) -> None:
    """What Slack gets is the payload; white space around the pasted address does no harm."""
    keep_secret(f" {slack.url}\n")
    composed = notification(event("service-created"))

    channel.send((composed,), PLACE)

    assert slack.messages == [render(composed)]


@pytest.mark.parametrize(
    ("answer", "told", "reason", "retry_after"),
    [
        (Answer(429, "rate_limited", {"Retry-After": "30"}), "429 rate_limited", Reason.RATE_LIMITED, 30),
        (Answer(429, "rate_limited", {"Retry-After": "999999"}), "429 rate_limited", Reason.RATE_LIMITED, 3_600),
        (Answer(429, "rate_limited", {"Retry-After": "soon"}), "429 rate_limited", Reason.RATE_LIMITED, None),
        (Answer(429, "rate_limited"), "429 rate_limited", Reason.RATE_LIMITED, None),
        (Answer(500, "rollup_error"), "500 rollup_error", Reason.UNAVAILABLE, None),
        (Answer(503, "", {"Retry-After": "5"}), "503 in words that are not Slack's", Reason.UNAVAILABLE, 5),
        (Answer(408, "timeout"), "408 timeout", Reason.TIMED_OUT, None),
        (Answer(400, "invalid_payload"), "400 invalid_payload", Reason.REJECTED, None),
        (Answer(401, "invalid_token"), "401 invalid_token", Reason.UNAUTHORISED, None),
        (Answer(403, "action_prohibited"), "403 action_prohibited", Reason.UNAUTHORISED, None),
        (Answer(404, "no_service"), "404 no_service", Reason.GONE, None),
        (Answer(410, "channel_is_archived"), "410 channel_is_archived", Reason.GONE, None),
        (Answer(413, "too_large"), "413 too_large", Reason.REJECTED, None),
        (Answer(200, "no_text"), "200 no_text", Reason.UNAVAILABLE, None),
        (Answer(302, "", {"Location": "/x"}), "302 in words that are not Slack's", Reason.MISCONFIGURED, None),
        (Answer(404, "Cannot POST /T/B/s3cr3t"), "404 in words that are not Slack's", Reason.GONE, None),
    ],
    ids=lambda value: f"{value.status} {value.body} {value.headers}" if isinstance(value, Answer) else "",
)
def test_anything_but_ok_is_an_error(
    answer: Answer,
    told: str,
    reason: Reason,
    retry_after: float | None,
    slack: SlackStandIn,
    channel: SlackChannel,
) -> None:
    """A message counts as sent only if Slack said so, and an answer cannot carry the secret into a log."""
    keep_secret(slack.url)
    slack.answers.append(answer)

    with pytest.raises(DeliveryError) as failed:
        channel.send((notification(event("service-created")),), PLACE)

    assert str(failed.value) == f"Slack answered {told}"
    assert (failed.value.reason, failed.value.retry_after_seconds) == (reason, retry_after)
    assert slack.messages == []


@pytest.mark.parametrize(
    ("seconds_from_now", "shortest", "longest"), [(60, 50, 61), (-60, 0, 0), (99_999, 3_600, 3_600)]
)
def test_retry_after_may_be_a_date(
    seconds_from_now: int, shortest: float, longest: float, slack: SlackStandIn, channel: SlackChannel
) -> None:
    """One that is past means now, one that is far off is not believed."""
    keep_secret(slack.url)
    moment = datetime.now(UTC) + timedelta(seconds=seconds_from_now)
    slack.answers.append(Answer(429, "rate_limited", {"Retry-After": format_datetime(moment, usegmt=True)}))

    with pytest.raises(DeliveryError) as failed:
        channel.send((notification(event("service-created")),), PLACE)

    assert failed.value.retry_after_seconds is not None
    assert shortest <= failed.value.retry_after_seconds <= longest


def test_a_digest_reads_like_this(slack: SlackStandIn, channel: SlackChannel) -> None:
    """Counts, then a line each, the most urgent first, and Slack takes it."""
    keep_secret(slack.url)
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    channel.send(tuple(notification(event(name)) for name in names), PLACE)

    (payload,) = slack.messages
    blocks = payload["attachments"][0]["blocks"]
    console = "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout"
    date = "^{date_short_pretty} {time_secs}|2026-03-03"
    place, unnamed = "production, eu-west-1", "changed, but its event names no status"
    failed = f"`IN_PROGRESS` → `FAILED` · {place} · <!date^1772506720{date} 02:58:40 UTC> · <{console}|Open>"
    recovered = f"`UPDATE_FAILED` → `ACTIVE` · {place} · <!date^1772550087{date} 15:01:27 UTC> · <{console}|Open>"
    lines = (
        f"🔴 Service instance checkout/prod could not be deployed · {failed}",
        f"🟢 Service checkout is active after a failure · {recovered}",
        f"⚪ Service (unnamed) {unnamed} · {place} · <!date^1772506723{date} 02:58:43 UTC>",
    )
    assert payload["text"] == "🔴 3 status changes: 🔴 1 failure, 🟢 1 recovered, ⚪ 1 info"
    assert payload["blocks"][0]["text"]["text"] == "🔴 3 status changes"
    assert [block["text"]["text"] for block in blocks] == [
        "🔴 1 failure, 🟢 1 recovered, ⚪ 1 info",
        "\n".join(lines),
    ]


@given(text=ANY_TEXT | HOSTILE, count=st.integers(min_value=3, max_value=80))
def test_a_digest_is_legal_and_inert_whatever_comes(text: str, count: int) -> None:
    """However many, however hostile: Slack takes it, and nothing in it acts."""
    raw = {**event("service-created"), "region": text, "account": text}
    composed = [
        notification({**raw, "detail": {"name": text, "status": f"{text}{number}", "previousStatus": text}})
        for number in range(count)
    ]

    payload = render_digest(digest(composed))

    assert list(problems(payload)) == []
    for found in _texts(payload):
        assert not re.search("[<>]|&(?!(amp|lt|gt);)", re.sub(r"\|Open>", "|Open>", OURS.sub("", found)))


def test_no_answer_is_an_error(channel: SlackChannel) -> None:
    """Where nobody listens, nothing was sent."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        keep_secret(f"http://127.0.0.1:{closed.getsockname()[1]}/services/T/B/s3cr3t")

        with pytest.raises(DeliveryError, match="Slack did not answer: NewConnectionError") as failed:
            channel.send((notification(event("service-created")),), PLACE)

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
def test_a_webhook_elsewhere_is_refused_and_not_repeated(webhook: str, channel: SlackChannel) -> None:
    """Alerts go to Slack by https or to a listed host, and an error never shows the secret."""
    keep_secret(webhook or " ")

    with pytest.raises(DeliveryError, match="the secret webhook does not hold an https URL on 127") as failed:
        channel.send((notification(event("service-created")),), PLACE)

    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"


def test_silence_is_a_time_out(channel: SlackChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether Slack has the message is not known; it is tried again."""
    monkeypatch.setattr("notifier.webhooks.TIMEOUT", Timeout(connect=1, read=0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keep_secret(f"http://127.0.0.1:{silent.getsockname()[1]}/services/T/B/X")

        with pytest.raises(DeliveryError, match="Slack did not answer: ReadTimeoutError") as failed:
            channel.send((notification(event("service-created")),), PLACE)

    assert failed.value.reason is Reason.TIMED_OUT


def test_slacks_own_hosts_are_allowed_by_https(channel: SlackChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    """GovSlack has a host of its own."""
    asked: list[str] = []

    def refuse(address: tuple[str, int], *_arguments: object, **_options: object) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    keep_secret("https://hooks.slack-gov.com/services/T/B/X")

    with pytest.raises(DeliveryError, match="Slack did not answer"):
        channel.send((notification(event("service-created")),), PLACE)

    assert asked == ["hooks.slack-gov.com"]
