"""The replay's stack: simulated AWS, and a fake for each vendor, with everything that a routes document names."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import boto3
from moto.sns.models import sns_backends

from notifier.channels.destination import Destination
from notifier.memory.items import Item
from notifier.memory.store import Memory
from notifier.routes import loader
from notifier.routes.document import Document
from proton_notifier.fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.fakes.teams import FakeTeams
from proton_notifier.fakes.webhook import KEY, FakeReceiver
from proton_notifier.localaws.cloud import SECRET_NAME, Summary
from proton_notifier.localaws.stack import STACK
from proton_notifier.replay.history import Arrival
from proton_notifier.replay.simulation import Step, simulated
from proton_notifier.replay.story import Story
from proton_notifier.routes.output import DEFAULTS

# A topic may be in a region that moto does not know yet.
ANY_REGION: Final = {"MOTO_ALLOW_NONEXISTENT_REGION": "true"}


def play(arrivals: Sequence[Arrival], routes: str, extra_seconds: float = 0, *, forget: bool = False) -> Story:
    """Let *arrivals* come to a stack with the document *routes*; tell what happened.

    With *forget*, each is the first event of its resource.
    """
    destinations = loader.read_document(routes, DEFAULTS, None).destinations[len(DEFAULTS.destinations) :]
    channels = {each.setting("channel") for each in destinations if each.channel == "slack-bot"}
    slack = FakeSlack(channels=dict.fromkeys(channels))
    pagerduty, teams, receiver = FakePagerDuty(), FakeTeams(), FakeReceiver()
    start = int(arrivals[0].at.timestamp())
    story = Story(arrivals)
    secrets = {
        "pagerduty": {"routing_key": ROUTING_KEY},
        "slack": {"webhook": slack.url},
        "slack-bot": {"token": TOKEN},
        "slack-workflow": {"webhook": slack.trigger_url},
        "teams": {"webhook": teams.url},
        "webhook": {"signing_key": KEY, "url": receiver.url},
    }
    addresses = {
        "pagerduty": pagerduty.url.removesuffix("enqueue"),
        "slack-bot": slack.api_url.removesuffix("chat.postMessage"),
    }
    with simulated(
        slack,
        story.add,
        others=(pagerduty, teams, receiver),
        addresses=addresses,
        start=start,
        AccountNames="",
        ExplainFailures="off",
    ) as simulation:
        _keep_secrets(destinations, secrets)
        _create_topics(destinations)
        if routes:
            boto3.client("ssm").put_parameter(
                Name=f"/{STACK}/routes", Value=routes, Type="String", Tier="Intelligent-Tiering"
            )

        def receive(event: dict[str, Any]) -> list[Summary]:
            summaries = simulation.cloud.receive(event)
            if forget:
                simulation.cloud.forget()
            return summaries

        steps = [Step(each.at.timestamp() - start, each.place, partial(receive, each.event)) for each in arrivals]
        with _recorded_memory(story), _any_secret_prefix():
            simulation.run(steps, extra_seconds)
    story.rejections = teams.rejections
    return story


def _keep_secrets(destinations: Sequence[Destination], values: Mapping[str, Mapping[str, str]]) -> None:
    """Make up the secrets that *destinations* name; *values* are by channel type and setting."""
    names = {
        destination.setting(setting): value
        for destination in destinations
        for setting, value in values.get(destination.channel, {}).items()
    }
    for name, value in names.items():
        if name.startswith("/"):
            boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        elif name != SECRET_NAME:  # the stack's own, which leads to the same Slack
            boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


def _create_topics(destinations: Sequence[Destination]) -> None:
    for destination in destinations:
        if destination.channel == "sns":
            *_, region, account, name = destination.setting("topic").split(":")
            with patch.dict(os.environ, ANY_REGION):
                sns_backends[account][region].create_topic(name)


@contextmanager
def _recorded_memory(story: Story) -> Iterator[None]:
    keep = Memory.keep

    def keep_recorded(memory: Memory, key: str, before: Item, after: Item) -> Item | None:
        found = keep(memory, key, before, after)
        if found is None:
            story.remember(key, after)
        return found

    with patch.object(Memory, "keep", keep_recorded):
        yield


@contextmanager
def _any_secret_prefix() -> Iterator[None]:
    """Let the stack read any secret, as its parameter SecretPrefix may have any value."""
    read_document = loader.read_document

    def read(text: str, defaults: Document, _secret_prefix: str | None) -> Document:
        return read_document(text, defaults, None)

    with patch.object(loader, "read_document", read):
        yield
