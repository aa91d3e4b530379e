from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

import pytest

from notifier.channels.digest import compose_digest
from notifier.channels.slack import message as slack_messages
from notifier.channels.sns import email
from notifier.model.notification import Notification
from proton_notifier.demo.summary import Tally, status_changes, tally
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import EventReceived, NotDelivered, Notice, TimelineEntry
from tests.samples import event, notification

COMPOSED = notification(event("service-update-failed"))
THREE = "🔴 3 failed in production: checkout (3 events)"


def at(seconds: float) -> datetime:
    """Return the time so long after the start."""
    return datetime.fromtimestamp(seconds, UTC)


def received(*event_ids: str, at_seconds: float = 0) -> list[TimelineEntry]:
    """Let events come in for Slack."""
    return [EventReceived(at(at_seconds), name, {"id": name, "destinations": ["slack"]}) for name in event_ids]


def notifications(event_ids: Iterable[str]) -> tuple[Notification, ...]:
    """Make the notifications of events."""
    return tuple(replace(COMPOSED, event_id=name) for name in event_ids)


def delivered(at_seconds: float, event_ids: str, text: str) -> Act:
    """Let a message arrive in Slack."""
    return Act(at(at_seconds), "slack", "slack", "post", notifications(event_ids), {"text": text})


def test_all_is_well_if_the_messages_tell_of_everything() -> None:
    """The number of deferrals and the delay of the last delivery do not matter."""
    timeline = [
        Notice(at(0), "Slack goes down"),
        *received("a", "b", "c", "d"),
        *received("e", at_seconds=2),
        EventReceived(at(2), "f", None),
        NotDelivered(at(5), "slack", ("a", "b"), "unavailable", (5, 9)),
        NotDelivered(at(10), "slack", ("a", "b"), "unavailable", (5, 9)),
        delivered(12, "abc", THREE),
        delivered(20, "d", "one"),
        NotDelivered(at(30), "slack", ("e",), "gone"),
    ]

    (counted,) = tally(timeline)

    assert counted == Tally("slack", 5, 2, 4, 4, 1, 0, 0, 20)


@pytest.mark.parametrize(
    ("timeline", "lost", "repeated"),
    [
        ([*received("a", "b"), delivered(1, "a", "one")], 1, 0),
        ([*received("a", "b", "c", "d"), delivered(1, "abcd", THREE)], 1, 0),
        ([*received("a"), *[delivered(moment, "a", "one") for moment in (1, 2)]], 0, 1),
        ([*received("a", "b", "c"), *[delivered(moment, "abc", THREE) for moment in (1, 2)]], 0, 3),
    ],
    ids=["no word of one", "a digest leaves one out", "two messages", "two digests"],
)
def test_what_the_messages_do_not_tell_once_is_seen(timeline: list[TimelineEntry], lost: int, repeated: int) -> None:
    """Whatever the channel was to send."""
    (counted,) = tally(timeline)

    assert (counted.lost, counted.duplicates) == (lost, repeated)


def test_who_got_nothing_got_nothing_late() -> None:
    """There is no time at which it was told."""
    (counted,) = tally([*received("a"), NotDelivered(at(30), "slack", ("a",), "gone")])

    assert counted.longest_delay is None


@pytest.mark.parametrize("channel", [email, slack_messages], ids=["email", "slack"])
@pytest.mark.parametrize("name", ["checkout", "5 events", "7 failed (5 events)"])
@pytest.mark.parametrize("number", [1, 3, 250])
def test_a_message_says_of_how_many_changes_it_tells(channel: ModuleType, name: str, number: int) -> None:
    """As the channel writes it, whatever names there are in it."""
    named = replace(COMPOSED, name=name)
    payload = channel.render(named) if number == 1 else channel.render_digest(compose_digest([named] * number))

    assert status_changes(payload) == number


@pytest.mark.parametrize("name", ["5 events", "5 failed (5 events)"])
def test_a_name_that_reads_like_a_digest_is_one_change(name: str) -> None:
    """Nothing is told more than once by a name."""
    (counted,) = tally(
        [*received("a"), delivered(1, "a", f"🔴 production: service {name} could not be updated (eu-west-1)")]
    )

    assert (counted.status_changes, counted.duplicates) == (1, 0)
