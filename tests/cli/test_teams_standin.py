from typing import Any

import pytest
import urllib3

from proton_notifier.fakes.server import schema_errors
from proton_notifier.fakes.teams import FakeTeams


def run(text: str, **looks: object) -> dict[str, Any]:
    """Make a text run."""
    return {"type": "TextRun", "text": text, **looks}


def card(*inlines: object, **properties: object) -> dict[str, Any]:
    """Make a message with a card of one text."""
    body = [{"type": "RichTextBlock", "inlines": list(inlines)}]
    content = {"type": "AdaptiveCard", "version": "1.4", "body": body, **properties}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


OPEN = {"type": "Action.OpenUrl", "title": "Open", "url": "https://console.example/"}


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (card(run("x", color="good", weight="bolder"), actions=[OPEN]), None),
        (card(run("")), "$.attachments[0].content.body[0].inlines[0].text: '' should be non-empty"),
        (card(), "$.attachments[0].content.body[0].inlines: [] should be non-empty"),
        (card(run("x", color="#ff0000")), "$.attachments[0].content.body[0].inlines[0].color: '#ff0000' is not one of"),
        (card(run("x", wrap=True)), "$.attachments[0].content.body[0].inlines[0]: Additional properties"),
        (card(run("x"), version="9.9"), "$.attachments[0].content.version: '1.4' was expected"),
        (card(run("x"), actions=[OPEN] * 7), "$.attachments[0].content.actions: [{"),
        (
            card(run("x"), actions=[{**OPEN, "url": "javascript:alert(1)"}]),
            "$.attachments[0].content.actions[0].url: 'javascript:alert(1)' does not match",
        ),
        ({"text": "a MessageCard"}, "$: 'type' is a required property"),
    ],
)
def test_it_shows_what_the_published_schema_allows(payload: dict[str, Any], problem: str | None) -> None:
    """The elements that cards here are made of, and nothing else."""
    found = [*schema_errors("teams", payload)]

    if problem is None:
        assert found == []
    else:
        assert any(each.startswith(problem) for each in found), found


@pytest.mark.parametrize(
    ("path", "body", "status", "taken", "refused"),
    [
        ("", b"%s", 202, 1, 0),
        ("", b'{"text": "hello"}', 202, 0, 3),
        ("", b" " * 28 * 1024 + b"%s", 202, 0, 1),
        ("", b"{", 400, 0, 0),
        ("x", b"%s", 404, 0, 0),
    ],
    ids=["a card", "no card", "too large", "not JSON", "elsewhere"],
)
def test_it_says_yes_to_whatever_triggers_the_flow(
    path: str, body: bytes, status: int, taken: int, refused: int
) -> None:
    """As with Microsoft's, only the flow's own history tells what was not shown."""
    shown = b'{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":'
    shown += b'{"type":"AdaptiveCard","version":"1.4","body":[{"type":"RichTextBlock","inlines":'
    shown += b'[{"type":"TextRun","text":"x"}]}]}}]}'
    with FakeTeams() as teams:
        response = urllib3.request("POST", teams.url + path, body=body.replace(b"%s", shown), retries=False)

    assert response.status == status
    assert (len(teams.messages), len(teams.rejections)) == (taken, refused)
