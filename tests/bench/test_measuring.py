"""The baseline and this project, two events each: seconds, and no peer."""

from bench.measure.disturbances import FAULTS, run_fault
from bench.measure.measuring import measure, measure_startups, record_requests
from bench.subjects.catalog import BASELINE, OURS
from bench.subjects.runners import Setup

TWO = (2, 4)


def test_this_project_and_the_baseline_can_be_measured() -> None:
    """Both reach both channels, and what is slow with latencies waits for Slack's 100 ms."""
    setup = record_requests()

    ours = measure(OURS, setup, (TWO, TWO, TWO))
    startups = measure_startups([OURS], setup, 1)
    baseline = measure(BASELINE, setup, (TWO, TWO, TWO))

    # The ledger: a claim and a mark for each destination. The memory: an item of two kilobytes, its key in the index,
    # and the item of the service to which the instance belongs.
    written = 2 * 2 + 2 + 1 + 1
    assert [ours["calls"][name] for name in ("Publish", "SendMessageBatch", "rows written")] == [1, 1, written]
    assert [*ours["workers"]] == [*startups] == ["events", "delivery"]
    assert [each["loopback"]["events"] for each in (ours, baseline)] == [2, 2]
    for measured in (ours, baseline):
        assert measured["with_latencies"]["p50_ms"] > 100
        assert all(worker["cpu_outside_sdk_ms"] for worker in measured["workers"].values())
    assert any(metric.startswith("Notifier/proton-notifier/Sent{") for metric in ours["workers"]["delivery"]["metrics"])


def test_a_fault_shows_what_arrived() -> None:
    """The baseline sends once, so that Slack's 429 is the end of it."""
    setup = Setup("{}", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts", "Message": "m"})

    fault = run_fault(BASELINE, setup, *FAULTS["Slack 429 once, Retry-After 1"])

    assert (fault["slack"], len(fault["sns"]), fault["outcome"]) == ([], 1, "Slack said 429")
