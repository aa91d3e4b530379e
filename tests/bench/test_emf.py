import json

from bench.measure.measuring import logged_metrics


def test_a_metric_is_its_name_under_its_dimensions() -> None:
    """Two names under two destinations are four metrics, however often they are written."""
    lines = [
        json.dumps(
            {
                "_aws": {
                    "CloudWatchMetrics": [
                        {
                            "Namespace": "N",
                            "Dimensions": [["destination", "service"]],
                            "Metrics": [{"Name": "Sent"}, {"Name": "Late"}],
                        }
                    ]
                },
                "destination": destination,
                "service": "delivery",
            }
        )
        for destination in ("email", "slack", "email")
    ]

    assert logged_metrics("\n".join([*lines, '{"message": "sent"}', "no JSON", ""]).encode()) == {
        f"N/{name}{{destination={destination},service=delivery}}"
        for name in ("Sent", "Late")
        for destination in ("email", "slack")
    }
