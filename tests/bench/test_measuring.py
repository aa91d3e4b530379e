"""The floor and this project, two events each, on a real stand-in: seconds, and no peer."""

from bench.fakes.control import StandIn
from bench.measure.events import numbered_events
from bench.measure.faults import FAULTS, run_fault
from bench.measure.measuring import Phase, Phases, measure
from bench.measure.recording import recorded
from bench.subjects.catalog import FLOOR, OURS, Setup

TWO = Phase(2, 4)


def test_this_project_and_the_floor_can_be_measured() -> None:
    """Both reach both channels, and what is slow with latencies waits for Slack's 100 ms."""
    with StandIn.started() as stand_in:
        bare = Setup(stand_in, "", "", {}, {})
        ours = measure(OURS, bare, numbered_events("smoke"), Phases(TWO, TWO, TWO))
        floor = measure(FLOOR, recorded(bare), numbered_events("smoke"), Phases(TWO, TWO, TWO))

    assert (ours.calls["Publish"], ours.calls["SendMessageBatch"], ours.calls["rows written"]) == (1, 1, 4)
    assert [*ours.parts] == ["events", "delivery"]
    assert (ours.loopback.events, floor.loopback.events) == (2, 2)
    for measured in (ours, floor):
        assert measured.simulated.p50_ms > 100
        assert all(part.own_cpu_ms for part in measured.parts.values())
    assert any(metric.startswith("Notifier/proton-notifier/Sent{") for metric in ours.parts["delivery"].metrics)


def test_a_fault_shows_what_arrived() -> None:
    """The floor sends once, so that Slack's 429 is the end of it."""
    with StandIn.started() as stand_in:
        setup = Setup(stand_in, "", "{}", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts", "Message": "m"}, {})
        fault = run_fault(FLOOR, setup, FAULTS["Slack 429 once, Retry-After 1"])

    assert (fault.slack, len(fault.sns), fault.result) == ((), 1, "Slack said 429")
