from bench.measure.windows import slack_messages


def test_a_lone_event_waits_for_the_window() -> None:
    """Each of three comes alone, two seconds after its event."""
    messages = slack_messages(2, 3, 300)

    times = [(message.at, message.notifications[0].occurred_at) for message in messages]
    assert [(at - event_at).total_seconds() for at, event_at in times if event_at] == [2, 2, 2]


def test_a_storm_becomes_digests() -> None:
    """Six failures in a second and a half are one message."""
    (message,) = slack_messages(2, 6, 0.25)

    assert len(message.event_ids) == 6
