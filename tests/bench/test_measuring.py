import json
from dataclasses import replace

import pytest

from bench.fakes.services import Behaviour, FakeServices, Message
from bench.measure.measuring import (
    logged_metrics,
    measure,
    measure_startups,
    milliseconds_to_both,
    percentile,
    record_requests,
)
from bench.subjects.catalog import BASELINE, OURS
from bench.subjects.runners import Invocation
from proton_notifier.fakes.server import Request

TWO = (2, 4)  # two events, in four seconds at most


def test_this_project_and_the_baseline_can_be_measured() -> None:
    """Both reach both channels, and what is slow with latencies waits for Slack's 100 ms."""
    setup = record_requests()

    ours = measure(OURS, setup, (TWO, TWO, TWO))
    startups = measure_startups([OURS], setup, 1)
    baseline = measure(BASELINE, setup, (TWO, TWO, TWO))
    without_memory = measure(OURS, replace(setup, variables={"MEMORY_TABLE": ""}), (TWO, TWO, TWO))

    # The ledger: a claim and a mark for each destination. The memory: an item of two kilobytes, its key in the index,
    # and the item of the service to which the instance belongs.
    written = 2 * 2 + 2 + 1 + 1
    assert [ours["calls"][name] for name in ("Publish", "SendMessageBatch", "rows written")] == [1, 1, written]
    assert without_memory["calls"]["rows written"] == 2 * 2
    assert [*ours["workers"]] == [*startups] == ["events", "delivery"]
    assert [each["loopback"]["events"] for each in (ours, baseline)] == [2, 2]
    for measured in (ours, baseline):
        assert measured["with_latencies"]["p50_ms"] > 100
        assert all(worker["cpu_outside_sdk_ms"] for worker in measured["workers"].values())
    assert any(metric.startswith("Notifier/proton-notifier/Sent{") for metric in ours["workers"]["delivery"]["metrics"])


def test_the_time_of_an_event_is_that_until_the_queue_and_then_both_channels_have_it() -> None:
    """The work of a function after its last message is no part of it, and nor is the time between the functions."""
    invocations = {"events": Invocation(90, 1, 1.0, 1, {}), "delivery": Invocation(200, 1, 5.0, 1, {})}

    with FakeServices() as fake:
        fake.queued.append(Message(1.040, 200, ""))
        fake.slack.append(Message(5.120, 200, ""))
        fake.sns.append(Message(5.030, 200, ""))

    assert milliseconds_to_both(invocations, fake) == pytest.approx(160)


def test_a_latency_begins_with_the_request() -> None:
    """The work of the fake itself is no part of a latency."""
    with FakeServices() as fake:
        fake.configure(Behaviour(slack_seconds=0.1, aws_seconds=0.015))
        fake.receive(Request(fake.path, {}, b"{}", received_at=0))  # as the first on its connection, without a delay
        fake.receive(Request("/", {"x-amz-target": "AmazonSQS.SendMessageBatch"}, b'{"Entries": []}', received_at=1))

    assert [fake.slack[0].answered_at, fake.queued[0].answered_at] == [0.1, 1.015]


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0, 1)], ids=["median", "p99", "longest", "shortest"]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: float) -> None:
    """It is the smallest that so many percent do not exceed."""
    assert percentile(range(100, 0, -1), percent) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    """A subject that is slow is measured once."""
    assert percentile([7.5], 99) == 7.5


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
