import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.digest import compose_digest
from notifier.channels.slack.message import escaped, message, render, render_digest
from notifier.model.status_change import Fact
from proton_notifier.fakes.slack_limits import payload_errors
from tests.samples import NAMES, STUCK, STUCK_COMMAND, STUCK_LINK, STUCK_STEP, environment_event, event, notification

ANY_TEXT = st.text(max_size=250)
HOSTILE = st.text(alphabet="<>&!|@#`*_~🔥\n", max_size=250)
# What only we may write between angle brackets: a link and a date.
OURS = re.compile(r"<https://[^<>|]+\|[^<>|]+>|<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[^<>|]+>")


def shown(blocks: list[dict[str, Any]]) -> list[str]:
    """Read the texts of *blocks*."""
    return [block["text"]["text"] for block in blocks]


def test_the_message_reads_like_this() -> None:
    """The whole payload of a failure, to the letter."""
    assert render(notification(event("service-instance-deployment-failed"))) == {
        "text": "🔴 production: checkout/prod could not be deployed (eu-west-1)",
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": "🔴 production: checkout/prod could not be deployed (eu-west-1)",
                    "emoji": True,
                },
            },
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*What to do*\n1. Find the first failed event of its CloudFormation stack "
                    "(AWSProton-...) or of its pipeline run; its deployment status message says the same.\n"
                    "2. Fix what it names, then deploy again.",
                    "verbatim": True,
                },
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
        ],
        "attachments": [
            {
                "color": "#d0242b",
                "blocks": [
                    {
                        "type": "section",
                        "fields": [
                            {"type": "mrkdwn", "text": "*Status*\n`IN_PROGRESS` → `FAILED`", "verbatim": True},
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


def test_a_failure_with_its_reason_reads_like_this() -> None:
    """The header ends with the reason, and the command can be copied."""
    reason = "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2"
    title = f"🔴 production: stack checkout could not be updated, and the rollback failed: {reason}"

    payload = render(notification(STUCK))

    assert payload["text"] == f"{title} (eu-west-1)"
    assert shown(payload["blocks"]) == [
        title,
        f"*What to do*\n1. {STUCK_STEP}\n2. Run `{STUCK_COMMAND}`",
        f"<{STUCK_LINK}|Open the stack>",
    ]


def test_a_reason_that_the_header_cannot_hold_is_the_first_line_under_it() -> None:
    """The pop-up on a phone has it, too."""
    told = replace(notification(STUCK), reason=f"<!here> {'x' * 150}", mention="@here")

    payload = render(told)

    title = "🔴 production: stack checkout could not be updated, and the rollback failed (eu-west-1)"
    written = f"&lt;!here&gt; {'x' * 150}"
    assert payload["blocks"][0]["text"]["text"] == title
    assert shown(payload["blocks"])[1:3] == ["<!here>", f"*Reason:* {written}"]
    assert payload["text"] == f"{title.removesuffix(' (eu-west-1)')}: {written} (eu-west-1)"


def test_a_line_of_a_digest_ends_with_the_reason() -> None:
    """A long one is cut."""
    told = notification(STUCK)

    payload = message((told, replace(told, name="b", reason="y" * 300, links=())))

    first, second = payload["attachments"][0]["blocks"][0]["text"]["text"].splitlines()
    time = "<!date^1772539200^{date_short_pretty} {time_secs}|2026-03-03 12:00:00 UTC>"
    assert first == (
        "🔴 production: stack checkout could not be updated, and the rollback failed (eu-west-1) · "
        f"`UPDATE_ROLLBACK_FAILED` · {time} · <{STUCK_LINK}|Open> · "
        "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2"
    )
    assert second.endswith(f"{time} · {'y' * 199}…")


def test_a_hostile_name_is_text() -> None:
    """Mentions, links, entities and code in a name do nothing."""
    payload = render(notification(event("component-with-a-hostile-name")))

    name = '&lt;!channel&gt; &lt;https://evil.example|click&gt; ∗"} &amp; ˋquotedˋ 🔥'  # noqa: RUF001 - what is shown
    assert payload["blocks"][0]["text"]["text"] == f"🔴 production: component {name} could not be deployed (eu-west-1)"


def test_a_backtick_does_not_end_the_status() -> None:
    """A status stands in code, and stays in it."""
    payload = render(notification(environment_event(name="e", status="`<!here>`", previousStatus="A`")))

    status = payload["attachments"][0]["blocks"][0]["fields"][0]["text"]
    assert status == "*Status*\n`A'` → `'&lt;!here&gt;'`"


def test_an_empty_event_leaves_no_empty_block() -> None:
    """Slack refuses a block without text, and so the whole message."""
    raw = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None}

    payload = render(notification(raw))

    assert list(payload_errors(payload)) == []
    assert payload["text"] == "⚪ service (unnamed) changed, but its event names no status"


def test_more_than_ten_fields_take_a_second_section() -> None:
    """A section takes ten fields; a pipeline can have more."""
    facts = tuple(Fact(f"Field {number}", "y") for number in range(9))

    payload = render(replace(notification(event("deployment-failed")), facts=facts))

    sections = [block["fields"] for block in payload["attachments"][0]["blocks"] if "fields" in block]
    assert [len(fields) for fields in sections] == [10, 1]


@pytest.mark.parametrize("name", ["n" * 100, "😀" * 100, "&" * 60, "a<b>" * 20])
def test_the_headline_survives_a_long_name_after_escaping(name: str) -> None:
    """The name makes room for what escaping adds, in Slack's own count of characters."""
    raw = {
        **event("service-instance-deployment-failed"),
        "detail": {"serviceName": name, "name": name, "status": "FAILED"},
    }

    header = render(notification(raw))["blocks"][0]["text"]["text"]

    assert header.endswith(" could not be deployed (eu-west-1)")


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

    assert list(payload_errors(payload)) == []
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


@pytest.mark.parametrize(
    ("mention", "written"),
    [
        ("@here", "<!here>"),
        ("@channel", "<!channel>"),
        ("S0123456789", "<!subteam^S0123456789>"),
        ("U0123456789", "<@U0123456789>"),
        ("W0123456789", "<@W0123456789>"),
        ("nobody <!here>", "nobody &lt;!here&gt;"),
    ],
)
def test_a_route_can_alert_somebody(mention: str, written: str) -> None:
    """Only a block does so; the header and the pop-up's text do not."""
    composed = replace(notification(event("service-created")), mention=mention)

    (_header, alert, _link) = render(composed)["blocks"]

    assert alert["text"]["text"] == written


def test_a_digest_alerts_each_once() -> None:
    """Whoever is wanted for several changes is called once."""
    composed = notification(event("service-created"))
    wanted = ("@here", None, "S0123456789", "@here")

    payload = render_digest(compose_digest(replace(composed, mention=mention) for mention in wanted))

    assert payload["blocks"][1]["text"]["text"] == "<!here> <!subteam^S0123456789>"


def test_a_routes_own_texts_replace_ours() -> None:
    """Title and body are its own and inert; links and references stay."""
    composed = replace(
        notification(event("service-created")), custom_title="Shop <open>", custom_body="Hello <!here>\n\n*All* is well"
    )

    payload = render(composed)

    assert shown(payload["blocks"])[:2] == ["✅ Shop &lt;open&gt;", "Hello &lt;!here&gt;\n\n∗All∗ is well"]  # noqa: RUF001
    assert [block["type"] for block in payload["attachments"][0]["blocks"]] == ["context"]


@given(title=ANY_TEXT | HOSTILE, body=st.text(max_size=2_000) | st.text(alphabet="<&\n", max_size=2_000))
def test_a_routes_own_texts_are_legal_whatever_comes(title: str, body: str) -> None:
    """However long they become by escaping, Slack takes them."""
    composed = replace(notification(event("service-created")), custom_title=title or "x", custom_body=body)

    assert list(payload_errors(render(composed))) == []


def test_a_digest_reads_like_this() -> None:
    """The title, counts, what to do, then a line each, the most urgent first, and Slack takes it."""
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    payload = message(tuple(notification(event(name)) for name in names))

    blocks = [*payload["blocks"][1:], *payload["attachments"][0]["blocks"]]
    console = "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout"
    date = "^{date_short_pretty} {time_secs}|2026-03-03"
    unnamed = "changed, but its event names no status"
    failed = f"`IN_PROGRESS` → `FAILED` · <!date^1772506720{date} 02:58:40 UTC> · <{console}|Open>"
    recovered = f"`UPDATE_FAILED` → `ACTIVE` · <!date^1772550087{date} 15:01:27 UTC> · <{console}|Open>"
    lines = (
        f"🔴 production: checkout/prod could not be deployed (eu-west-1) · {failed}",
        f"🟢 production: service checkout is active after a failure (eu-west-1) · {recovered}",
        f"⚪ production: service (unnamed) {unnamed} (eu-west-1) · <!date^1772506723{date} 02:58:43 UTC>",
    )
    assert list(payload_errors(payload)) == []
    assert payload["text"] == "🔴 1 failed in production: checkout; 1 recovered; 1 changed (3 events)"
    assert payload["blocks"][0]["text"]["text"] == "🔴 1 failed in production: checkout; 1 recovered; 1 changed"
    assert [block["text"]["text"] for block in blocks] == [
        "🔴 1 failed, 🟢 1 recovered, ⚪ 1 changed (3 events)",
        (
            "*What to do:* Find the first failed event of its CloudFormation stack (AWSProton-...) or of its "
            "pipeline run; its deployment status message says the same. Fix what it names, then deploy again."
        ),
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

    payload = render_digest(compose_digest(composed))

    assert list(payload_errors(payload)) == []
    for found in _texts(payload):
        assert not re.search("[<>]|&(?!(amp|lt|gt);)", re.sub(r"\|Open>", "|Open>", OURS.sub("", found)))
