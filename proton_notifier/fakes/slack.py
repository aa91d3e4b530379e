"""A Slack that listens on loopback, refuses what Slack refuses, and remembers the rest."""

import json
import math
import threading
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request

# docs.slack.dev, reference of blocks and of the text object.
BLOCKS_LIMIT: Final = 50
ATTACHMENTS_LIMIT: Final = 100
MESSAGE_TEXT_LIMIT: Final = 40_000
HEADER_LIMIT: Final = 150
TEXT_LIMIT: Final = 3_000
FIELDS_LIMIT: Final = 10
FIELD_LIMIT: Final = 2_000
ELEMENTS_LIMIT: Final = 10

PATH: Final = "/services/T00000000/B00000000/fake"
API_PATH: Final = "/api/chat.postMessage"
TRIGGER_PATH: Final = "/triggers/T00000000/1/fake"
# Slack's help, "Create a workflow that starts outside of Slack": a webhook may have so many variables.
VARIABLES_LIMIT: Final = 20
TOKEN: Final = "xoxb-fake"  # noqa: S105 - it opens nothing
# The channels that there are, and what a bot hears that posts to them.
CHANNELS: Final[Mapping[str, str | None]] = {
    "C0ALERTS": None,
    "C0ARCHIVED": "is_archived",
    "G0SECRET": "not_in_channel",
}


class FakeSlack(FakeServer):
    """An incoming webhook, the API's chat.postMessage, and a workflow's trigger.

    With *seconds_between* messages, one that comes sooner is refused as Slack does, by 429 and Retry-After. Where
    *mentions_are_restricted*, as administrators may have it, a message that calls a whole channel is refused.
    """

    channel = "slack"
    path = PATH

    def __init__(self, *, seconds_between: float = 0, mentions_are_restricted: bool = False) -> None:
        super().__init__()
        self._mentions_are_restricted = mentions_are_restricted
        self._seconds_between = seconds_between
        self._taken_at = float("-inf")
        self._one_at_a_time = threading.Lock()

    def receive(self, request: Request) -> FakeResponse:
        """Answer as Slack would."""
        return self.answer(request.path, request.body, request.headers.get("authorization", ""))

    @property
    def api_url(self) -> str:
        """The API's chat.postMessage."""
        return self.url.removesuffix(PATH) + API_PATH

    @property
    def trigger_url(self) -> str:
        """The webhook that starts a workflow."""
        return self.url.removesuffix(PATH) + TRIGGER_PATH

    def answer(self, path: str, body: bytes, authorization: str = "") -> FakeResponse:
        """Answer a POST of *body* to *path* as Slack would."""
        if path == API_PATH:
            return self._api_answer(body, authorization)
        if path == TRIGGER_PATH:
            return self._trigger_answer(body)
        if path != PATH:
            return FakeResponse(HTTPStatus.NOT_FOUND, "no_service")
        return self._webhook_answer(body)

    def _webhook_answer(self, body: bytes) -> FakeResponse:
        try:
            payload = json.loads(body)
        except ValueError:
            return self._refused("invalid_payload", "the body is not JSON")
        problem = next(payload_errors(payload), None)
        if problem:
            return self._refused("invalid_blocks", problem)
        if self._mentions_are_restricted and calls_channel(body):
            self.rejections.append("action_prohibited")
            return FakeResponse(HTTPStatus.FORBIDDEN, "action_prohibited")
        return FakeResponse(HTTPStatus.OK, "ok") if self._take(payload) else self._too_soon("rate_limited")

    def _api_answer(self, body: bytes, authorization: str) -> FakeResponse:
        restricted = "restricted_action" if self._mentions_are_restricted and calls_channel(body) else None
        word = api_error(body, authorization) or restricted
        if word:
            self.rejections.append(word)
            return FakeResponse(HTTPStatus.OK, json.dumps({"ok": False, "error": word}))
        payload = json.loads(body)
        if not self._take(payload):
            return self._too_soon(json.dumps({"ok": False, "error": "ratelimited"}))
        return FakeResponse(
            HTTPStatus.OK, json.dumps({"ok": True, "channel": payload["channel"], "ts": f"{time.time():.6f}"})
        )

    def _trigger_answer(self, body: bytes) -> FakeResponse:
        problem = next(trigger_errors(body), None)
        if problem:
            self.rejections.append(problem)
            return FakeResponse(HTTPStatus.BAD_REQUEST, json.dumps({"ok": False, "error": "invalid_workflow_input"}))
        if not self._take(json.loads(body)):
            return self._too_soon(json.dumps({"ok": False, "error": "ratelimited"}))
        return FakeResponse(HTTPStatus.OK, '{"ok":true}')

    def _take(self, payload: dict[str, Any]) -> bool:
        with self._one_at_a_time:
            if time.time() - self._taken_at < self._seconds_between:
                return False
            self._taken_at = time.time()
            self.messages.append(payload)
            return True

    def _too_soon(self, words: str) -> FakeResponse:
        wait = str(math.ceil(self._seconds_between))
        return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, words, {"Retry-After": wait})

    def _refused(self, word: str, problem: str) -> FakeResponse:
        self.rejections.append(problem)
        return FakeResponse(HTTPStatus.BAD_REQUEST, word)


