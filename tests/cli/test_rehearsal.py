from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from proton_notifier.demo.load_test import storm
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.replay.simulation import ScheduledStep, Simulation
from proton_notifier.replay.story import EventReceived, NotDelivered
from tests.samples import event

START = datetime(2026, 3, 3, tzinfo=UTC)
FAILURE = event("service-update-failed")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


def test_each_event_is_told_of_whatever_became_of_it(slack: FakeSlack) -> None:
    """An event that no rule matches, and one at which the function fails, are listed among the others."""
    others = {**FAILURE, "source": "aws.s3"}

    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        steps = [
            *storm((FAILURE, others, FAILURE), cloud),
            ScheduledStep(2, "no event", lambda: cloud.invoke_events_function({})),
        ]
        simulation = Simulation(cloud, clock)
        simulation.run(steps)

    received = [each for each in simulation.timeline if isinstance(each, EventReceived)]
    assert [(each.at - START).total_seconds() for each in received] == [0, 0.334, 0.667, 2]
    assert [bool(each.response) for each in received] == [True, False, True, False]
    assert [each.error.partition(" ")[0] for each in received] == ["", "", "", "event:"]


def test_what_comes_at_the_same_time_comes_in_its_order(slack: FakeSlack) -> None:
    """As whoever planned it put it."""
    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        steps = [ScheduledStep(0, name, lambda: cloud.invoke_events_function({})) for name in ("one", "two", "three")]
        simulation = Simulation(cloud, clock)
        simulation.run(steps)

    assert [each.name for each in simulation.timeline if isinstance(each, EventReceived)] == ["one", "two", "three"]


def test_time_goes_on_when_nothing_is_left_to_do(slack: FakeSlack) -> None:
    """As long as it is asked to, after the last message."""
    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        simulation = Simulation(cloud, clock)
        simulation.run([ScheduledStep(60, "one", lambda: cloud.invoke_events_function(FAILURE))])
        sent_at = datetime.now(UTC)
        simulation.run([], extra_seconds=3_600)

        assert timedelta(seconds=60) < sent_at - START < timedelta(seconds=120)
        assert datetime.now(UTC) - sent_at == timedelta(hours=1)


def test_an_event_with_its_own_id_and_time_enters_as_it_is(slack: FakeSlack) -> None:
    """If a rule matches it; the bus would give it others."""
    with LocalCloud(slack.url) as cloud:
        summaries = [cloud.put_event(each) for each in (FAILURE, {**FAILURE, "source": "aws.s3"})]

    assert [[summary["id"] for summary in each] for each in summaries] == [[FAILURE["id"]], []]


def test_what_the_function_gives_up_is_told_once_with_its_reason(slack: FakeSlack) -> None:
    """Though it lies in the same queue as what comes back too often."""
    slack.responses.append(FakeResponse(404, "no_service"))

    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        steps = [ScheduledStep(0, "one", lambda: cloud.invoke_events_function(FAILURE))]
        simulation = Simulation(cloud, clock)
        simulation.run(steps)

    given_up = [each for each in simulation.timeline if isinstance(each, NotDelivered)]
    assert given_up == [NotDelivered(START + timedelta(seconds=5), "slack", (FAILURE["id"],), "gone")]
