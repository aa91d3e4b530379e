import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from proton_notifier.demo.summary import Tally, conclusion, errors, table
from proton_notifier.replay.simulation import RECEIVES_EXCEEDED
from proton_notifier.replay.story import EventReceived, NotDelivered, TimelineEntry

START = datetime(2026, 3, 3, tzinfo=UTC)
SETTLED = Tally("slack", 5, 2, 5, 4, 0, 0, 0, 34.2)
MATCHED = EventReceived(START, "a", {"id": "a", "destinations": ["slack"]})


def test_the_table_has_a_column_for_each_destination() -> None:
    """And a row for each thing that could be wrong."""
    file = io.StringIO()
    console = Console(file=file, width=80)

    console.print(table([replace(SETTLED, destination="email", longest_delay=125.0), SETTLED]))

    lines = [line.split() for line in file.getvalue().splitlines() if "─" not in line]
    assert [" ".join(line) for line in lines if line] == [
        "Counted from the messages email slack",
        "deliveries 5 5",
        "messages 2 2",
        "status changes 5 5",
        "deferrals 4 4",
        "dead lettered 0 0",
        "lost 0 0",
        "duplicates 0 0",
        "longest delay 00:02:05 34 s",
    ]


def test_a_destination_that_got_nothing_is_not_late() -> None:
    """Nor was it in time."""
    file = io.StringIO()

    Console(file=file, width=80).print(table([replace(SETTLED, messages=0, longest_delay=None)]))

    assert "longest delay -" in " ".join(file.getvalue().split())


@pytest.mark.parametrize(
    ("timeline", "tallies", "wrong"),
    [
        ([MATCHED, NotDelivered(START, "slack", ("a",), RECEIVES_EXCEEDED)], [SETTLED], ()),
        ([], [replace(SETTLED, lost=2, duplicates=1)], ("2 lost", "1 sent twice")),
        ([EventReceived(START, "a", None, "event: a bug")], [], ("1 event failed",)),
        ([EventReceived(START, "a", None, "event: a bug")] * 2, [], ("2 events failed",)),
        ([MATCHED, EventReceived(START, "a", None)], [SETTLED], ("1 event that the rule does not match",)),
        ([MATCHED, NotDelivered(START, "slack", ("a", "b"), "gone")], [SETTLED], ("2 rejected for good",)),
    ],
    ids=["explained", "lost", "failed", "both failed", "not matched", "refused"],
)
def test_each_fault_is_counted(timeline: list[TimelineEntry], tallies: list[Tally], wrong: tuple[str, ...]) -> None:
    """An effect of the load itself is no error."""
    assert errors(timeline, tallies, all_match=True) == wrong


def test_samples_that_the_rule_does_not_match_are_no_fault() -> None:
    """Only a storm is made of events that all should come through."""
    assert errors([EventReceived(START, "a", None)], [], all_match=False) == ()


@pytest.mark.parametrize(
    ("wrong", "tallies", "words", "style"),
    [
        ([], [SETTLED], "Nothing is lost, and nothing was sent twice.", "bold green"),
        ([], [], "There was nothing to send.", "bold yellow"),
        (["2 lost", "1 event failed"], [SETTLED], "2 lost, 1 event failed.", "bold red"),
        (
            ["1 rejected for good"],
            [replace(SETTLED, dead_lettered=2)],
            "1 rejected for good. 2 lie in FailedDeliveries, an alarm rings, `notifier redrive` sends them back.",
            "bold red",
        ),
        (
            [],
            [replace(SETTLED, dead_lettered=1)],
            "Nothing is lost: 1 lies in FailedDeliveries, an alarm rings, `notifier redrive` sends it back.",
            "bold yellow",
        ),
    ],
    ids=["well", "nothing", "faults", "faults and given up", "given up"],
)
def test_the_end_says_in_words_whether_all_is_well(
    wrong: list[str], tallies: list[Tally], words: str, style: str
) -> None:
    """A dead letter is not lost, but needs a person."""
    said = conclusion(wrong, tallies)

    assert (said.plain, said.style) == (words, style)
