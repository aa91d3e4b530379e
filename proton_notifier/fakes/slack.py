"""A fake Slack, which rejects what Slack rejects."""

import math
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, json_response
from proton_notifier.fakes.slack_limits import MESSAGE_TEXT_LIMIT, payload_errors, trigger_errors

PATH: Final = "/services/T00000000/B00000000/fake"
API_PATH: Final = "/api/chat.postMessage"
TRIGGER_PATH: Final = "/triggers/T00000000/1/fake"
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
