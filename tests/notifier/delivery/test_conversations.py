from dataclasses import replace
from datetime import timedelta

import pytest

from notifier.channels.slack.bot import LATE
from notifier.channels.slack.message import COLOURS
from notifier.delivery.outcomes import Deferred, Sent
from notifier.model.incident import Turn
from notifier.model.status_change import Severity
from tests.notifier.delivery.conversing import (
    AGAIN,
    OPENED,
    OPENED_AT,
    PROGRESS,
    RECOVERED,
    Pager,
    Slack,
    headline,
    turn,
)

WAITS = "it waits for the first message about its incident"


@pytest.fixture
def slack() -> Slack:
    """Open a channel."""
    return Slack()


def test_an_incident_is_one_message_with_a_thread(slack: Slack) -> None:
    """The message shows the newest turn, the thread has each; the recovery is in the channel, too."""
    for delivery in (OPENED, PROGRESS, AGAIN, RECOVERED):
        assert slack.send(delivery) == [Sent(1)]

    assert slack.thread() == ["1 progress", "1 failed again", "1 recovered"]
    assert [headline(edit) for edit in slack.root.edits] == slack.thread()
    assert slack.root.content["attachments"][0]["color"] == COLOURS[Severity.RECOVERED]
    assert [bool(post.payload.get("reply_broadcast")) for post in slack.workspace.replies(slack.root.ts)] == [0, 0, 1]


def test_a_whole_story_in_one_batch_is_told_in_order(slack: Slack) -> None:
    """One lease is enough for it."""
    assert slack.send(RECOVERED, OPENED, AGAIN) == [Sent(1)] * 3

    assert (slack.thread(), headline(slack.root.content)) == (["1 failed again", "1 recovered"], "1 recovered")
    assert "lease_until" not in slack.rows["C#1/alerts"]


def test_what_is_for_the_root_alone_is_posted_nowhere(slack: Slack) -> None:
    """It edits, once; an older one edits nothing."""
    slack.send(OPENED)

    assert slack.send(replace(AGAIN, root_only=True)) == [Sent(0)]
    assert slack.send(replace(PROGRESS, root_only=True)) == [Sent(0)]

    assert (slack.thread(), [headline(edit) for edit in slack.root.edits]) == ([], ["1 failed again"])


def test_a_follow_up_waits_for_the_first_message_and_then_speaks_alone(slack: Slack) -> None:
    """Two minutes and a half are enough for one that is on its way; it comes late, and says so."""
    waits = [slack.send(RECOVERED, attempts=attempts)[0] for attempts in range(1, 5)]
    assert waits == [Deferred(seconds, WAITS) for seconds in (10, 20, 40, 80)]
    assert slack.send(RECOVERED, attempts=5) == [Sent(1)]
    assert slack.send(OPENED) == [Sent(1)]

    (late,) = slack.workspace.replies(slack.root.ts)
    assert (headline(slack.root.content), headline(late.payload), slack.root.edits) == ("1 recovered", "1 opened", [])
    assert LATE in str(late.payload)


def test_what_waits_for_the_root_alone_is_given_up(slack: Slack) -> None:
    """Without a message there is nothing to bring up to date."""
    delivery = replace(PROGRESS, root_only=True)

    assert slack.send(delivery) == [Deferred(10, WAITS)]
    assert slack.send(delivery, attempts=5) == [Sent(0)]
    assert slack.calls == []


@pytest.mark.parametrize("root_only", [False, True])
def test_a_first_message_that_was_sent_without_a_thread_is_not_waited_for(root_only: bool, slack: Slack) -> None:  # noqa: FBT001 - a table
    """While the memory was down, the failure was sent as a plain message."""
    slack.send(replace(OPENED, notification=replace(OPENED.notification, incident=None)))

    assert slack.send(replace(AGAIN, root_only=root_only)) == [Sent(int(not root_only))]

    shown = [headline(root.content) for root in slack.workspace.roots]
    assert shown == (["1 opened"] if root_only else ["1 opened", "1 failed again"])


def test_the_first_message_at_a_destination_waits_for_none(slack: Slack) -> None:
    """A route may lead there for the first time."""
    assert slack.send(replace(AGAIN, first=True)) == [Sent(1)]

    assert headline(slack.root.content) == "1 failed again"


def test_what_is_told_late_is_a_reply_and_changes_nothing(slack: Slack) -> None:
    """It says nothing about the present."""
    slack.send(OPENED, RECOVERED)

    slack.send(turn(Turn.LATE, None))

    assert (slack.thread(), headline(slack.root.content)) == (["1 recovered", "1 told late"], "1 recovered")


def test_members_of_a_family_reply_and_edit_nothing(slack: Slack) -> None:
    """Their numbers are their own; the message is about the first to fail."""
    slack.send(OPENED)
    slack.send(turn(Turn.OPENED, 1, "stage", "1"))
    slack.send(turn(Turn.RECOVERED, 9, "stage", "1"))
    slack.send(AGAIN)

    assert slack.thread() == ["stage opened", "stage recovered", "1 failed again"]
    assert [headline(edit) for edit in slack.root.edits] == ["1 failed again"]
    assert LATE not in str(slack.workspace.posts.values())


def test_a_member_speaks_alone_after_half_a_minute(slack: Slack) -> None:
    """The first to fail, which comes later, still has a message that shows its newest state."""
    member = turn(Turn.OPENED, 1, "stage", "1")
    assert isinstance(slack.send(member, attempts=2)[0], Deferred)
    assert slack.send(member, attempts=3) == [Sent(1)]

    slack.send(OPENED)
    slack.send(RECOVERED)
    slack.send(turn(Turn.RECOVERED, 2, "stage", "1"))

    assert [headline(root.content) for root in slack.workspace.roots] == ["stage opened", "1 recovered"]


def test_pagerduty_gets_nothing_older_than_it_has() -> None:
    """A late trigger would open an alert that nothing resolves; progress opens none and makes nothing late."""
    pager = Pager()
    story = [
        turn(Turn.PROGRESS, 2, to="pager"),
        turn(Turn.OPENED, 1, to="pager"),
        turn(Turn.RECOVERED, 4, to="pager"),
        turn(Turn.AGAIN, 3, to="pager"),
        turn(Turn.LATE, None, to="pager"),
    ]

    outcomes = [pager.send(delivery)[0] for delivery in story]

    assert [arguments["event_action"] for _, arguments in pager.calls] == ["trigger", "resolve"]
    assert outcomes == [Sent(1), Sent(1), Sent(1), Sent(0), Sent(1)]


@pytest.mark.parametrize(("minutes", "actions"), [(-5, []), (5, ["resolve"])])
def test_an_older_incident_of_a_resource_does_not_touch_a_newer_alert(minutes: int, actions: list[str]) -> None:
    """All incidents of a resource share one alert."""
    pager = Pager()
    pager.send(turn(Turn.OPENED, 1, to="pager"))
    other = turn(Turn.RECOVERED, 2, "2", to="pager")
    assert other.notification.incident
    incident = replace(other.notification.incident, opened_at=OPENED_AT + timedelta(minutes=minutes))
    pager.calls.clear()

    pager.send(replace(other, notification=replace(other.notification, key="key 1", incident=incident)))

    assert [arguments["event_action"] for _, arguments in pager.calls] == actions
