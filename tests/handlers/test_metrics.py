"""The lines in which CloudWatch finds the metrics."""

import json

import pytest

from handlers.metrics import Metrics, send_metrics


def test_a_metric_has_a_unit_and_the_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alarms and dashboards find it by namespace and dimensions; it has no other place in the line."""
    monkeypatch.setenv("METRICS_NAMESPACE", "Notifier/shop")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "delivery")
    monkeypatch.setattr("time.time", lambda: 1_795_762_461.12)

    send_metrics({"destination": "email"}, LatencySeconds=[1.5], Sent=[1], Heartbeats=[])

    assert json.loads(capsys.readouterr().out) == {
        "_aws": {
            "Timestamp": 1_795_762_461_120,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Notifier/shop",
                    "Dimensions": [["service", "destination"]],
                    "Metrics": [{"Name": "LatencySeconds", "Unit": "Seconds"}, {"Name": "Sent", "Unit": "Count"}],
                }
            ],
        },
        "service": "delivery",
        "destination": "email",
        "LatencySeconds": [1.5],
        "Sent": [1],
    }


def test_a_line_has_at_most_a_hundred_values_of_a_metric(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudWatch drops a line with more; what was sent is not sent again."""
    monkeypatch.setenv("METRICS_NAMESPACE", "Notifier/shop")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "events")
    metrics = Metrics()
    for number in range(150):
        metrics.add("LatencySeconds", number)
    metrics.add("Received")

    metrics.send()
    metrics.send()

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["LatencySeconds"], first["Received"]) == ([*range(100)], [1])
    assert (second["LatencySeconds"], "Received" in second) == ([*range(100, 150)], False)
