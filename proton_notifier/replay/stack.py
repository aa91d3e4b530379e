"""Play a history to a stack with everything that a routes document names, and with a fake of each vendor."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import boto3
from moto.sns.models import sns_backends

from notifier.channels.destination import Destination
from notifier.memory.items import Item
from notifier.memory.store import Memory
from notifier.routes import loader
from notifier.routes.document import Document
from proton_notifier.fakes.pagerduty import FakePagerDuty
from proton_notifier.fakes.slack import TOKEN, FakeSlack
from proton_notifier.fakes.teams import FakeTeams
from proton_notifier.fakes.webhook import FakeReceiver
from proton_notifier.localaws.cloud import SECRET_NAME, EventsResponse
from proton_notifier.localaws.stack import STACK
from proton_notifier.replay.history import Arrival
from proton_notifier.replay.simulation import ScheduledStep, simulated
from proton_notifier.replay.story import Story
from proton_notifier.routes.output import DEFAULTS

if TYPE_CHECKING:
    from notifier.model.incident import Incident

# The fakes of one channel type each; that of Slack serves three.
FAKES: Final = (FakePagerDuty, FakeReceiver, FakeTeams)
# A topic may be in a region that moto does not know yet.
ANY_REGION: Final = {"MOTO_ALLOW_NONEXISTENT_REGION": "true"}


def play(arrivals: Sequence[Arrival], routes: str, extra_seconds: float = 0, *, forget: bool = False) -> Story:
    """Play *arrivals* to a stack with the document *routes*; return the story.

    With *forget*, each event counts as the first of its resource.
    """
    read_document, keep = loader.read_document, Memory.keep
    destinations = read_document(routes, DEFAULTS, None).destinations[len(DEFAULTS.destinations) :]
    channels = {each.setting("channel") for each in destinations if each.channel == "slack-bot"}
    slack = FakeSlack(channels=dict.fromkeys(channels))
    others = {fake.channel: fake() for fake in FAKES}
    secrets = {
        **{channel: fake.secrets for channel, fake in others.items()},
        "slack": {"webhook": slack.url},
        "slack-bot": {"token": TOKEN},
        "slack-workflow": {"webhook": slack.trigger_url},
    }
    start = int(arrivals[0].at.timestamp())
    items: dict[str, Item] = {}
    turns: dict[str, Incident] = {}

    def keep_recorded(memory: Memory, key: str, before: Item, after: Item) -> Item | None:
        found = keep(memory, key, before, after)
        if found is None:
            items[key] = after
            turns.update({entry.id: entry.incident for entry in after.log if entry.incident})
        return found

    def read_any_secret(text: str, defaults: Document, _secret_prefix: str | None) -> Document:
        """Read a document without checking the prefix of secrets."""
        return read_document(text, defaults, None)

    with (
        simulated(slack, *others.values(), start=start, AccountNames="", ExplainFailures="off") as simulation,
        patch.object(Memory, "keep", keep_recorded),
        patch.object(loader, "read_document", read_any_secret),
    ):
        _keep_secrets(destinations, secrets)
        _create_topics(destinations)
        if routes:
            boto3.client("ssm").put_parameter(
                Name=f"/{STACK}/routes", Value=routes, Type="String", Tier="Intelligent-Tiering"
            )

        def put_event(event: dict[str, Any]) -> list[EventsResponse]:
            responses = simulation.cloud.put_event(event)
            if forget:
                simulation.cloud.forget()
            return responses

        steps = [
            ScheduledStep(each.at.timestamp() - start, each.place, partial(put_event, each.event)) for each in arrivals
        ]
        simulation.run(steps, extra_seconds)
    still_open = sum(item.incident is not None for item in items.values())
    return Story(arrivals, simulation.timeline, turns, still_open, others["teams"].rejections)


def _keep_secrets(destinations: Sequence[Destination], values: Mapping[str, Mapping[str, str]]) -> None:
    """Create the secrets that *destinations* name; *values* are by channel type and setting."""
    names = {
        destination.setting(setting): value
        for destination in destinations
        for setting, value in values.get(destination.channel, {}).items()
    }
    for name, value in names.items():
        if name.startswith("/"):
            boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        elif name != SECRET_NAME:  # the stack's own secret exists already
            boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


def _create_topics(destinations: Sequence[Destination]) -> None:
    for destination in destinations:
        if destination.channel == "sns":
            *_, region, account, name = destination.setting("topic").split(":")
            with patch.dict(os.environ, ANY_REGION):
                sns_backends[account][region].create_topic(name)
