"""The first message of a thread, which shows the state of a whole family."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from notifier.channels.slack.message import COLOURS
from notifier.delivery.delivery import Delivery
from notifier.delivery.family import MEMBERS_LIMIT, Member, with_family, with_member
from notifier.model.incident import Turn
from notifier.model.notification import HEADLINE_LIMIT, Notification
from notifier.model.status_change import Severity
from tests.notifier.delivery.conversing import OPENED, OPENED_AT, RECOVERED, Slack, headline, turn


def named(delivery: Delivery, name: str, depth: int = 0, reason: str | None = None, minutes: int = 0) -> Delivery:
    """Name a resource, its depth, and the reason and time of its failure."""
    incident = delivery.notification.incident
    assert incident
    incident = replace(incident, depth=depth, opened_at=OPENED_AT + timedelta(minutes=minutes))
    notification = replace(delivery.notification, incident=incident, kind="Stack", name=name, reason=reason)
    return replace(delivery, notification=notification)


def member(kind: Turn, number: int, name: str, depth: int = 0, reason: str | None = None, minutes: int = 0) -> Delivery:
    """Make a turn of another incident in the thread."""
    return named(turn(kind, number, name, "1"), name, depth, reason, minutes)


def root(*deliveries: Delivery) -> Notification:
    """Write the first message of a thread with members."""
    own, *others = (each.notification for each in deliveries)
    members: tuple[Member, ...] = ()
    for each in others:
        assert each.incident
        members = with_member(members, each, each.incident)
    return with_family(own, members)


ROOT = named(OPENED, "root", reason="a nested stack failed")
NESTED = member(Turn.OPENED, 1, "nested", 20, "a resource failed", 1)
DEEPEST = member(Turn.OPENED, 1, "deepest", 30, "the disk is full", 2)
SHALLOW = member(Turn.OPENED, 1, "shallow", 0, "another stack failed", 3)


@pytest.mark.parametrize("order", [*permutations((NESTED, DEEPEST, SHALLOW))])
def test_the_deepest_failure_is_the_cause(order: Sequence[Delivery]) -> None:
    """In whatever order the failures come."""
    first = root(ROOT, *order)

    assert (first.title, first.reason) == (ROOT.notification.title, "the disk is full")
    assert (first.facts[-1].label, first.facts[-1].value) == ("Cause", "Stack deepest: the disk is full")


@pytest.mark.parametrize(
    ("own", "others", "reason"),
    [
        (named(OPENED, "deepest", 30, "the disk is full"), [NESTED, SHALLOW], "the disk is full"),
        (ROOT, [SHALLOW], "a nested stack failed"),
        (named(OPENED, "root", reason="later", minutes=5), [SHALLOW], "another stack failed"),
        (named(OPENED, "root"), [SHALLOW], "another stack failed"),
        (ROOT, [member(Turn.OPENED, 1, "nested", 20)], "a nested stack failed"),
        (ROOT, [NESTED, member(Turn.RECOVERED, 2, "nested", 20)], "a nested stack failed"),
        (ROOT, [member(Turn.RECOVERED, 2, "nested", 20), NESTED], "a nested stack failed"),
        (ROOT, [NESTED, member(Turn.AGAIN, 3, "nested", 0, "the role is missing")], "the role is missing"),
        (ROOT, [NESTED, member(Turn.PROGRESS, 2, "nested")], "a resource failed"),
        (named(turn(Turn.PROGRESS, 2), "root"), [NESTED], None),
    ],
    ids=["own", "first", "later", "unknown", "silent", "well", "well first", "again", "progress", "no failure"],
)
def test_the_reason_of_the_first_message(own: Delivery, others: list[Delivery], reason: str | None) -> None:
    """The own one, unless that of a member is the cause of it."""
    assert root(own, *others).reason == reason


def test_the_first_message_does_not_turn_green_while_a_member_fails() -> None:
    """It turns red again if one fails later, and green when the last one is well."""
    slack = Slack()
    slack.send(OPENED)
    colours = []
    for each in (NESTED, RECOVERED, member(Turn.RECOVERED, 2, "nested"), SHALLOW, member(Turn.RECOVERED, 2, "shallow")):
        slack.send(each)
        colours.append(slack.root.content["attachments"][0]["color"])
        if each is RECOVERED:
            assert headline(slack.root.content) == "1 recovered; 1 more still fails: a resource failed"
            assert "Stack nested" in str(slack.root.content)

    red, green = COLOURS[Severity.FAILURE], COLOURS[Severity.RECOVERED]
    assert colours == [red, red, green, red, green]
    assert len(slack.root.edits) == 5


def test_a_member_that_changes_nothing_edits_nothing() -> None:
    """A root that shows the cause stays as it is."""
    slack = Slack()
    slack.send(named(OPENED, "checkout", 30, "the disk is full"))

    slack.send(NESTED, SHALLOW)

    assert slack.root.edits == []


@pytest.mark.parametrize(
    ("delivery", "mention", "kept"),
    [
        (NESTED, "@here", False),
        (NESTED, "S0123ABCD", True),
        (member(Turn.AGAIN, 3, "nested"), "@here", True),
        (replace(NESTED, notification=replace(NESTED.notification, event_id="held back")), "@here", True),
    ],
    ids=["first failure", "other people", "failed again", "held back"],
)
def test_the_people_of_a_thread_are_alerted_once_to_failures_of_one_cause(
    delivery: Delivery,
    mention: str,
    kept: bool,  # noqa: FBT001 - a table
) -> None:
    """Whoever was not mentioned yet is."""
    slack = Slack()
    mentioned = (replace(delivery.notification, mention=mention), replace(OPENED.notification, mention="@here"))
    replied, opened = (replace(OPENED, notification=each) for each in mentioned)

    slack.send(opened)
    slack.send(replied)

    texts = [str(post.payload) for post in (slack.root, *slack.workspace.replies(slack.root.ts))]
    assert ["<!here>" in text or "<!subteam" in text for text in texts] == [True, kept]


def test_many_members_fit() -> None:
    """Those that are well are forgotten first; the headline has room for the number of the others."""
    well = [member(Turn.RECOVERED, 2, f"well {number}") for number in range(MEMBERS_LIMIT)]
    failing = [member(Turn.OPENED, 1, f"member {number}") for number in range(3)]
    over = replace(RECOVERED, notification=replace(RECOVERED.notification, headline="x" * HEADLINE_LIMIT))

    first = root(over, *failing, *well)

    assert first.headline.endswith("x…; 3 more still fail")
    assert len(first.headline) == HEADLINE_LIMIT
    assert first.facts[-1].value == "Stack member 0, Stack member 1, Stack member 2"
