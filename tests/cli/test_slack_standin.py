from typing import Any

import pytest
import urllib3

from cli.slack_standin import SlackStandIn, problems


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
        assert next(problems(payload), None) == problem


def test_it_refuses_a_message_without_text_and_with_too_many_attachments() -> None:
    """The limits of the message itself."""
    assert list(problems({"attachments": [{}] * 101})) == ["a text of 0 characters", "101 attachments"]


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
    with SlackStandIn() as slack:
        response = urllib3.request("POST", slack.url + path, body=body, retries=False)

    assert (response.status, response.data) == (status, answer)
    assert len(slack.messages) == (status == 200)
    assert len(slack.refusals) == (status == 400)
