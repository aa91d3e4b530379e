"""A fake of PagerDuty's Events API v2, which rejects the same events."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request, json_or_none, json_response, schema_errors

ROUTING_KEY: Final = "0123456789abcdef0123456789abcdef"
# PagerDuty/developer-docs, docs/events-API-v2: the overview.
SIZE_LIMIT: Final = 512 * 1024


class FakePagerDuty(FakeServer):
    """Fake of a PagerDuty service's integration."""

    channel = "pagerduty"
    path = "/v2/enqueue"

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secret of a destination that sends here, by setting."""
        return {"routing_key": ROUTING_KEY}

    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject an event as PagerDuty does."""
        if request.path != self.path:
            return FakeResponse(HTTPStatus.NOT_FOUND, "")
        event = json_or_none(request.body)
        errors = schema_errors(self.channel, event)
        if len(request.body) > SIZE_LIMIT:
            errors.insert(0, f"{len(request.body)} bytes")
        if errors:
            self.rejections += errors
            message = "Event object is invalid"
            return json_response(HTTPStatus.BAD_REQUEST, status="invalid event", message=message, errors=errors)
        self.messages.append(event)
        key = event.get("dedup_key", f"alert {len(self.messages)}")
        return json_response(HTTPStatus.ACCEPTED, status="success", dedup_key=key)
