import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
import urllib3

from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.fakes.slack_limits import payload_errors
from tests.faulty_slack import FaultySlack


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


@pytest.fixture
def slack() -> Iterator[FaultySlack]:
    """Run a fake Slack on loopback."""
    with FaultySlack() as running:
        yield running


def call(slack: FakeSlack, method: str, **arguments: object) -> dict[str, Any]:
    """Call a method of the API: with a form where Slack takes no JSON."""
    body = urlencode(arguments) if method.startswith("conversations") else json.dumps(arguments)
    url = slack.api_url.replace("chat.postMessage", method)
    response = urllib3.request("POST", url, body=body, headers={"Authorization": f"Bearer {TOKEN}"}, retries=False)
    answer: dict[str, Any] = response.json()
    assert response.status == (429 if answer.get("error") == "ratelimited" else 200)
    return answer


def post(slack: FakeSlack, text: str, **arguments: object) -> dict[str, Any]:
    """Post *text* to a channel."""
    return call(slack, "chat.postMessage", channel="C0ALERTS", text=text, **arguments)


def texts(answer: dict[str, Any]) -> list[str]:
    """Read the texts of a page of messages."""
    return [message["text"] for message in answer["messages"]]


def test_a_reply_stands_in_the_thread_of_its_parent(slack: FakeSlack) -> None:
    """The answer names the thread; the channel shows a reply only if it is broadcast."""
    root = post(slack, "root")
    reply = post(slack, "reply", thread_ts=root["ts"])
    post(slack, "broadcast", thread_ts=root["ts"], reply_broadcast=True)

    assert reply["message"]["thread_ts"] == root["ts"] != reply["ts"]
    assert "thread_ts" not in root["message"]
    assert [each.content["text"] for each in slack.workspace.roots] == ["root"]
    assert [each.content["text"] for each in slack.workspace.replies(root["ts"])] == ["reply", "broadcast"]
    assert texts(call(slack, "conversations.history", channel="C0ALERTS")) == ["broadcast", "root"]
    thread = call(slack, "conversations.replies", channel="C0ALERTS", ts=root["ts"])
    assert texts(thread) == ["root", "reply", "broadcast"]


@pytest.mark.parametrize("deleted", [True, False], ids=["deleted", "unknown"])
def test_a_reply_without_a_parent_is_posted_outside_of_threads(slack: FakeSlack, *, deleted: bool) -> None:
    """Without an error: only the answer, which names no thread, tells it."""
    ts = post(slack, "root")["ts"] if deleted else "1.2"
    if deleted:
        del slack.workspace.posts[ts]

    answer = post(slack, "reply", thread_ts=ts)

    assert answer["ok"]
    assert "thread_ts" not in answer["message"]
    assert [each.content["text"] for each in slack.workspace.roots] == ["reply"]


def test_it_refuses_a_reply_to_a_reply_and_to_a_locked_thread(slack: FaultySlack) -> None:
    """A thread has one level."""
    root = post(slack, "root")
    reply = post(slack, "reply", thread_ts=root["ts"])
    slack.workspace.locked.add(root["ts"])

    assert post(slack, "t", thread_ts=reply["ts"])["error"] == "cannot_reply_to_message"
    assert post(slack, "t", thread_ts=root["ts"])["error"] == "restricted_action_thread_locked"


def test_an_edit_replaces_the_text_and_the_blocks(slack: FakeSlack) -> None:
    """A text without blocks removes them; attachments stay unless they are given; no new message is there."""
    ts = post(slack, "old", blocks=[section("old")], attachments=[{"blocks": [section("kept")]}])["ts"]

    answer = call(slack, "chat.update", channel="C0ALERTS", ts=ts, text="new")

    assert (answer["ok"], answer["ts"], answer["text"]) == (True, ts, "new")
    (root,) = slack.workspace.roots
    assert root.content == {"text": "new", "attachments": [{"blocks": [section("kept")]}]}
    assert [edit["text"] for edit in root.edits] == ["new"]
    assert len(slack.messages) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"channel": "#alerts"}, "channel_not_found"),
        ({"channel": "C0ARCHIVED"}, "message_not_found"),
        ({"ts": "1.2"}, "message_not_found"),
        ({"text": "t" * 4_001}, "msg_too_long"),
        ({"blocks": [{"type": "poem"}]}, "invalid_blocks"),
    ],
    ids=["name", "other-channel", "unknown", "long", "blocks"],
)
def test_it_refuses_an_edit(changed: dict[str, Any], error: str, slack: FakeSlack) -> None:
    """The message stays as it was."""
    ts = post(slack, "old")["ts"]

    answer = call(slack, "chat.update", **{"channel": "C0ALERTS", "ts": ts, "text": "new", **changed})

    assert answer == {"ok": False, "error": error}
    assert [each.content for each in slack.workspace.roots] == [{"text": "old"}]


def test_a_test_chooses_the_error_of_edits(slack: FaultySlack) -> None:
    """Until it takes the error back."""
    ts = post(slack, "old")["ts"]
    answers = [
        call(slack, "chat.update", channel="C0ALERTS", ts=ts, text="new").get("error")
        for slack.workspace.edit_error in ("edit_window_closed", "cant_update_message", None)
    ]

    assert answers == ["edit_window_closed", "cant_update_message", None]


def test_fifty_edits_a_minute_are_taken(slack: FakeSlack) -> None:
    """The next one has to wait until the first is a minute old."""
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        ts = post(slack, "old")["ts"]

        def edit() -> str | None:
            error: str | None = call(slack, "chat.update", channel="C0ALERTS", ts=ts, text="new").get("error")
            return error

        assert {edit() for _ in range(50)} == {None}
        assert edit() == "ratelimited"
        clock.shift(60)
        assert edit() is None


def test_a_post_may_stand_there_although_the_answer_is_an_error(slack: FaultySlack) -> None:
    """As Slack documents it for internal_error: the history tells it."""
    slack.workspace.errors_after_posting = 1

    errors = [post(slack, text).get("error") for text in ("first", "second")]

    assert errors == ["internal_error", None]
    assert texts(call(slack, "conversations.history", channel="C0ALERTS")) == ["second", "first"]


@pytest.mark.parametrize(("deduplicates", "number"), [(False, 2), (True, 1)])
def test_a_client_msg_id_is_ignored_or_posted_once(slack: FaultySlack, number: int, *, deduplicates: bool) -> None:
    """Slack documents neither, so that nothing may rely on either."""
    slack.workspace.deduplicates = deduplicates

    ids = {post(slack, "t", client_msg_id="a")["ts"] for _ in range(2)} | {post(slack, "t", client_msg_id="b")["ts"]}

    assert len(ids) == len(slack.workspace.roots) == number + 1


def test_the_history_is_read_in_parts(slack: FaultySlack) -> None:
    """Later than a message, at most so many, with the metadata that is asked for."""
    metadata = {"event_type": "incident", "event_payload": {"id": "a"}}
    first, *_ = [post(slack, text, metadata=metadata)["ts"] for text in ("first", "second", "third")]
    history = partial(call, slack, "conversations.history", channel="C0ALERTS")

    page = history(oldest=first, limit=1)

    assert (texts(page), page["has_more"]) == (["third"], True)
    assert page["messages"][0]["metadata"] == {"event_type": "incident"}
    assert history(include_all_metadata="true")["messages"][0]["metadata"] == metadata
    assert texts(history(oldest=first)) == ["third", "second"]
    assert call(slack, "conversations.replies", channel="C0ALERTS", ts="1.2")["error"] == "thread_not_found"
    slack.workspace.can_read = False
    assert history() == {"ok": False, "error": "missing_scope"}
