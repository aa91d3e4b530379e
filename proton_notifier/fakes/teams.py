"""A fake Workflows webhook of Microsoft Teams, which accepts any JSON and checks cards by their published schema."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from jsonschema import Draft6Validator

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, object_schema, schema_errors

PATH: Final = "/workflows/fake/triggers/manual/paths/invoke?sig=fake"

# learn.microsoft.com, Teams' incoming webhooks: the message's JSON.
SIZE_LIMIT: Final = 28 * 1024


def _element(name: str, required: Mapping[str, Any], optional: Mapping[str, Any]) -> dict[str, Any]:
    return object_schema({"type": {"const": name}, **required}, optional)


# The used part of the published schema of version 1.4 (microsoft/AdaptiveCards, schemas/1.4.0); and stricter, as
# texts may not be empty and links have to be https.
TEXT: Final = {"type": "string", "minLength": 1}
OPEN_URL: Final = _element("Action.OpenUrl", {"url": {"type": "string", "pattern": "^https://[^ ]+$"}}, {"title": TEXT})
TEXT_RUN: Final = _element(
    "TextRun",
    {"text": TEXT},
    {
        "color": {"enum": ["default", "dark", "light", "accent", "good", "warning", "attention"]},
        "fontType": {"enum": ["default", "monospace"]},
        "isSubtle": {"type": "boolean"},
        "selectAction": OPEN_URL,
        "size": {"enum": ["default", "small", "medium", "large", "extraLarge"]},
        "weight": {"enum": ["default", "lighter", "bolder"]},
    },
)
RICH_TEXT_BLOCK: Final = _element(
    "RichTextBlock",
    {"inlines": {"type": "array", "items": TEXT_RUN, "minItems": 1}},
    {
        "separator": {"type": "boolean"},
        "spacing": {"enum": ["default", "none", "small", "medium", "large", "extraLarge", "padding"]},
    },
)
CARD: Final = _element(
    "AdaptiveCard",
    {"version": {"const": "1.4"}, "body": {"type": "array", "items": RICH_TEXT_BLOCK, "minItems": 1}},
    {
        "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
        "actions": {"type": "array", "items": {**OPEN_URL, "required": ["type", "title", "url"]}, "maxItems": 6},
    },
)
ATTACHMENT: Final = object_schema(
    {"contentType": {"const": "application/vnd.microsoft.card.adaptive"}, "content": CARD},
    {"contentUrl": {"type": "null"}},
)
MESSAGE: Final = Draft6Validator(
    _element("message", {"attachments": {"type": "array", "items": ATTACHMENT, "minItems": 1, "maxItems": 1}}, {})
)


class FakeTeams(FakeServer):
    """A flow whose trigger accepts any JSON; *rejections* are the reasons why Teams would not show a card."""

    channel = "teams"
    path = PATH

    def receive(self, request: Request) -> FakeResponse:
        """Answer as the flow's trigger does."""
        if request.path != PATH:
            return FakeResponse(HTTPStatus.NOT_FOUND, '{"error":{"code":"WorkflowNotFound"}}')
        payload = json_or_none(request.body)
        if payload is None:
            return FakeResponse(HTTPStatus.BAD_REQUEST, '{"error":{"code":"InvalidRequestContent"}}')
        errors = payload_errors(payload)
        if len(request.body) > SIZE_LIMIT:
            errors.append(f"{len(request.body)} bytes")
        if errors:
            self.rejections += errors
        else:
            self.messages.append(payload)
        return FakeResponse(HTTPStatus.ACCEPTED, "")


def payload_errors(payload: object) -> list[str]:
    """List the reasons why Teams would not show *payload*."""
    return schema_errors(MESSAGE, payload)
