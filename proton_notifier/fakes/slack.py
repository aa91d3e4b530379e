"""A fake Slack, which rejects what Slack rejects."""

import math
import threading
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, json_response

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
# The workspace's channels, and the error of a bot that posts to them.
CHANNELS: Final[Mapping[str, str | None]] = {
    "C0ALERTS": None,
    "C0ARCHIVED": "is_archived",
    "G0SECRET": "not_in_channel",
}


class FakeSlack(FakeServer):
    """An incoming webhook, the API's chat.postMessage, and a workflow's trigger.

    A message that comes within *seconds_between* of the last one is rejected with 429 and Retry-After. With
    *mentions_are_restricted*, an administrator's setting, a message that mentions a whole channel is rejected.
    """

    channel = "slack"
    path = PATH

    def __init__(self, *, seconds_between: float = 0, mentions_are_restricted: bool = False) -> None:
        super().__init__()
        self._mentions_are_restricted = mentions_are_restricted
        self._seconds_between = seconds_between
        self._accepted_at = float("-inf")
        self._one_at_a_time = threading.Lock()

    @property
    def api_url(self) -> str:
        """The address of the API's chat.postMessage."""
        return self.url.removesuffix(PATH) + API_PATH

    @property
    def trigger_url(self) -> str:
        """The address of the webhook that starts a workflow."""
        return self.url.removesuffix(PATH) + TRIGGER_PATH

    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject a message as Slack does."""
        endpoints = {PATH: self._webhook_response, API_PATH: self._api_response, TRIGGER_PATH: self._trigger_response}
        endpoint = endpoints.get(request.path)
        return endpoint(request) if endpoint else FakeResponse(HTTPStatus.NOT_FOUND, "no_service")

    def _webhook_response(self, request: Request) -> FakeResponse:
        payload = json_or_none(request.body)
        error = next(payload_errors(payload), None)
        if error:
            return self._reject(error, FakeResponse(400, "invalid_payload" if payload is None else "invalid_blocks"))
        if self._restricts(request):
            return self._reject("action_prohibited", FakeResponse(HTTPStatus.FORBIDDEN, "action_prohibited"))
        return self._accept(payload, FakeResponse(HTTPStatus.OK, "ok"), too_soon="rate_limited")

    def _api_response(self, request: Request) -> FakeResponse:
        error = api_error(request) or ("restricted_action" if self._restricts(request) else None)
        if error:
            return self._reject(error, json_response(HTTPStatus.OK, ok=False, error=error))
        payload = json_or_none(request.body)
        return self._accept(
            payload, json_response(HTTPStatus.OK, ok=True, channel=payload["channel"], ts=f"{time.time():.6f}")
        )

    def _trigger_response(self, request: Request) -> FakeResponse:
        error = next(trigger_errors(request.body), None)
        if error:
            invalid = json_response(HTTPStatus.BAD_REQUEST, ok=False, error="invalid_workflow_input")
            return self._reject(error, invalid)
        return self._accept(json_or_none(request.body), json_response(HTTPStatus.OK, ok=True))

    def _restricts(self, request: Request) -> bool:
        mentions = (b"<!channel>", b"<!everyone>", b"<!here>")
        return self._mentions_are_restricted and any(mention in request.body for mention in mentions)

    def _reject(self, error: str, response: FakeResponse) -> FakeResponse:
        self.rejections.append(error)
        return response

    def _accept(
        self, payload: dict[str, Any], response: FakeResponse, too_soon: str = '{"ok":false,"error":"ratelimited"}'
    ) -> FakeResponse:
        with self._one_at_a_time:
            if time.time() - self._accepted_at < self._seconds_between:
                wait = str(math.ceil(self._seconds_between))
                return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, too_soon, {"Retry-After": wait})
            self._accepted_at = time.time()
            self.messages.append(payload)
            return response


def trigger_errors(body: bytes) -> Iterator[str]:
    """List the reasons why a workflow would not start with *body*."""
    variables = json_or_none(body)
    if not isinstance(variables, dict):
        yield "the body is not a JSON object"
        return
    if len(variables) > VARIABLES_LIMIT:
        yield f"{len(variables)} variables"
    for name, value in variables.items():
        if not isinstance(value, str) or not value:
            yield f"{name} is not a text"
        elif "<" in value or ">" in value:
            yield f"{name} may be a mention or a link"


def api_error(request: Request) -> str | None:
    """Return Slack's code for the error of an API call, or None."""
    authorization = request.headers.get("authorization")
    if authorization != f"Bearer {TOKEN}":
        return "invalid_auth" if authorization else "not_authed"
    payload = json_or_none(request.body)
    if payload is None:
        return "invalid_json"
    channel = payload.get("channel")
    if channel not in CHANNELS:
        return "channel_not_found"
    if len(payload.get("text", "")) > MESSAGE_TEXT_LIMIT:
        return "msg_too_long"
    return CHANNELS[channel] or ("invalid_blocks" if any(payload_errors(payload)) else None)


def payload_errors(payload: Mapping[str, Any] | None) -> Iterator[str]:
    """List the reasons why Slack would reject *payload*."""
    if payload is None:
        yield "the body is not JSON"
        return
    yield from _text_errors("text", payload.get("text", ""), MESSAGE_TEXT_LIMIT)
    attachments = payload.get("attachments", [])
    if len(attachments) > ATTACHMENTS_LIMIT:
        yield f"{len(attachments)} attachments"
    blocks = [*payload.get("blocks", [])]
    for attachment in attachments:
        blocks += attachment.get("blocks", [])
    if len(blocks) > BLOCKS_LIMIT:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        yield from _block_errors(block)


def _block_errors(block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield from _text_errors("header", text, HEADER_LIMIT)
        case {"type": "section", "text": {"type": "mrkdwn", "text": str(text)}}:
            yield from _text_errors("section", text, TEXT_LIMIT)
        case {"type": "section", "fields": list(fields)}:
            yield from _list_errors("field", fields, FIELDS_LIMIT, FIELD_LIMIT)
        case {"type": "context", "elements": list(elements)}:
            yield from _list_errors("element", elements, ELEMENTS_LIMIT, TEXT_LIMIT)
        case _:
            yield f"not a block: {block}"


def _list_errors(name: str, entries: list[Mapping[str, Any]], count: int, limit: int) -> Iterator[str]:
    if not 1 <= len(entries) <= count:
        yield f"{len(entries)} {name}s"
    for entry in entries:
        yield from _text_errors(name, entry.get("text", ""), limit)


def _text_errors(name: str, text: str, limit: int) -> Iterator[str]:
    units = len(text.encode("utf-16-le")) // 2
    if not 1 <= units <= limit:
        yield f"a {name} of {units} characters"
