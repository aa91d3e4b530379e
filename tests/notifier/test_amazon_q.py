# ruff: noqa: RUF001 - lookalikes are what is shown
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.digest import compose_digest
from notifier.channels.sns.amazon_q import custom_notification
from notifier.model.incident import Incident, State, Turn
from tests.samples import NAMES, STUCK, STUCK_COMMAND, STUCK_STEP, environment_event, event, notification

ANY_TEXT = st.text(max_size=310)
HOSTILE = st.text(alphabet="<>&!|@#`*_~[](){}:/.\\🔥\n", max_size=310)
# Ours: values in code, a link of the console, a label's colon, a time.
CODE = re.compile(r"`[^`<>&]*`")
OURS = re.compile(r"Open [\w ]+: https://\S+|: |\d\d:\d\d:\d\d UTC")
MARKUP = re.compile(r"[&<>@\[\]*_~`|:#\\]|\w\.\w")


def test_a_failure_reads_like_this() -> None:
    """The whole custom notification, to the letter."""
    assert custom_notification((notification(event("service-instance-deployment-failed")),)) == {
        "version": "1.0",
        "source": "custom",
        "id": "de3e5717-aa2a-5b41-b8f7-7b9c640cd2be",
        "content": {
            "textType": "client-markdown",
            "title": "🔴 production꞉ checkout/prod could not be deployed (eu-west-1)",
            "description": """\
Status: `IN_PROGRESS` → `FAILED`
Account: `production (123456789012)`
Region: `eu-west-1`
Time: 2026-03-03 02:58:40 UTC
Open in the Proton console: https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1\
#/services/detail/checkout
Resource: `arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod`
Event: `de3e5717-aa2a-5b41-b8f7-7b9c640cd2be`""",
            "nextSteps": [
                (
                    "Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; "
                    "its deployment status message says the same."
                ),
                "Fix what it names, then deploy again.",
            ],
            "keywords": ["failure", "service instance", "production", "eu-west-1"],
        },
        "metadata": {
            "threadId": "arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod",
            "summary": "🔴 production꞉ checkout/prod could not be deployed (eu-west-1)",
            "eventType": "ServiceInstance",
            "relatedResources": ["arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod"],
        },
    }


def test_a_failure_with_its_reason_reads_like_this() -> None:
    """The title ends with the reason, in characters that make no link; the command stands in code."""
    content = custom_notification((notification(STUCK),))["content"]

    assert content["title"] == (
        "🔴 production꞉ stack checkout could not be updated, and the rollback failed꞉ "
        "Database (AWS꞉꞉RDS꞉꞉DBInstance) - Cannot upgrade from 15․4 to 14․2 (eu-west-1)"
    )
    assert content["description"].startswith("Status: `UPDATE_ROLLBACK_FAILED`\nAccount: ")
    assert content["nextSteps"] == [STUCK_STEP, f"Run `{STUCK_COMMAND}`"]


def test_a_command_is_whole_or_no_step() -> None:
    """A step takes 350 characters, and a cut command would do something else."""
    long = replace(notification(STUCK), command="c" * 350)

    assert custom_notification((long,))["content"]["nextSteps"] == [STUCK_STEP]


def test_a_reason_that_the_title_cannot_hold_is_the_first_line_under_it() -> None:
    """It stands in code, as other values do."""
    content = custom_notification((replace(notification(STUCK), reason="<!here> `x`" * 25),))["content"]

    assert content["title"] == "🔴 production꞉ stack checkout could not be updated, and the rollback failed (eu-west-1)"
    assert content["description"].startswith(f"Reason: `{'‹!here› ˋxˋ' * 25}`\nStatus: ")


@pytest.mark.parametrize(("number", "length"), [(2, 300), (10, 100), (30, 33)])
def test_a_line_of_a_digest_ends_with_the_reason(number: int, length: int) -> None:
    """The more lines there are, the shorter it is cut."""
    told = replace(notification(STUCK), reason="x" * 300)

    lines = custom_notification((told,) * number)["content"]["description"].splitlines()

    assert len(lines) == 1 + number
    assert lines[1].partition(" UTC · ")[2] == ("x" * 300 if length == 300 else f"{'x' * (length - 1)}…")


def test_a_digest_reads_like_this() -> None:
    """The title, counts, what to do, then a line each, the most urgent first, and no thread."""
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    assert custom_notification(tuple(notification(event(name)) for name in names)) == {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": "🔴 1 failed in production꞉ checkout; 1 recovered; 1 changed",
            "description": """\
🔴 1 failed, 🟢 1 recovered, ⚪ 1 changed (3 events)
🔴 production꞉ checkout/prod could not be deployed (eu-west-1) · 2026-03-03 02:58:40 UTC
🟢 production꞉ service checkout is active after a failure (eu-west-1) · 2026-03-03 15:01:27 UTC
⚪ production꞉ service (unnamed) changed, but its event names no status (eu-west-1) · 2026-03-03 02:58:43 UTC""",
            "nextSteps": [
                (
                    "What to do: Find the first failed event of its CloudFormation stack (AWSProton-...) or of its "
                    "pipeline run; its deployment status message says the same. Fix what it names, then deploy again."
                )
            ],
            "keywords": ["failure", "recovered", "info"],
        },
        "metadata": {"summary": "🔴 1 failed in production꞉ checkout; 1 recovered; 1 changed (3 events)"},
    }


def test_an_incident_has_a_thread() -> None:
    """A family's members share it, whatever their ARNs are."""
    incident = Incident("2", "1", Turn.OPENED, State.FAILING, 1, None, 1)

    payload = custom_notification((replace(notification(event("service-created")), incident=incident),))

    assert payload["metadata"]["threadId"] == "1"


