"""The destinations that get a turn of an incident."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from notifier.channels.destination import Destination
from notifier.memory.rules import Escalation
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import Notification
from notifier.routes.decisions import decide_followers, decide_incident
from notifier.routes.document import Document, Match, Matcher, Route
from tests.documents import PREDEFINED
from tests.samples import event, notification

NOW: Final = datetime(2026, 3, 3, 12, tzinfo=UTC)
BOT: Final = Destination("bot", "slack-bot", (("token", "x/bot"), ("channel", "C0ALERTS")))
PAGER: Final = Destination("pager", "pagerduty", (("routing_key", "x/key"),))
EVERYBODY: Final = tuple(destination.name for destination in (*PREDEFINED, BOT, PAGER))


FAILED: Final = notification(event("service-instance-deployment-failed"))
PROGRESS: Final = notification(event("service-instance-deployment-started"))


def document(*severities: str) -> Document:
    """Route *severities* to Slack, with a mention of failures."""
    match = Match(every=(Matcher("severity", severities),))
    route = Route("default", match, ("slack",), mentions=((FAILED.severity, "@here"),))
    return Document((*PREDEFINED, BOT, PAGER), (), (route,), ())


def with_turn(told: Notification, turn: Turn) -> Notification:
    """Let *told* be a turn of an incident."""
    return replace(told, incident=Incident("e1", "e1", turn, State.FAILING, 2, NOW, 1))


@pytest.mark.parametrize(
    ("turn", "recipients"),
    [
        (Turn.UPDATED, {"bot", "pager"}),
        (Turn.FINISHED, {"email", "slack", "bot", "pager"}),
        (Turn.RECOVERED, {"email", "slack", "bot", "pager"}),
        (Turn.REMINDER, {"email", "slack", "bot"}),
        (Turn.NOTED, {"bot"}),
        (Turn.COUNTED, {"bot"}),
    ],
)
def test_followers_get_the_turns_that_their_channel_follows(turn: Turn, recipients: set[str]) -> None:
    """An email is sent at milestones, a thread has room for everything."""
    decision = decide_followers(document(), with_turn(FAILED, turn), EVERYBODY)

    assert {each.destination for each in decision.recipients} == recipients
    assert {each.root_only for each in decision.recipients} == {turn in {Turn.NOTED, Turn.COUNTED}}


def test_followers_get_the_runbook_of_the_route_to_them() -> None:
    """At any severity, and by an escalation, too."""
    failures = Match(every=(Matcher("severity", ("failure",)), Matcher("service", ("checkout",))))
    others = Match(none=failures.every[1:])
    routed = replace(
        document(),
        routes=(
            Route("others", others, ("slack", "bot"), runbook="https://wiki.example.com/others"),
            Route(
                "ours",
                failures,
                ("bot",),
                escalation=Escalation(60, ("email",)),
                runbook="https://wiki.example.com/ours",
            ),
        ),
    )

    decision = decide_followers(routed, with_turn(PROGRESS, Turn.REMINDER), EVERYBODY)

    ours = "https://wiki.example.com/ours"
    assert {each.destination: each.route.runbook for each in decision.recipients} == {
        "email": ours,
        "slack": None,
        "bot": ours,
    }


def test_without_an_incident_nobody_follows() -> None:
    """It is a message as any other."""
    assert decide_followers(document(), FAILED, EVERYBODY).recipients == ()
    assert [each.destination for each in decide_incident(document("failure"), FAILED, (), NOW).recipients] == ["slack"]


def test_who_is_chosen_by_a_route_gets_a_message_and_the_others_an_edit() -> None:
    """Progress is told where somebody wants it."""
    decision = decide_incident(document("progress"), with_turn(PROGRESS, Turn.PROGRESS), ("slack", "bot"), NOW)

    assert [(each.destination, each.root_only) for each in decision.recipients] == [("slack", False), ("bot", True)]


def test_the_first_message_at_a_destination_is_marked() -> None:
    """It has nothing to wait for."""
    opened = decide_incident(document("failure"), with_turn(FAILED, Turn.OPENED), (), NOW)
    again = decide_incident(document("failure"), with_turn(FAILED, Turn.AGAIN), ("slack",), NOW)

    assert [each.first for each in opened.recipients] == [True]
    assert [(each.first, each.mention) for each in again.recipients] == [(False, "@here")]


def test_a_failure_in_other_words_takes_no_route() -> None:
    """Unless it is in part unrecognised, and so may be worse."""
    updated = with_turn(FAILED, Turn.UPDATED)

    assert decide_incident(document("failure"), updated, (), NOW).recipients == ()
    unrecognised = decide_incident(document("failure"), replace(updated, recognised=False), (), NOW)
    assert [each.destination for each in unrecognised.recipients] == ["slack"]


def test_what_is_told_late_mentions_nobody() -> None:
    """It is over."""
    decision = decide_incident(document("failure"), with_turn(FAILED, Turn.LATE), (), NOW)

    assert [(each.destination, each.mention) for each in decision.recipients] == [("slack", None)]
