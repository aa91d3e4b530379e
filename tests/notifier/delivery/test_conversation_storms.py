import pytest

from notifier.delivery.incident_messages import EDIT_WAITS
from notifier.delivery.outcomes import Deferred, Sent
from notifier.model.incident import Turn
from tests.notifier.delivery.conversing import (
    Slack,
    headline,
    turn,
)


@pytest.fixture
def slack() -> Slack:
    """Open a channel."""
    return Slack()


def test_new_incidents_that_come_together_are_a_digest_with_one_thread(slack: Slack) -> None:
    """Follow-ups are told in it, three or more of them in one reply; nothing edits it."""
    opened = [turn(Turn.OPENED, 1, str(number)) for number in range(4)]
    assert slack.send(*opened) == [Sent(4)] * 4

    assert slack.send(turn(Turn.RECOVERED, 2, "0")) == [Sent(1)]
    assert slack.send(*(turn(Turn.RECOVERED, 2, str(number)) for number in (1, 2, 3))) == [Sent(3)] * 3

    single, digest = slack.workspace.replies(slack.root.ts)
    assert headline(single.payload) == "0 recovered"
    assert "3 recovered" in digest.payload["text"]
    assert (slack.root.edits, digest.payload["reply_broadcast"]) == ([], True)


def test_a_rejected_digest_is_split_into_messages_with_threads(slack: Slack) -> None:
    """Each of the halves' incidents has a message of its own."""
    slack.rejects = lambda arguments: " " in arguments["metadata"]["event_payload"]["marks"]

    outcomes = slack.send(*(turn(Turn.OPENED, 1, str(number)) for number in range(3)))

    assert outcomes == [Sent(1, split_reason="Slack answered 200 invalid_blocks")] * 3
    assert len(slack.workspace.roots) == 3


def test_what_is_for_many_threads_is_one_message_and_the_roots_are_edited_later(slack: Slack) -> None:
    """A channel takes one message a second, and edits fifty messages a minute."""
    numbers = [str(number) for number in range(12)]
    for number in numbers:
        slack.send(turn(Turn.OPENED, 1, number))
    recovered = [turn(Turn.RECOVERED, 2, number) for number in numbers]

    assert slack.send(*recovered) == [Deferred(10, EDIT_WAITS)] * 12
    assert slack.send(*recovered, attempts=2) == [Sent(0)] * 12

    *roots, digest = slack.workspace.roots
    assert [headline(root.content) for root in roots] == [f"{number} recovered" for number in numbers]
    assert "12 recovered" in digest.payload["text"]
    assert slack.send(*recovered, attempts=3) == [Sent(0)] * 12


@pytest.mark.uncounted
def test_a_storm_and_its_end_are_a_few_messages(slack: Slack) -> None:
    """A thousand failures and a thousand recoveries, in batches as the queue hands them over."""
    for kind, number in ((Turn.OPENED, 1), (Turn.RECOVERED, 2)):
        deliveries = [turn(kind, number, str(each)) for each in range(1_000)]
        for start in (0, 500):
            assert slack.send(*deliveries[start : start + 500]) == [Sent(500)] * 500

    assert len(slack.workspace.posts) == 4
