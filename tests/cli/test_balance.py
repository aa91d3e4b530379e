import io
from dataclasses import replace

import pytest
from rich.console import Console

from proton_notifier.demo.simulation import TOO_OFTEN
from proton_notifier.demo.summary import conclusion, faults, table
from proton_notifier.demo.tally import Account
from proton_notifier.demo.timeline import DeadLettered, Entered, Happening

SETTLED = Account("slack", 5, 2, 5, 4, 0, 0, 0, 34.2)
MATCHED = Entered(0, "a", {"id": "a", "destinations": ["slack"]})


def test_the_table_has_a_column_for_each_destination() -> None:
    """And a row for each thing that could be wrong."""
    file = io.StringIO()
    console = Console(file=file, width=80)

    console.print(table([replace(SETTLED, destination="email", late_seconds=125), SETTLED]))

    lines = [line.split() for line in file.getvalue().splitlines() if "─" not in line]
    assert [" ".join(line) for line in lines if line] == [
        "Counted from what arrived email Slack",
        "deliveries made of the events 5 5",
        "messages that arrived 2 2",
        "status changes that they tell of 5 5",
        "times that a delivery was put off 4 4",
        "given up 0 0",
        "lost 0 0",
        "told more than once 0 0",
        "latest after its event 00:02:05 34 s",
    ]


def test_a_destination_that_got_nothing_is_not_late() -> None:
    """Nor was it in time."""
    file = io.StringIO()

    Console(file=file, width=80).print(table([replace(SETTLED, messages=0, late_seconds=None)]))

    assert "latest after its event -" in " ".join(file.getvalue().split())


@pytest.mark.parametrize(
    ("happenings", "accounts", "wrong"),
    [
        ([MATCHED, DeadLettered(9, "slack", ("a",), TOO_OFTEN)], [SETTLED], ()),
        ([], [replace(SETTLED, lost=2, repeated=1)], ("2 lost", "1 told more than once")),
        ([Entered(0, "a", None, "event: a bug")], [], ("1 event failed",)),
        ([Entered(0, "a", None, "event: a bug")] * 2, [], ("2 events failed",)),
        ([MATCHED, Entered(0, "a", None)], [SETTLED], ("1 event that the rule does not match",)),
        ([MATCHED, DeadLettered(9, "slack", ("a", "b"), "gone")], [SETTLED], ("2 refused for good",)),
    ],
    ids=["explained", "lost", "failed", "both failed", "not matched", "refused"],
)
def test_each_fault_is_counted(happenings: list[Happening], accounts: list[Account], wrong: tuple[str, ...]) -> None:
    """What the strain explains is none."""
    assert faults(happenings, accounts, all_match=True) == wrong


def test_samples_that_the_rule_does_not_match_are_no_fault() -> None:
    """Only a storm is made of events that all should come through."""
    assert faults([Entered(0, "a", None)], [], all_match=False) == ()


@pytest.mark.parametrize(
    ("wrong", "accounts", "words", "style"),
    [
        ([], [SETTLED], "Nothing is lost, and nothing told twice.", "bold green"),
        ([], [], "There was nothing to tell.", "bold yellow"),
        (["2 lost", "1 event failed"], [SETTLED], "2 lost, 1 event failed.", "bold red"),
        (
            ["1 refused for good"],
            [replace(SETTLED, given_up=2)],
            "1 refused for good. 2 lie in FailedDeliveries, an alarm rings, `notifier redrive` sends them back.",
            "bold red",
        ),
        (
            [],
            [replace(SETTLED, given_up=1)],
            "Nothing is lost: 1 lies in FailedDeliveries, an alarm rings, `notifier redrive` sends it back.",
            "bold yellow",
        ),
    ],
    ids=["well", "nothing", "faults", "faults and given up", "given up"],
)
def test_the_end_says_in_words_whether_all_is_well(
    wrong: list[str], accounts: list[Account], words: str, style: str
) -> None:
    """What was given up is not lost, but asks for a person."""
    said = conclusion(wrong, accounts)

    assert (said.plain, said.style) == (words, style)