def calls_channel(body: bytes) -> bool:
    """Say whether a message alerts a whole channel."""
    return any(mention in body for mention in (b"<!channel>", b"<!everyone>", b"<!here>"))


def trigger_errors(body: bytes) -> Iterator[str]:
    """Name what a workflow would not start with, nothing if it would."""
    try:
        variables = json.loads(body)
    except ValueError:
        variables = None
    if not isinstance(variables, dict):
        yield "the body is not an object of JSON"
        return
    if len(variables) > VARIABLES_LIMIT:
        yield f"{len(variables)} variables"
    for name, value in variables.items():
        if not isinstance(value, str) or not value:
            yield f"{name} is not a text"
        elif "<" in value or ">" in value:
            yield f"{name} may be a mention or a link"


def api_error(body: bytes, authorization: str) -> str | None:
    """Name in Slack's own word what is wrong with a call of the API, nothing if it would be taken."""
    if not authorization:
        return "not_authed"
    if authorization != f"Bearer {TOKEN}":
        return "invalid_auth"
    try:
        payload = json.loads(body)
    except ValueError:
        return "invalid_json"
    channel = payload.get("channel")
    if channel not in CHANNELS:
        return "channel_not_found"
    if len(payload.get("text", "")) > MESSAGE_TEXT_LIMIT:
        return "msg_too_long"
    return CHANNELS[channel] or ("invalid_blocks" if any(payload_errors(payload)) else None)


def payload_errors(payload: Mapping[str, Any]) -> Iterator[str]:
    """Name what Slack would refuse in *payload*, nothing if it would take it."""
    yield from _text("text", payload.get("text", ""), MESSAGE_TEXT_LIMIT)
    attachments = payload.get("attachments", [])
    if len(attachments) > ATTACHMENTS_LIMIT:
        yield f"{len(attachments)} attachments"
    blocks = [*payload.get("blocks", [])]
    for attachment in attachments:
        blocks += attachment.get("blocks", [])
    if len(blocks) > BLOCKS_LIMIT:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        yield from _block_problems(block)


def _block_problems(block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield from _text("header", text, HEADER_LIMIT)
        case {"type": "section", "text": {"type": "mrkdwn", "text": str(text)}}:
            yield from _text("section", text, TEXT_LIMIT)
        case {"type": "section", "fields": list(fields)}:
            yield from _texts("field", fields, FIELDS_LIMIT, FIELD_LIMIT)
        case {"type": "context", "elements": list(elements)}:
            yield from _texts("element", elements, ELEMENTS_LIMIT, TEXT_LIMIT)
        case _:
            yield f"not a block: {block}"


def _texts(name: str, entries: list[Mapping[str, Any]], count: int, limit: int) -> Iterator[str]:
    if not 1 <= len(entries) <= count:
        yield f"{len(entries)} {name}s"
    for entry in entries:
        yield from _text(name, entry.get("text", ""), limit)


def _text(name: str, text: str, limit: int) -> Iterator[str]:
    units = len(text.encode("utf-16-le")) // 2
    if not 1 <= units <= limit:
        yield f"a {name} of {units} characters"