def test_what_is_not_known_is_left_out() -> None:
    """Without an ARN there is no thread, and without a next step none is told."""
    raw = {**event("service-created"), "resources": []}

    payload = custom_notification((notification(raw),))

    assert "threadId" not in payload["metadata"]
    assert payload["metadata"]["relatedResources"] == payload["content"]["nextSteps"] == []


def test_an_event_that_says_nothing_has_a_description() -> None:
    """AWS requires one."""
    raw = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None, "id": "e-1"}

    assert custom_notification((notification(raw),))["content"] == {
        "textType": "client-markdown",
        "title": "⚪ service (unnamed) changed, but its event names no status",
        "description": "Not in the event: `status, name, account, region, time`\nEvent: `e-1`",
        "nextSteps": ["Look the resource up in its account and region to see how it is."],
        "keywords": ["info", "service"],
    }


def test_a_routes_own_texts_replace_ours() -> None:
    """They are inert too; links and references stay."""
    composed = notification(event("service-update-failed"))
    own = replace(composed, custom_title="Shop <open>", custom_body="Hello *all*\n\nbye")

    content = custom_notification((own,))["content"]

    assert content["title"] == "🔴 Shop ‹open›"
    assert content["description"].startswith("Hello ∗all∗\n\nbye\n")
    assert content["nextSteps"] == []


def test_a_hostile_name_is_text() -> None:
    """Mentions, links, code and entities do nothing, in Slack nor in Teams."""
    content = custom_notification((notification(event("component-with-a-hostile-name")),))["content"]

    assert content["title"] == (
        '🔴 production꞉ component ‹!channel› ‹https꞉//evil․example∣click› ∗"} ＆ ˋquotedˋ 🔥 '
        "could not be deployed (eu-west-1)"
    )


@pytest.mark.parametrize(
    "name", ["[click](https://evil.example)", "@here", "a@evil.example", ":fire:", "www.evil.example", "\\"]
)
def test_neither_chats_markup_acts(name: str) -> None:
    """A link, a mention, an emoji or an escape in one of the two is none in the title."""
    content = custom_notification((notification(environment_event(name=name, status="FAILED")),))["content"]

    assert not MARKUP.search(content["title"])


@given(
    name=ANY_TEXT | HOSTILE,
    status=ANY_TEXT | HOSTILE,
    previous=ANY_TEXT | HOSTILE,
    account=ANY_TEXT | HOSTILE,
    region=ANY_TEXT | HOSTILE,
    friendly=ANY_TEXT | HOSTILE,
    sample=st.sampled_from(NAMES),
)
def test_a_notification_is_legal_and_inert_whatever_comes(
    name: str, status: str, previous: str, account: str, region: str, friendly: str, sample: str
) -> None:
    """The limits are AWS's, and no foreign text is markup."""
    detail = {"name": name, "serviceName": name, "id": name, name: name, "status": status, "previousStatus": previous}
    raw = {**event(sample), "account": account, "region": region, "detail": detail}

    payload = custom_notification((notification(raw, {account.strip(): friendly}),))

    assert_legal_and_inert(payload)


@given(text=ANY_TEXT | HOSTILE, count=st.integers(min_value=3, max_value=80))
def test_a_digest_is_legal_and_inert_whatever_comes(text: str, count: int) -> None:
    """However many, however hostile."""
    raw = {**event("service-created"), "region": text, "account": text}
    composed = tuple(notification({**raw, "detail": {"name": text, "status": f"{text}{n}"}}) for n in range(count))

    assert_legal_and_inert(custom_notification(composed))


def test_the_longest_digest_leaves_nothing_uncounted() -> None:
    """Thirty lines of the longest names and all counts fit; the end of the last line is there."""
    raw = {**event("service-instance-with-the-longest-names"), "account": "9" * 300, "region": "r" * 300}
    longest = notification(raw)
    storm = tuple(
        replace(longest, headline=f"{number % 60} {'x' * 97}", name="n" * 300, reason="r" * 300)
        for number in range(500)
    )

    description = custom_notification(storm)["content"]["description"]

    numbers = re.findall(r"🔴 (\d+) more: ", description)
    assert len(description) <= 8_000
    assert len(re.findall("🔴 9+…꞉ n", description)) == 30
    assert sum(map(int, numbers)) == 470
    assert len(numbers) == len(compose_digest(storm).counted)


def test_the_longest_of_everything_is_legal() -> None:
    """Each of AWS's limits is reached, by one that is alone and by a route's own text."""
    raw = {**event("service-instance-with-the-longest-names"), "account": "9" * 300, "region": "r" * 300}
    longest = replace(notification(raw), name="n" * 300, next_step="s" * 400, command="c" * 500)

    for notified in (longest, replace(longest, custom_body="line of a text\n" * 1_000)):
        assert_legal_and_inert(custom_notification((notified,)))


def assert_legal_and_inert(payload: dict[str, Any]) -> None:
    """Hold *payload* against AWS's limits, and against the markup of both chats."""
    content = payload["content"]
    assert 1 <= len(content["title"]) <= 250
    assert 1 <= len(content["description"]) <= 8_000
    assert [step for step in content.get("nextSteps", []) if not 1 <= len(step) <= 350] == []
    assert [word for word in content["keywords"] if not 1 <= len(word) <= 75] == []
    assert len(json.dumps(payload)) < 200_000
    summary, event_type = payload["metadata"]["summary"], payload["metadata"].get("eventType", "")
    described = CODE.sub("", content["description"])
    for shown in (content["title"], described, summary, event_type, *content["keywords"]):
        assert not MARKUP.search(OURS.sub("", shown))
