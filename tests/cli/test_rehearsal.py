from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from proton_notifier.demo.schedule import Entry, within_a_second
from proton_notifier.demo.simulation import Rehearsal
from proton_notifier.demo.timeline import DeadLettered, Entered, Happening
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.bus import BusEvent
from proton_notifier.localaws.cloud import LocalCloud
from tests.samples import event

START = datetime(2026, 3, 3, tzinfo=UTC)
FAILURE = event("service-update-failed")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


def test_each_event_is_told_of_whatever_became_of_it(slack: FakeSlack) -> None:
    """What the rule does not match, and what the function fails at, is not passed over among what comes through."""
    ours = BusEvent(FAILURE["source"], FAILURE["detail-type"], FAILURE["detail"], FAILURE["resources"])
    others = BusEvent("aws.s3", "Object Created", {})
    happenings: list[Happening] = []

    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        entries = [*within_a_second((ours, others, ours), cloud), Entry(2, "no event", lambda: cloud.accept({}))]
        Rehearsal(cloud, slack, clock, happenings.append).run(entries)

    entered = [each for each in happenings if isinstance(each, Entered)]
    assert [each.at_seconds for each in entered] == [0, 0, 0, 2]
    assert [bool(each.summary) for each in entered] == [True, True, False, False]
    assert [each.problem.partition(" ")[0] for each in entered] == ["", "", "", "event:"]


def test_what_comes_at_the_same_time_comes_in_its_order(slack: FakeSlack) -> None:
    """As whoever planned it put it."""
    happenings: list[Happening] = []

    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        entries = [Entry(0, name, lambda: cloud.accept({})) for name in ("one", "two", "three")]
        Rehearsal(cloud, slack, clock, happenings.append).run(entries)

    assert [each.name for each in happenings if isinstance(each, Entered)] == ["one", "two", "three"]


def test_what_the_function_gives_up_is_told_once_with_its_reason(slack: FakeSlack) -> None:
    """Though it lies in the same queue as what comes back too often."""
    slack.responses.append(FakeResponse(404, "no_service"))
    happenings: list[Happening] = []

    with time_machine.travel(START, tick=False) as clock, LocalCloud(slack.url) as cloud:
        entries = [Entry(0, "one", lambda: cloud.accept(FAILURE))]
        Rehearsal(cloud, slack, clock, happenings.append).run(entries)

    given_up = [each for each in happenings if isinstance(each, DeadLettered)]
    assert given_up == [DeadLettered(5, "slack", (FAILURE["id"],), "gone")]
