import json
from typing import Any

import pytest
import urllib3

from proton_notifier.fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from tests.pagerduty_alerts import AlertingPagerDuty

PAYLOAD = {"summary": "s", "source": "s", "severity": "critical"}
TRIGGER = {"routing_key": ROUTING_KEY, "event_action": "trigger", "dedup_key": "k", "payload": PAYLOAD}
RESOLVE = {"routing_key": ROUTING_KEY, "event_action": "resolve", "dedup_key": "k"}


def post(url: str, body: bytes) -> int:
    """Post; return the status."""
    return urllib3.request("POST", url, body=body, retries=False).status


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (TRIGGER, ""),
        (RESOLVE, ""),
        ({**TRIGGER, "dedup_key": "k" * 255, "payload": {**PAYLOAD, "summary": "s" * 1_024}}, ""),
        ({**TRIGGER, "dedup_key": "k" * 256}, f"$.dedup_key: '{'k' * 256}' is too long"),
        (
            {**TRIGGER, "payload": {**PAYLOAD, "summary": "s" * 1_025}},
            f"$.payload.summary: '{'s' * 1_025}' is too long",
        ),
        ({**TRIGGER, "payload": {**PAYLOAD, "summary": " "}}, r"$.payload.summary: ' ' does not match '\\S'"),
        ({**TRIGGER, "payload": {**PAYLOAD, "severity": "failure"}}, "$.payload.severity: 'failure' is not one of"),
        ({**TRIGGER, "payload": {"summary": "s"}}, "$.payload: 'source' is a required property"),
        ({**TRIGGER, "routing_key": "x"}, f"$.routing_key: '{ROUTING_KEY}' was expected"),
        ({"routing_key": ROUTING_KEY, "event_action": "trigger"}, "$: 'payload' is a required property"),
        ({"routing_key": ROUTING_KEY, "event_action": "resolve"}, "$: 'dedup_key' is a required property"),
        ({**TRIGGER, "payload": {**PAYLOAD, "custom_details": {"x": "x" * 524_288}}}, "524481 bytes"),
    ],
)
def test_it_refuses_what_pagerduty_refuses(event: dict[str, Any], problem: str) -> None:
    """The documented fields and limits, each at its edge."""
    with FakePagerDuty() as pagerduty:
        status = post(pagerduty.url, json.dumps(event).encode())

    assert status == (400 if problem else 202)
    assert "".join(pagerduty.rejections[:1])[: len(problem)] == problem
    assert pagerduty.messages == ([] if problem else [event])


def test_an_alert_is_open_until_it_is_resolved() -> None:
    """Twice the same changes nothing, and what is not open is not resolved."""
    with AlertingPagerDuty() as pagerduty:
        for event in (RESOLVE, TRIGGER, TRIGGER):
            post(pagerduty.url, json.dumps(event).encode())
        opened = [*pagerduty.open_alerts]
        for event in (RESOLVE, RESOLVE):
            post(pagerduty.url, json.dumps(event).encode())

    assert opened == ["k"]
    assert pagerduty.open_alerts == {}


def test_it_answers_elsewhere_and_to_what_is_no_json() -> None:
    """As far from an event as can be."""
    with FakePagerDuty() as pagerduty:
        assert post(pagerduty.url, b"{") == 400
        assert post(f"{pagerduty.url}/else", json.dumps(TRIGGER).encode()) == 404

    assert pagerduty.messages == []
