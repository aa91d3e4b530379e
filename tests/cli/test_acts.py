from dataclasses import replace
from datetime import UTC, datetime

import boto3

from notifier.channels.base import Receipt
from notifier.channels.destination import Destination
from notifier.channels.slack.bot import SlackBotChannel
from notifier.model.incident import Incident, State, Turn
from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.replay.acts import Act, recorded_acts
from tests.clients import channel_clients
from tests.faulty_slack import FaultySlack
from tests.samples import event, notification

DESTINATION = Destination("alerts", "slack-bot", (("token", "bot"), ("channel", "C0ALERTS")))
OPENED = Incident("failed", "failed", Turn.OPENED, State.FAILING, 1, datetime(2026, 3, 3, tzinfo=UTC), 1)
FAILED = replace(notification(event("service-update-failed")), mention="@here", incident=OPENED)
NOTED = replace(
    notification(event("service-created")),
    mention="@here",
    incident=replace(OPENED, turn=Turn.NOTED, number=2),
)


def test_posts_replies_and_edits_are_told_apart() -> None:
    """Each with what it shows; an edit mentions nobody and shows the state, and what only reads is no act."""
    acts: list[Act] = []
    with FakeSlack() as slack, LocalCloud(slack.url):
        boto3.client("secretsmanager").create_secret(Name="bot", SecretString=TOKEN)
        with recorded_acts({"slack-bot": slack.api_url}, acts.append):
            channel = SlackBotChannel(channel_clients(), DESTINATION)
            root = channel.send((FAILED,))
            channel.reply((NOTED,), root, late=False)
            channel.edit(NOTED, root)
            channel.find((FAILED,), Receipt(), 0)

    assert [(act.name, act.severity, act.mention, act.incident, act.destination) for act in acts] == [
        ("post", "failure", "@here", "failed", "alerts"),
        ("reply", NOTED.severity, "@here", "failed", "alerts"),
        ("edit", "failure", None, "failed", "alerts"),
    ]
    assert [act.title for act in acts] == [FAILED.title, NOTED.title, NOTED.title]
    assert len(slack.workspace.posts) == 2
    assert acts[2].payload["ts"] == root.id


def test_what_is_refused_is_no_act() -> None:
    """The message without its mention, which is posted in its place, is one."""
    acts: list[Act] = []
    with FaultySlack(mentions_are_restricted=True) as slack, LocalCloud(slack.url):
        boto3.client("secretsmanager").create_secret(Name="bot", SecretString=TOKEN)
        with recorded_acts({"slack-bot": slack.api_url}, acts.append):
            SlackBotChannel(channel_clients(), DESTINATION).send((FAILED,))

    assert [(act.name, act.mention) for act in acts] == [("post", None)]
