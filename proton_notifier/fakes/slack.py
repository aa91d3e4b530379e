"""A fake of Slack, which rejects the same requests."""

import math
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, json_response
from proton_notifier.fakes.slack_limits import payload_errors, trigger_errors
from proton_notifier.fakes.slack_workspace import CHANNELS, ApiError, Arguments, Workspace, reject

PATH: Final = "/services/T00000000/B00000000/fake"
API: Final = "/api/"
API_PATH: Final = f"{API}chat.postMessage"
TRIGGER_PATH: Final = "/triggers/T00000000/1/fake"
TOKEN: Final = "xoxb-fake"  # noqa: S105 - it opens nothing


class FakeSlack(FakeServer):
    """Fake of an incoming webhook, a workflow's trigger, and the Web API of a *workspace* with *channels*.

    A message within *seconds_between* of the last one is rejected with 429 and Retry-After.
    """

    channel = "slack"
    path = PATH

    def __init__(self, *, seconds_between: float = 0, channels: Mapping[str, str | None] = CHANNELS) -> None:
        super().__init__()
        self.workspace = Workspace(channels, self.messages)
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
        """Accept or reject a message or another API call as Slack does."""
        with self._one_at_a_time:
            if request.path == PATH:
                return self._webhook_response(request)
            if request.path == TRIGGER_PATH:
                return self._trigger_response(request)
            if request.path.removeprefix(API) in self.workspace.methods:
                return self._api_response(request)
        return FakeResponse(HTTPStatus.NOT_FOUND, "no_service")

    def _webhook_response(self, request: Request) -> FakeResponse:
        payload = json_or_none(request.body)
        error = next(payload_errors(payload), None)
        if error:
            return self._reject(error, FakeResponse(400, "invalid_payload" if payload is None else "invalid_blocks"))
        return self._accept(payload, FakeResponse(HTTPStatus.OK, "ok"), too_soon="rate_limited")

    def _api_response(self, request: Request) -> FakeResponse:
        posts = request.path == API_PATH
        try:
            arguments = _arguments(request)
            if posts and (wait := self._wait_seconds()):
                reject("ratelimited", wait)
            answer = self.workspace.methods[request.path.removeprefix(API)](arguments)
        except ApiError as error:
            response = json_response(HTTPStatus.OK, ok=False, error=str(error))
            if not error.retry_after_seconds:
                return self._reject(str(error), response)
            headers = {"Retry-After": str(error.retry_after_seconds)}
            return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, response.body, headers)
        if posts:
            self._accepted_at = time.time()
        return json_response(HTTPStatus.OK, ok=True, **answer)

    def _trigger_response(self, request: Request) -> FakeResponse:
        error = next(trigger_errors(request.body), None)
        if error:
            invalid = json_response(HTTPStatus.BAD_REQUEST, ok=False, error="invalid_workflow_input")
            return self._reject(error, invalid)
        return self._accept(json_or_none(request.body), json_response(HTTPStatus.OK, ok=True))

    def _reject(self, error: str, response: FakeResponse) -> FakeResponse:
        self.rejections.append(error)
        return response

    def _accept(
        self, payload: dict[str, Any], response: FakeResponse, too_soon: str = '{"ok":false,"error":"ratelimited"}'
    ) -> FakeResponse:
        if wait := self._wait_seconds():
            return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, too_soon, {"Retry-After": str(wait)})
        self._accepted_at = time.time()
        self.messages.append(payload)
        return response

    def _wait_seconds(self) -> int:
        """Return the wait that Slack asks for, or 0 if it accepts a message now."""
        too_soon = time.time() - self._accepted_at < self._seconds_between
        return math.ceil(self._seconds_between) if too_soon else 0


def _arguments(request: Request) -> Arguments:
    """Read the arguments of an API call; only Slack's write methods take JSON."""
    authorization = request.headers.get("authorization")
    if authorization != f"Bearer {TOKEN}":
        reject("invalid_auth" if authorization else "not_authed")
    if request.path.startswith(f"{API}conversations."):
        return dict(parse_qsl(request.body.decode()))
    arguments = json_or_none(request.body)
    if not isinstance(arguments, dict):
        reject("invalid_json")
    return arguments
