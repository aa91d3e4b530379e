from bench.measure.faults import FAULTS, count_events, run_fault
from bench.subjects.catalog import BASELINE
from bench.subjects.runners import Setup


def test_a_fault_shows_what_arrived() -> None:
    """The baseline sends once, so that Slack's 429 is the end of it."""
    setup = Setup(
        {"posted": "{}", "published": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:alerts", "Message": "m"}}
    )

    fault = run_fault(BASELINE, setup, *FAULTS["Slack 429 once, Retry-After 1"])

    assert (fault["slack"], len(fault["sns"]), fault["outcome"]) == ([], 1, "Slack said 429")


def test_messages_tell_of_one_event_or_of_many() -> None:
    """A digest says how many, a single message is one."""
    assert count_events(["12 events", "prod could not be deployed"]) == 13


def test_a_group_that_is_told_again_counts_once() -> None:
    """Alertmanager repeats a group as it grows."""
    assert count_events(["[FIRING:3] a", "[FIRING:10] a"]) == 10
