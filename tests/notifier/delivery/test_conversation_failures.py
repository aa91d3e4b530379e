import pytest

from notifier.channels.destination import Reason
from notifier.delivery.attempts import TimeBudget
from notifier.delivery.incident_messages import EDIT_ATTEMPTS, EDIT_WAITS
from notifier.delivery.outcomes import DeadLettered, Deferred, Sent
from notifier.model.incident import Turn
from tests.notifier.delivery.conversing import (
    AGAIN,
    OPENED,
    RECOVERED,
    Slack,
    headline,
    turn,
)

WAITS = "it waits for the first message about its incident"


@pytest.fixture
def slack() -> Slack:
    """Open a channel."""
    return Slack()


def test_a_reply_to_a_deleted_message_begins_anew(slack: Slack) -> None:
    """Slack posts it in the channel, where it is the message that is edited from then on."""
    slack.send(OPENED)
    del slack.workspace.posts[slack.root.ts]

    slack.send(AGAIN)
    slack.send(RECOVERED)

    assert (slack.thread(), headline(slack.root.content)) == (["1 recovered"], "1 recovered")


def test_a_locked_thread_leaves_a_plain_message(slack: Slack) -> None:
    """It is told once, outside of the thread, and the log says why."""
    slack.send(OPENED)
    slack.workspace.locked.add(slack.root.ts)

    (outcome,) = slack.send(RECOVERED)

    assert outcome == Sent(1, note="it is outside of its thread: Slack answered 200 restricted_action_thread_locked")
    assert [headline(root.content) for root in slack.workspace.roots] == ["1 opened", "1 recovered"]


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"])
def test_a_refused_edit_leaves_the_reply(code: str, slack: Slack) -> None:
    """The reply is there, once, and no retry would change the other message."""
    slack.send(OPENED)
    slack.workspace.edit_error = code

    (outcome,) = slack.send(RECOVERED)

    note = f"the first message about its incident is not edited: Slack answered 200 {code}"
    assert outcome == Sent(1, note=note)
    assert slack.thread() == ["1 recovered"]
    assert slack.send(RECOVERED, attempts=2) == [Sent(0)]


def test_an_edit_that_has_to_wait_holds_nothing_back(slack: Slack) -> None:
    """The reply is there at once, other edits of the batch wait, too, and a retry edits alone."""
    other = [turn(Turn.OPENED, 1, "2"), turn(Turn.RECOVERED, 2, "2", at=4)]
    slack.send(OPENED)
    slack.send(other[0])
    slack.workspace.edit_error = "update_failed"

    outcomes = slack.send(RECOVERED, other[1], turn(Turn.OPENED, 1, "3", at=5))

    assert outcomes == [
        Deferred(10, f"{EDIT_WAITS}: Slack answered 200 update_failed"),
        Deferred(10, EDIT_WAITS),
        Sent(1),
    ]
    slack.workspace.edit_error = None
    slack.calls.clear()
    assert slack.send(RECOVERED, other[1], attempts=2) == [Sent(0), Sent(0)]
    assert [method for method, _ in slack.calls] == ["chat.update"] * 2
    assert [headline(root.content) for root in slack.workspace.roots] == ["1 recovered", "2 recovered", "3 opened"]


def test_an_edit_is_not_tried_for_ever(slack: Slack) -> None:
    """A delivery that is sent must not end among the failed ones."""
    slack.send(OPENED)
    slack.workspace.edit_error = "update_failed"

    assert isinstance(slack.send(RECOVERED, attempts=EDIT_ATTEMPTS)[0], Deferred)
    (outcome,) = slack.send(RECOVERED, attempts=EDIT_ATTEMPTS + 1)

    assert outcome == Sent(
        0, note="the first message about its incident is not edited: Slack answered 200 update_failed"
    )


def test_without_time_an_edit_waits(slack: Slack) -> None:
    """It begins only if it can end."""
    slack.send(OPENED)
    sends = iter((True, False))
    slack.has_time_for = lambda step: step is not TimeBudget.SEND or next(sends)

    assert slack.send(RECOVERED) == [Deferred(10, EDIT_WAITS)]
    assert slack.thread() == ["1 recovered"]


def test_another_worker_s_conversation_is_waited_for(slack: Slack) -> None:
    """A conversation has one speaker at a time; a lease that nobody ends expires."""
    slack.ledger.lease("C#1/alerts")

    assert slack.send(OPENED) == [Deferred(10, "another worker has its conversation")]
    slack.now += 100
    assert slack.send(OPENED) == [Sent(1)]


def test_a_ledger_that_lends_nothing_is_tried_again(slack: Slack) -> None:
    """Nothing is posted that could not be recorded."""
    slack.ledger.broken = ("lease",)
    assert slack.send(OPENED) == [Deferred(10, "no lease")]

    slack.ledger.broken = ()
    slack.has_time_for = lambda step: step is not TimeBudget.SEND
    (outcome,) = slack.send(OPENED)

    assert isinstance(outcome, Deferred)
    assert slack.calls == []


def test_a_ledger_that_cannot_say_what_was_sent_makes_a_follow_up_wait(slack: Slack) -> None:
    """As if it had said no."""
    slack.ledger.broken = ("was_sent",)

    assert slack.send(AGAIN) == [Deferred(10, WAITS)]


def test_a_reply_that_is_not_recorded_is_edited_and_marked_all_the_same(slack: Slack) -> None:
    """The mark stores the conversation, too."""
    slack.send(OPENED)
    slack.ledger.broken = ("keep",)

    assert slack.send(RECOVERED) == [Sent(1)]

    assert headline(slack.root.content) == "1 recovered"
    assert "lease_until" not in slack.rows["C#1/alerts"]


def test_what_an_earlier_attempt_posted_is_not_posted_again(slack: Slack) -> None:
    """Slack answered with an error after it had posted; the history shows it, in the thread and outside."""
    for delivery in (OPENED, AGAIN):
        slack.workspace.errors_after_posting = 1
        (outcome,) = slack.send(delivery)
        assert outcome == Deferred(10, "Slack answered 200 internal_error", Reason.UNAVAILABLE)
        assert slack.send(delivery, attempts=2) == [Sent(0, note="an earlier attempt has sent it")]

    assert slack.thread() == ["1 failed again"]
    assert headline(slack.root.content) == "1 failed again"


def test_a_rejected_reply_is_for_a_person(slack: Slack) -> None:
    """Outside of the thread it would be rejected as well."""
    slack.send(OPENED)
    slack.rejects = lambda _arguments: True

    assert slack.send(RECOVERED) == [DeadLettered("Slack answered 200 invalid_blocks", Reason.REJECTED)]
