"""A fake PagerDuty, which rejects what the Events API v2 rejects."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from jsonschema import Draft202012Validator

from proton_notifier.fakes.server import (
    FakeResponse,
    FakeServer,
    Request,
    json_or_none,
    json_response,
    object_schema,
    schema_errors,
)

PATH: Final = "/v2/enqueue"
ROUTING_KEY: Final = "0123456789abcdef0123456789abcdef"

# PagerDuty/developer-docs, docs/events-API-v2: the tables of "Send an Alert Event" and the size limit of the overview.
# Stricter in that nothing may be empty and nothing unlisted.
SIZE_LIMIT: Final = 512 * 1024
TEXT: Final = {"type": "string", "pattern": r"\S"}
PAYLOAD: Final = object_schema(
    {
        "summary": {**TEXT, "maxLength": 1024},
        "source": TEXT,
        "severity": {"enum": ["critical", "error", "warning", "info"]},
    },
    {
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$"},
        "component": TEXT,
        "group": TEXT,
        "class": TEXT,
        "custom_details": {"type": "object"},
    },
)
LINK: Final = object_schema({"href": {"type": "string", "pattern": "^https://"}}, {"text": TEXT})
EVENT: Final[Mapping[str, Any]] = {
    **object_schema(
        {"routing_key": {"const": ROUTING_KEY}, "event_action": {"enum": ["trigger", "acknowledge", "resolve"]}},
        {
            "dedup_key": {**TEXT, "maxLength": 255},
            "payload": PAYLOAD,
            "links": {"type": "array", "items": LINK},
            "client": TEXT,
            "client_url": TEXT,
        },
    ),
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "else": {"required": ["dedup_key"]},
}
VALIDATOR: Final = Draft202012Validator(EVENT)


class FakePagerDuty(FakeServer):
    """An integration of one service."""

    channel = "pagerduty"
    path = PATH

    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject an event as PagerDuty does."""
        if request.path != PATH:
            return FakeResponse(HTTPStatus.NOT_FOUND, "")
        event = json_or_none(request.body)
        errors = schema_errors(VALIDATOR, event)
        if len(request.body) > SIZE_LIMIT:
            errors.insert(0, f"{len(request.body)} bytes")
        if errors:
            self.rejections += errors
            message = "Event object is invalid"
            return json_response(HTTPStatus.BAD_REQUEST, status="invalid event", message=message, errors=errors)
        self.messages.append(event)
        key = event.get("dedup_key", f"alert {len(self.messages)}")
        return json_response(HTTPStatus.ACCEPTED, status="success", dedup_key=key)
