import json
from typing import Any

import pytest
import urllib3

from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.fakes.slack_limits import payload_errors


def header(text: str) -> dict[str, Any]:
    """Make a header block."""
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def section(text: str) -> dict[str, Any]:
    """Make a section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def fields(*texts: str) -> dict[str, Any]:
    """Make a section of fields."""
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text} for text in texts]}


def context(*texts: str) -> dict[str, Any]:
    """Make a context block."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in texts]}


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([header("x" * 150), section("x" * 3_000), fields(*["x" * 2_000] * 10), context(*["x"] * 10)], None),
        ([header("x" * 151)], "a header of 151 characters"),
        ([header("😀" * 76)], "a header of 152 characters"),
        ([header("")], "a header of 0 characters"),
        ([section("x" * 3_001)], "a section of 3001 characters"),
        ([fields("x" * 2_001)], "a field of 2001 characters"),
        ([fields(*["x"] * 11)], "11 fields"),
        ([context()], "0 elements"),
        ([context(*["x"] * 11)], "11 elements"),
        ([section("x")] * 51, "51 blocks"),
        ([{"type": "poem"}], "not a block: {'type': 'poem'}"),
    ],
)
def test_it_refuses_what_slack_refuses(blocks: list[dict[str, Any]], problem: str | None) -> None:
    """Slack's documented limits, each at its edge, wherever the block stands."""
    for payload in ({"text": "t", "blocks": blocks}, {"text": "t", "attachments": [{"blocks": blocks}]}):
        assert next(payload_errors(payload), None) == problem


def test_it_refuses_a_message_without_text_and_with_too_many_attachments() -> None:
    """The limits of the message itself."""
    assert list(payload_errors({"attachments": [{}] * 101})) == ["a text of 0 characters", "101 attachments"]


@pytest.mark.parametrize(
    ("path", "body", "status", "answer"),
    [
        ("", b'{"text": "hello"}', 200, b"ok"),
        ("", b'{"text": ""}', 400, b"invalid_blocks"),
        ("", b"{", 400, b"invalid_payload"),
        ("/else", b'{"text": "hello"}', 404, b"no_service"),
    ],
)
def test_it_answers_as_slack_does(path: str, body: bytes, status: int, answer: bytes) -> None:
    """Over real HTTP, with Slack's own words."""
    with FakeSlack() as slack:
        response = urllib3.request("POST", slack.url + path, body=body, retries=False)

    assert (response.status, response.data) == (status, answer)
    assert len(slack.messages) == (status == 200)
    assert len(slack.rejections) == (status == 400)


@pytest.mark.parametrize(
    ("authorization", "payload", "answer"),
    [
        (f"Bearer {TOKEN}", {"channel": "C0ALERTS", "text": "t"}, {"ok": True, "channel": "C0ALERTS"}),
        (f"Bearer {TOKEN}", {"channel": "C0ARCHIVED", "text": "t"}, {"ok": False, "error": "is_archived"}),
        (f"Bearer {TOKEN}", {"channel": "G0SECRET", "text": "t"}, {"ok": False, "error": "not_in_channel"}),
        (f"Bearer {TOKEN}", {"channel": "#alerts", "text": "t"}, {"ok": False, "error": "channel_not_found"}),
        (f"Bearer {TOKEN}", {"channel": "C0ALERTS", "text": "t" * 40_001}, {"ok": False, "error": "msg_too_long"}),
        (f"Bearer {TOKEN}", {"channel": "C0ALERTS"}, {"ok": False, "error": "invalid_blocks"}),
        (f"Bearer {TOKEN}", "{", {"ok": False, "error": "invalid_json"}),
        ("Bearer xoxb-other", {"channel": "C0ALERTS", "text": "t"}, {"ok": False, "error": "invalid_auth"}),
        ("", {"channel": "C0ALERTS", "text": "t"}, {"ok": False, "error": "not_authed"}),
    ],
    ids=lambda value: str(value.get("error", "")) if isinstance(value, dict) else "",
)
def test_its_api_answers_as_slack_does(authorization: str, payload: object, answer: dict[str, Any]) -> None:
    """Always with status 200: whether it was taken stands in the body."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    with FakeSlack() as slack:
        headers = {"Authorization": authorization} if authorization else {}
        response = urllib3.request("POST", slack.api_url, body=body, headers=headers, retries=False)

    assert response.status == 200
    assert answer.items() <= response.json().items()
    assert len(slack.messages) == answer["ok"]
    assert slack.rejections == ([] if answer["ok"] else [answer["error"]])


def test_its_api_refuses_what_comes_too_soon() -> None:
    """By a 429 that says when to come again."""
    body, headers = json.dumps({"channel": "C0ALERTS", "text": "t"}), {"Authorization": f"Bearer {TOKEN}"}
    with FakeSlack(seconds_between=60) as slack:
        for _ in range(2):
            response = urllib3.request("POST", slack.api_url, body=body, headers=headers, retries=False)

    assert (response.status, response.headers["Retry-After"]) == (429, "60")
    assert response.json() == {"ok": False, "error": "ratelimited"}


def test_it_can_be_down_for_a_while() -> None:
    """It takes nothing until then, and everything after."""
    with FakeSlack() as slack:
        statuses = []
        for slack.is_down in (True, True, False):
            statuses.append(urllib3.request("POST", slack.url, body=b'{"text": "hello"}', retries=False).status)

    assert statuses == [503, 503, 200]
    assert len(slack.messages) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"title": "t"}', None),
        ("{", "the body is not a JSON object"),
        ('["t"]', "the body is not a JSON object"),
        ('{"count": 1}', "count is not a text"),
        ('{"title": ""}', "title is not a text"),
        ('{"title": "<!here>"}', "title may be a mention or a link"),
        (json.dumps({f"v{number}": "t" for number in range(21)}), "21 variables"),
    ],
)
def test_its_workflow_starts_with_flat_texts(body: str, problem: str | None) -> None:
    """Whatever else it gets it refuses, as JSON."""
    with FakeSlack(seconds_between=60) as slack:
        response = urllib3.request("POST", slack.trigger_url, body=body, retries=False)
        soon = urllib3.request("POST", slack.trigger_url, body=b'{"title": "t"}', retries=False)

    assert (response.status, response.json()["ok"]) == ((400, False) if problem else (200, True))
    assert slack.rejections == ([problem] if problem else [])
    assert soon.status == (200 if problem else 429)
