import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from proton_notifier.demo.live_view import LiveView
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import EventReceived, NotDelivered, Notice
from tests.samples import event, notification
from tests.terminals import Terminal

COMPOSED = notification(event("service-update-failed"))
SUMMARY = {
    "id": "e",
    "severity": "failure",
    "title": "production: service checkout could not be updated (eu-west-1)",
    "destinations": ["slack"],
}


def at(seconds: float) -> datetime:
    """Return the time so long after the start."""
    return datetime(2026, 3, 3, tzinfo=UTC) + timedelta(seconds=seconds)


def delivered(at_seconds: float, destination: str) -> Act:
    """Let a message arrive."""
    return Act(at(at_seconds), destination, "sns", "publish", (COMPOSED,), {})


def test_a_file_gets_one_plain_line_for_each_thing_that_happens() -> None:
    """However long it is; without colours, bars or anything else that only a terminal understands."""
    file = io.StringIO()
    long = {**SUMMARY, "title": "x" * 100, "destinations": []}

    with LiveView(Console(file=file, width=80), 4) as view:
        for entry in (
            Notice(at(0), "Slack goes down"),
            EventReceived(at(0), "one", SUMMARY),
            EventReceived(at(1), "two", long),
            EventReceived(at(2), "three", None),
            EventReceived(at(3), "four", None, "event: a bug"),
            delivered(3_725.2, "email"),
            NotDelivered(at(3_725.2), "slack", ("e",), "unavailable", (5,)),
            delivered(3_725.2, "email"),
            NotDelivered(at(3_726), "slack", ("e", "f"), "unavailable", (5, 9)),
            NotDelivered(at(3_727), "slack", ("e", "f"), "gone"),
        ):
            view.show(entry)

    assert file.getvalue().splitlines() == [
        "00:00:00  Slack goes down",
        "00:00:00  event  🔴 production: service checkout could not be updated (eu-west-1)",
        f"00:00:01  event  🔴 {'x' * 100}",
        "00:00:02  event  three: the rule does not match it",
        "00:00:03  event  four: FAILED event: a bug",
        f"01:02:05  email  🔴 {COMPOSED.title}",
        "01:02:05  Slack  1 delivery deferred for 5 s: unavailable",
        f"01:02:05  email  🔴 {COMPOSED.title}",
        "01:02:06  Slack  2 deliveries deferred for 5 to 9 s: unavailable",
        "01:02:07  Slack  2 deliveries dead-lettered: gone",
    ]


def test_of_many_things_of_one_kind_the_first_is_listed() -> None:
    """A thousand lines would bury what they became; one other line is listed, too."""
    file = io.StringIO()

    with LiveView(Console(file=file), 1_000) as view:
        for number in range(1_000):
            view.show(EventReceived(at(0), "the storm", {**SUMMARY, "title": f"failure {number}"}))
        for destination in ("email", "email", "slack", "slack", "slack"):
            view.show(delivered(5, destination))

    assert file.getvalue().splitlines() == [
        "00:00:00  event  🔴 failure 0",
        "          ... and 999 others",
        f"00:00:05  email  🔴 {COMPOSED.title}",
        f"00:00:05  email  🔴 {COMPOSED.title}",
        f"00:00:05  Slack  🔴 {COMPOSED.title}",
        "          ... and 2 others",
    ]


def test_a_terminal_shows_how_far_it_is_and_cuts_what_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is gone at the end."""
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    console = Console(file=terminal, width=80, color_system=None)

    with LiveView(console, 2) as view:
        view.show(EventReceived(at(0), "one", {**SUMMARY, "title": "x" * 100}))
        view.show(delivered(5, "slack"))

    shown = terminal.getvalue()
    assert f"00:00:00  event  🔴 {'x' * 59}…\n" in shown
    assert "1/2" in shown


def test_the_bar_counts_what_is_listed_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quickly one comes after the other."""
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()

    with LiveView(Console(file=terminal, width=80, color_system=None), 12) as view:
        for number in range(12):
            view.show(EventReceived(at(0), f"event {number}", SUMMARY))
            view.show(delivered(0, "email"))

    _, *below = terminal.getvalue().split("event  ")
    assert [re.findall(r"(\d+)/12", drawn)[0] for drawn in below] == [str(number) for number in range(1, 13)]
