"""Every documented event of every source through the whole local stack, with all sources on."""

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from moto.events.models import EventPattern

from notifier.sources.envelope import Event
from notifier.sources.table import SOURCES, source_of
from proton_notifier.common.rules import patterns
from proton_notifier.fakes.slack import FakeSlack
from tests.bus import BusEvent, put_event
from tests.local_cloud import LocalCloud
from tests.notifier.sources.documented_events import READ, notification

pytestmark = pytest.mark.uncounted

# What the rules leave out: steps that succeed, phases, single instances, tasks, steady states, and copies.
LEFT_OUT = {
    "ar_service",
    "cb_phase",
    "cd_instance",
    "cfn_resource",
    "cfn_stackset",
    "cfn_stackset_instance",
    "cp_action_abandoned",
    "cp_action_succeeded",
    "cp_old_action",
    "cp_old_stage",
    "cp_stage_resumed",
    "cw_contributor",
    "ecs_action_steady_state",
}


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


@pytest.fixture(scope="module")
def cloud(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy the template with every source, telling everything."""
    options = ",".join(source.option for source in SOURCES if source.option)
    with LocalCloud(slack.url, AlertScope="everything", Sources=options) as deployed:
        yield deployed


@pytest.mark.parametrize("name", READ)
def test_a_documented_event_becomes_a_message(name: str, cloud: LocalCloud, slack: FakeSlack) -> None:
    """Over the bus if a rule lets it in, and in any case if somebody hands it to the function."""
    raw = READ[name]
    slack.messages.clear()
    cloud.forget()

    put_event(cloud, BusEvent(raw["source"], raw["detail-type"], raw["detail"], raw.get("resources", [])))
    cloud.event_source.hand_over_all()
    by_rule = len(slack.messages)
    if not by_rule:
        cloud.invoke({**raw, "id": name})  # several have the same id

    (message,) = slack.messages
    title = unescape(message["blocks"][0]["text"]["text"])
    assert notification(raw).headline.split(" after ")[0] in title
    assert by_rule == (name not in LEFT_OUT)
    assert (cloud.failures, slack.rejections) == ([], [])


@pytest.mark.parametrize("name", READ)
def test_a_pattern_of_a_source_lets_in_what_it_should(name: str) -> None:
    """As moto's matcher has it, which the local stack uses."""
    raw: Any = READ[name]
    pattern = patterns()[source_of(Event.model_validate(raw)).name]

    assert EventPattern.load(json.dumps(pattern)).matches_event(raw) == (name not in LEFT_OUT)
