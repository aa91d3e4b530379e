from bench.measure.disturbances import count_events


def test_messages_tell_of_one_event_or_of_many() -> None:
    """A digest says how many, a single message is one."""
    assert count_events(["12 events", "prod could not be deployed"]) == 13


def test_a_group_that_is_told_again_counts_once() -> None:
    """Alertmanager repeats a group as it grows."""
    assert count_events(["[FIRING:3] a", "[FIRING:10] a"]) == 10
