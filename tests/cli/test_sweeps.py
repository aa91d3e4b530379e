import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
import time_machine

from notifier.memory.items import Item
from notifier.memory.store import Memory
from proton_notifier.localaws.cloud import EventsResponse, LocalCloud
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.replay.simulation import SWEEP_SECONDS, ScheduledStep, Simulation
from proton_notifier.replay.story import EventReceived

START = datetime(2026, 3, 3, tzinfo=UTC)


class SweptCloud(LocalCloud):
    """A cloud that remembers the minutes of its sweeps."""

    minutes: tuple[float, ...] = ()

    def sweep(self) -> list[EventsResponse]:
        """Sweep."""
        self.minutes += ((time.time() - START.timestamp()) / 60,)
        return super().sweep()

    def remember(self, version: int, due_minute: float) -> None:
        """Replace what is remembered of a resource by a version that is due at a minute, or never at 0."""
        memory = Memory(boto3.client("dynamodb"), self.physical_id("Memory"), time.time)
        due_at = START.timestamp() + due_minute * 60 if due_minute else 0
        assert memory.keep("a resource", Item(version - 1), Item(version, due_at=due_at)) is None


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """Start a simulation of a stack that sends nothing."""
    with time_machine.travel(START, tick=False) as clock, SweptCloud("http://127.0.0.1/slack") as cloud:
        yield Simulation(cloud, clock)


def cloud_of(simulation: Simulation) -> SweptCloud:
    """Return the cloud of *simulation*."""
    assert isinstance(simulation.cloud, SweptCloud)
    return simulation.cloud


def test_a_sweep_comes_at_full_five_minutes_while_something_is_due(simulation: Simulation) -> None:
    """Not before its time, and no more once it is said."""
    cloud = cloud_of(simulation)
    cloud.remember(1, 7)
    simulation.run([], extra_seconds=20 * 60)

    cloud.remember(2, 0)
    simulation.run([], extra_seconds=20 * 60)
    cloud.remember(3, 45)
    simulation.run([], extra_seconds=20 * 60)

    assert cloud.minutes == (10, 15, 20, 45, 50, 55, 60)
    assert cloud.failures == []


def test_sweeps_come_between_the_events_and_not_after_them(simulation: Simulation) -> None:
    """A simulation that is to end with its last message waits for no reminder."""
    cloud = cloud_of(simulation)
    cloud.remember(1, 4)

    simulation.run([ScheduledStep(11 * 60, "the last event", list)])

    assert cloud.minutes == (5, 10)


def test_a_sweep_that_fails_is_in_the_timeline(simulation: Simulation) -> None:
    """Like an event that fails."""
    cloud = cloud_of(simulation)
    cloud.remember(1, 5)
    cloud.events_function = LocalFunction("json.loads", {"POWERTOOLS_SERVICE_NAME": "broken"})

    with time_machine.travel(START, tick=False) as clock:
        failing = Simulation(cloud, clock)
        failing.run([], extra_seconds=5 * 60)

    (entry,) = failing.timeline
    assert isinstance(entry, EventReceived)
    assert (entry.at, entry.name, entry.error[:7]) == (START + timedelta(minutes=5), "sweep", "event: ")


def test_the_sweeps_are_as_far_apart_as_in_the_template(simulation: Simulation) -> None:
    """The simulation does not read it."""
    rule = simulation.cloud.template["Resources"]["SweepRule"]["Properties"]

    assert rule["ScheduleExpression"] == f"rate({SWEEP_SECONDS // 60} minutes)"
