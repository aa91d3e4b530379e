"""Random schedules of two workers, with ends at any I/O call, shuffled arrival and duplicates."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.channels.destination import Destination
from notifier.channels.pagerduty import PagerDutyChannel
from notifier.channels.slack.bot import SlackBotChannel
from notifier.channels.slack.message import message
from notifier.delivery.delivery import Delivery
from notifier.delivery.family import with_family, with_member
from notifier.delivery.outcomes import DeadLettered
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from proton_notifier.fakes.slack_workspace import Workspace
from tests.faulty_slack import FaultyWorkspace
from tests.notifier.delivery.worlds import Queued, World
from tests.samples import event, notification

RUNS = 150
FAILURE = notification(event("service-update-failed"))
OPENED = Incident("1", "1", Turn.OPENED, State.FAILING, 1, datetime(2026, 3, 3, 10, tzinfo=UTC), 1)
BOT = Destination("alerts", "slack-bot", (("token", "token"), ("channel", "C0ALERTS")))
PAGER = Destination("pager", "pagerduty", (("routing_key", "key"), ("url", "https://events.pagerduty.com/v2/enqueue")))
# The turns of an incident, one of them without a message of its own, and one of another member of the family.
STORY = (
    (Turn.OPENED, Severity.FAILURE, State.FAILING),
    (Turn.PROGRESS, Severity.PROGRESS, State.FAILING),
    (Turn.AGAIN, Severity.FAILURE, State.FAILING),
    (Turn.RECOVERED, Severity.RECOVERED, State.CLOSED),
)
ROOT_ONLY = "2"


@pytest.fixture(autouse=True)
def _one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every call of a process in its own thread."""
    monkeypatch.setattr("notifier.delivery.parallel_calls.MAX_PARALLEL_CALLS", 1)


def schedule(seed: int) -> random.Random:
    """Make the chance of one schedule."""
    return random.Random(seed)  # noqa: S311 - it keeps no secret


def turns() -> list[Notification]:
    """Tell the story; each event has the number of its turn as id."""
    story = [
        replace(
            FAILURE,
            event_id=str(number),
            severity=severity,
            headline=f"turn {number}",
            incident=replace(OPENED, turn=turn, state=state, number=number),
        )
        for number, (turn, severity, state) in enumerate(STORY, 1)
    ]
    member = replace(FAILURE, event_id="m", headline="turn m", incident=replace(OPENED, id="m"))
    end = replace(OPENED, id="m", turn=Turn.RECOVERED, state=State.CLOSED, number=2)
    late = replace(OPENED, turn=Turn.LATE, number=None)
    return [
        *story,
        member,
        replace(member, event_id="n", headline="turn n", incident=end),
        replace(FAILURE, event_id="l", headline="turn l", incident=late),
    ]


def shuffled(chance: random.Random, destination: str, *, copies: bool = True) -> list[Queued]:
    """Put the story into a queue in any order, some of it twice, some of it late; at times a member stays ill."""
    told = [each for each in turns() if each.event_id != "n" or chance.random() < 0.5]
    deliveries = [
        Delivery(notification=each, destination=destination, root_only=each.event_id == ROOT_ONLY) for each in told
    ]
    if copies and chance.random() < 0.3:
        deliveries.append(chance.choice(deliveries))
    chance.shuffle(deliveries)
    return [Queued(each, 1_000 + chance.choice((0, 0, 0, 40, 400))) for each in deliveries]


def slack(chance: random.Random, *, deaths: int, can_read: bool = True, fails: int = 0) -> tuple[World, Workspace]:
    """Run the story in Slack."""
    workspace = FaultyWorkspace({"C0ALERTS": None}, [])
    workspace.can_read = can_read
    workspace.errors_after_posting = fails
    world = World(SlackBotChannel, BOT, lambda method, arguments: workspace.methods[method](arguments), chance, deaths)
    # Only the queue's count of attempts tells of an error after a post; a copy of a delivery has its own.
    world.queue = shuffled(chance, "alerts", copies=not fails)
    world.run()
    return world, workspace


def said(workspace: Workspace) -> Counter[str]:
    """Count the messages about each event."""
    texts = [str(post.payload["text"]) for post in workspace.posts.values()]
    return Counter(each.event_id for each in turns() for text in texts if each.headline in text)


def shown(workspace: Workspace) -> bool:
    """Tell if a root shows the newest turn, and that a member is failing if it is."""
    *_, recovered, member, _, _ = turns()
    assert member.incident
    failing = () if "n" in said(workspace) else with_member((), member, member.incident)
    newest = message((replace(with_family(recovered, failing), mention=None),))
    return any(root.content.items() >= newest.items() for root in workspace.roots)


@pytest.mark.uncounted
@pytest.mark.parametrize(("deaths", "fails"), [(0, 0), (2, 0), (2, 2)])
def test_slack_has_everything_once_and_a_root_that_shows_the_newest(deaths: int, fails: int) -> None:
    """If the bot may read the channel, not even the gap between a post and its record makes a second message."""
    for seed in range(RUNS):
        world, workspace = slack(schedule(seed), deaths=deaths, fails=fails)

        alone = any(f"turn {each}" in str(root.payload["text"]) for root in workspace.roots for each in "mn")
        assert said(workspace) - Counter("n") == Counter("134ml"), seed
        # A member that waited in vain has a message of its own; so may have what was posted and not recorded.
        assert len(workspace.roots) <= 1 + alone + fails + len(world.in_the_gap), seed
        assert shown(workspace), seed
        assert not any(isinstance(outcome, DeadLettered) for outcome in world.outcomes), seed


def test_without_the_history_only_the_gap_makes_a_message_twice() -> None:
    """Nothing is lost, and the root that is kept shows the newest turn."""
    gaps = 0
    for seed in range(RUNS):
        world, workspace = slack(schedule(seed), deaths=2, can_read=False)

        marks = Counter(str(post.payload["metadata"]) for post in workspace.posts.values())
        repeated = {mark for mark, number in marks.items() if number > 1}
        assert said(workspace).keys() - {"n"} == {*"134ml"}, seed
        assert repeated <= world.in_the_gap, seed
        assert shown(workspace), seed
        gaps += bool(repeated)
    assert gaps


@pytest.mark.uncounted
@pytest.mark.parametrize("deaths", [0, 2])
def test_pagerduty_closes_what_it_opened(deaths: int) -> None:
    """No late trigger opens an alert again, and the recovery always arrives."""
    for seed in range(RUNS):
        alerts: list[str] = []

        def enqueue(_method: str, body: dict[str, Any], alerts: list[str] = alerts) -> dict[str, Any]:
            alerts.append(body["event_action"])
            return {}

        chance = schedule(seed)
        world = World(PagerDutyChannel, PAGER, enqueue, chance, deaths)
        world.queue = [item for item in shuffled(chance, "pager") if item.delivery.notification.event_id in "134l"]
        world.run()

        assert alerts[-1] == "resolve", seed
