from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from notifier.channels.base import Receipt
from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.slack.bot import LATE, SlackBotChannel
from notifier.channels.slack.message import COLOURS, message
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import TOKEN
from tests.clients import channel_clients
from tests.faulty_slack import FaultySlack
from tests.samples import event, notification

# No message: the channel itself.
CHANNEL = Receipt()
OPENED_AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
FAILURE = notification(event("service-update-failed"))
INCIDENT = Incident("1", "1", Turn.OPENED, State.FAILING, 1, OPENED_AT, 1)


def told(turn: Turn, number: int, severity: Severity = Severity.FAILURE, state: State = State.FAILING) -> Notification:
    """Make the notification of a turn, whose event has the number's id."""
    incident = replace(INCIDENT, turn=turn, number=number, state=state, broadcast=turn is Turn.RECOVERED)
    return replace(FAILURE, event_id=str(number), severity=severity, incident=incident, mention="@here")


OPENING = told(Turn.OPENED, 1)
RECOVERY = told(Turn.RECOVERED, 2, Severity.RECOVERED, State.CLOSED)


class Bot:
    """The channel and the fake Slack."""

    def __init__(self, slack: FaultySlack) -> None:
        self.slack = slack
        settings = (("token", "bot"), ("channel", "C0ALERTS"), ("url", slack.api_url))
        self.channel = SlackBotChannel(channel_clients(), Destination("alerts", "slack-bot", settings))

    def open(self) -> Receipt:
        """Post the root."""
        return self.channel.send((OPENING,))

    def find(self, *notifications: Notification, root: Receipt = CHANNEL, since: float = 0) -> dict[str, Receipt]:
        """Look for *notifications*."""
        return {**self.channel.find(notifications, root, since)}


@pytest.fixture
def bot() -> Iterator[Bot]:
    """Run a fake Slack on loopback, and keep the token in moto."""
    with mock_aws(), FaultySlack() as slack:
        boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="bot", SecretString=TOKEN)
        yield Bot(slack)


def test_a_receipt_names_the_message(bot: Bot) -> None:
    """By the id and the channel of Slack's answer."""
    root = bot.open()

    (post,) = bot.slack.workspace.roots
    assert (root.id, root.place, root.is_root) == (post.ts, "C0ALERTS", True)


def test_a_reply_is_in_the_thread_and_a_recovery_in_the_channel_too(bot: Bot) -> None:
    """Slack broadcasts what the incident says is to be broadcast."""
    root = bot.open()

    replied = bot.channel.reply((told(Turn.UPDATED, 2),), root, late=False)
    bot.channel.reply((RECOVERY,), root, late=True)

    update, recovery = bot.slack.workspace.replies(root.id)
    assert replied.is_root is False
    assert "reply_broadcast" not in update.payload
    assert recovery.payload["reply_broadcast"] is True
    assert [LATE in str(each.payload) for each in (update, recovery)] == [False, True]


def test_a_reply_to_a_deleted_message_says_that_it_is_in_no_thread(bot: Bot) -> None:
    """Slack posts it in the channel without an error."""
    root = bot.open()
    del bot.slack.workspace.posts[root.id]

    assert bot.channel.reply((RECOVERY,), root, late=False).is_root


def test_an_edit_shows_the_newest_state_and_alerts_nobody(bot: Bot) -> None:
    """The colour is that of the turn."""
    root = bot.open()

    bot.channel.edit(RECOVERY, root)

    (post,) = bot.slack.workspace.roots
    shown = {**message((replace(RECOVERY, mention=None),)), "metadata": post.payload["metadata"]}
    assert post.content == shown
    assert post.content["attachments"][0]["color"] == COLOURS[Severity.RECOVERED]


@pytest.mark.parametrize("turn", [Turn.COUNTED, Turn.FINISHED, Turn.NOTED])
def test_a_change_that_ends_nothing_leaves_the_colour_of_the_state(turn: Turn, bot: Bot) -> None:
    """A failure that somebody cancelled, or that was rolled back, is one still."""
    root = bot.open()

    bot.channel.edit(told(turn, 2, Severity.INFO), root)

    assert bot.slack.workspace.roots[0].content["attachments"][0]["color"] == COLOURS[Severity.FAILURE]


def test_a_success_that_is_noted_after_the_end_leaves_the_colour_of_the_end(bot: Bot) -> None:
    """It tells the time of the recovery."""
    root = bot.open()

    bot.channel.edit(told(Turn.NOTED, 2, Severity.SUCCESS, State.CLOSED), root)

    assert bot.slack.workspace.roots[0].content["attachments"][0]["color"] == COLOURS[Severity.RECOVERED]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("cant_update_message", Reason.MISCONFIGURED),
        ("edit_window_closed", Reason.MISCONFIGURED),
        ("is_inactive", Reason.UNAUTHORISED),
        ("msg_too_long", Reason.REJECTED),
        ("update_failed", Reason.UNAVAILABLE),
    ],
)
def test_a_refused_edit_has_its_reason(code: str, reason: Reason, bot: Bot) -> None:
    """Only what passes is worth another attempt."""
    root = bot.open()
    bot.slack.workspace.edit_error = code

    with pytest.raises(DeliveryError, match=code) as failed:
        bot.channel.edit(RECOVERY, root)

    assert failed.value.reason is reason


def test_what_was_posted_is_found_again(bot: Bot) -> None:
    """In the channel or in a thread, alone or in a digest, by the delivery's mark."""
    root = bot.open()
    updates = (told(Turn.UPDATED, 2), told(Turn.AGAIN, 3))
    reply = bot.channel.reply(updates, root, late=False)

    assert bot.find(OPENING, *updates) == {"1": Receipt(id=root.id, place="C0ALERTS")}
    assert bot.find(*updates, root=root) == dict.fromkeys("23", Receipt(id=reply.id, place="C0ALERTS"))
    assert bot.find(OPENING, since=float(root.id) + 1) == {}


def test_another_destination_in_the_same_channel_has_marks_of_its_own(bot: Bot) -> None:
    """Each gets its message."""
    bot.open()

    others = SlackBotChannel(channel_clients(), replace(bot.channel.destination, name="others"))
    assert others.find((OPENING,), CHANNEL, 0) == {}


@pytest.mark.parametrize(
    "answer",
    [
        '{"ok":true,"messages":[{"ts":"1.2"}]}',
        '{"ok":true,"messages":"none"}',
        '{"ok":true}',
        '{"ok":false,"error":"missing_scope"}',
        "<html>",
    ],
)
def test_a_history_that_cannot_be_read_holds_nothing_back(answer: str, bot: Bot) -> None:
    """The message is then posted, as it is without a history."""
    bot.open()
    bot.slack.responses.append(FakeResponse(200, answer))

    assert bot.find(OPENING) == {}


@pytest.mark.parametrize("code", ["duplicate_channel_not_found", "duplicate_message_not_found"])
def test_a_refused_client_id_does_not_hold_back_the_message(code: str, bot: Bot) -> None:
    """Slack's errors know of an id that its list of arguments does not have."""
    bot.slack.responses.append(FakeResponse(200, f'{{"ok":false,"error":"{code}"}}'))

    bot.open()

    (posted,) = bot.slack.messages
    assert "client_msg_id" not in posted
    assert posted["text"]


def test_a_large_digest_has_marks_for_its_beginning(bot: Bot) -> None:
    """Slack limits metadata; the message counts for more."""
    many = tuple(told(Turn.OPENED, number) for number in range(250))

    root = bot.channel.send(many)

    assert bot.find(*many).keys() == {str(number) for number in range(50)}
    assert bot.find(many[0])["0"].id == root.id
