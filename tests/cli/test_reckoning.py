from collections.abc import Iterable
from dataclasses import replace

import pytest

from cli.gallery.exhibits import Message
from cli.happenings import Arrived, Entered, GivenUp, Happening, PutOff, Turn
from cli.reckoning import Account, accounts, changes_told
from notifier.notifications import Notification
from tests.samples import event, notification

COMPOSED = notification(event("service-update-failed"))


def entered(*event_ids: str, at_seconds: float = 0) -> list[Happening]:
    """Let events come in for Slack."""
    return [Entered(at_seconds, name, {"id": name, "destinations": ["slack"]}) for name in event_ids]


def told(event_ids: Iterable[str]) -> tuple[Notification, ...]:
    """Make what is told of events."""
    return tuple(replace(COMPOSED, event_id=name) for name in event_ids)


def arrived(at_seconds: float, event_ids: str, *texts: str) -> Arrived:
    """Let messages arrive in Slack."""
    return Arrived(at_seconds, "slack", told(event_ids), tuple(Message("slack", {"text": text}) for text in texts))


def test_all_is_well_if_the_messages_tell_of_everything() -> None:
    """How often deliveries were put off, and how late the last one was, does not matter."""
    happenings = [
        Turn(0, "Slack goes down"),
        *entered("a", "b", "c", "d"),
        *entered("e", at_seconds=2),
        Entered(2, "f", None),
        PutOff(5, "slack", ("a", "b"), "unavailable", (5, 9)),
        PutOff(10, "slack", ("a", "b"), "unavailable", (5, 9)),
        arrived(12, "abc", "3 status changes"),
        arrived(20, "d", "one"),
        GivenUp(30, "slack", ("e",), "gone"),
    ]

    (account,) = accounts(happenings)

    assert account == Account("slack", 5, 2, 4, 4, 1, 0, 0, 20)
    assert account.is_settled


@pytest.mark.parametrize(
    ("happenings", "lost", "repeated"),
    [
        ([*entered("a", "b"), arrived(1, "a", "one")], 1, 0),
        ([*entered("a", "b", "c", "d"), arrived(1, "abcd", "3 status changes")], 1, 0),
        ([*entered("a", "b", "c"), arrived(1, "abc")], 3, 0),
        ([*entered("a"), arrived(1, "a", "one", "one")], 0, 1),
        ([*entered("a", "b", "c"), *[arrived(moment, "abc", "3 status changes") for moment in (1, 2)]], 0, 3),
    ],
    ids=["no word of one", "a digest leaves one out", "only the log says so", "two messages", "two digests"],
)
def test_what_the_messages_do_not_tell_once_is_seen(happenings: list[Happening], lost: int, repeated: int) -> None:
    """Whatever the function's log says."""
    (account,) = accounts(happenings)

    assert (account.lost, account.repeated) == (lost, repeated)
    assert not account.is_settled


@pytest.mark.parametrize(
    ("payload", "number"),
    [
        ({"Subject": "250 FAILED (250 status changes)"}, 250),
        ({"Subject": "FAILED: Service checkout could not be updated"}, 1),
        ({"text": "🔴 23 status changes"}, 23),
    ],
)
def test_a_message_says_of_how_many_changes_it_tells(payload: dict[str, str], number: int) -> None:
    """In its subject or text."""
    assert changes_told(payload) == number
