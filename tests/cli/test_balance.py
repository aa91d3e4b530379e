import io
from dataclasses import replace

import pytest
from rich.console import Console

from cli.balance import conclusion, table
from cli.reckoning import Account

SETTLED = Account("slack", 5, 2, 5, 4, 0, 0, 0, 34.2)


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


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (SETTLED, "Nothing is lost, and nothing told twice."),
        (replace(SETTLED, lost=2, repeated=1, given_up=1), "2 lost, 1 told more than once."),
        (
            replace(SETTLED, given_up=1),
            "Nothing is lost: 1 lies in FailedDeliveries, an alarm rings, `notifier redrive` sends it back.",
        ),
    ],
    ids=["well", "lost", "given up"],
)
def test_the_end_says_in_words_whether_all_is_well(account: Account, words: str) -> None:
    """What was given up is not lost, but asks for a person."""
    assert conclusion([account]).plain == words
