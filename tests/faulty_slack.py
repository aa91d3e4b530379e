"""A fake Slack with the errors that a test chooses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from proton_notifier.fakes.server import FakeResponse, Request, json_response
from proton_notifier.fakes.slack import PATH, FakeSlack
from proton_notifier.fakes.slack_workspace import CHANNELS, Arguments, Workspace, reject


class FaultyWorkspace(Workspace):
    """A workspace of which a test can set the errors.

    *edit_error* is the error of each edit; *errors_after_posting*, how many of the next posts are answered with
    internal_error although they stand there; *locked*, the threads that take no reply; *can_read*, whether the bot's
    scopes include history; *deduplicates*, whether a client_msg_id is posted only once.
    """

    def __init__(self, channels: Mapping[str, str | None], messages: list[dict[str, Any]]) -> None:
        super().__init__(channels, messages)
        self.edit_error: str | None = None
        self.errors_after_posting = 0
        self.locked: set[str] = set()
        self.can_read = True
        self.deduplicates = False

    def _post(self, arguments: Arguments) -> dict[str, Any]:
        client_id = arguments.get("client_msg_id") if self.deduplicates else None
        for post in self.posts.values():
            if client_id and (post.channel, post.payload.get("client_msg_id")) == (arguments["channel"], client_id):
                return {"channel": post.channel, "ts": post.ts}
        answer = super()._post(arguments)
        if self.errors_after_posting:
            self.errors_after_posting -= 1
            reject("internal_error")
        return answer

    def _parent(self, channel: str, ts: str | None) -> str | None:
        parent = super()._parent(channel, ts)
        if parent in self.locked:
            reject("restricted_action_thread_locked")
        return parent

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        if self.edit_error:
            reject(self.edit_error)
        return super()._update(arguments)

    def _history(self, arguments: Arguments) -> dict[str, Any]:
        if not self.can_read:
            reject("missing_scope")
        return super()._history(arguments)

    def _thread(self, arguments: Arguments) -> dict[str, Any]:
        if not self.can_read:
            reject("missing_scope")
        return super()._thread(arguments)


class FaultySlack(FakeSlack):
    """A fake Slack with a faulty workspace.

    With *mentions_are_restricted*, an administrator's setting, a message that mentions a whole channel is rejected.
    """

    def __init__(self, *, mentions_are_restricted: bool = False) -> None:
        super().__init__()
        self.workspace: FaultyWorkspace = FaultyWorkspace(CHANNELS, self.messages)
        self._mentions_are_restricted = mentions_are_restricted

    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject a message, or another call of the API, as Slack does."""
        mentions = (b"<!channel>", b"<!everyone>", b"<!here>")
        if not (self._mentions_are_restricted and any(mention in request.body for mention in mentions)):
            return super().receive(request)
        if request.path == PATH:
            return self._reject("action_prohibited", FakeResponse(HTTPStatus.FORBIDDEN, "action_prohibited"))
        error = "restricted_action"
        return self._reject(error, json_response(HTTPStatus.OK, ok=False, error=error))
