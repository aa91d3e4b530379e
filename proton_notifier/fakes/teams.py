"""A fake of a Workflows webhook of Microsoft Teams; it accepts any JSON, and checks cards by the published schema."""

from http import HTTPStatus
from typing import Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, schema_errors

# The size of a message: learn.microsoft.com, Teams' incoming webhooks.
SIZE_LIMIT: Final = 28 * 1024


class FakeTeams(FakeServer):
    """Fake of a flow whose trigger accepts any JSON; *rejections* are the reasons why Teams would not show a card."""

    channel = "teams"
    path = "/workflows/fake/triggers/manual/paths/invoke?sig=fake"

    def receive(self, request: Request) -> FakeResponse:
        """Answer as the flow's trigger does."""
        if request.path != self.path:
            return FakeResponse(HTTPStatus.NOT_FOUND, '{"error":{"code":"WorkflowNotFound"}}')
        payload = json_or_none(request.body)
        if payload is None:
            return FakeResponse(HTTPStatus.BAD_REQUEST, '{"error":{"code":"InvalidRequestContent"}}')
        errors = schema_errors(self.channel, payload)
        if len(request.body) > SIZE_LIMIT:
            errors.append(f"{len(request.body)} bytes")
        if errors:
            self.rejections += errors
        else:
            self.messages.append(payload)
        return FakeResponse(HTTPStatus.ACCEPTED, "")
