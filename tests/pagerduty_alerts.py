"""A fake PagerDuty that keeps a list of open alerts."""

import json
from http import HTTPStatus
from typing import Any

from proton_notifier.fakes.pagerduty import FakePagerDuty
from proton_notifier.fakes.server import FakeResponse, Request


class AlertingPagerDuty(FakePagerDuty):
    """*open_alerts* are the unresolved events by their deduplication key."""

    def __init__(self) -> None:
        super().__init__()
        self.open_alerts: dict[str, dict[str, Any]] = {}

    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject an event, and open or close its alert."""
        response = super().receive(request)
        if response.status == HTTPStatus.ACCEPTED:
            event, key = self.messages[-1], json.loads(response.body)["dedup_key"]
            if event["event_action"] == "trigger":
                self.open_alerts[key] = event
            if event["event_action"] == "resolve":
                self.open_alerts.pop(key, None)
        return response
