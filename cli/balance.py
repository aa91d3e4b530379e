"""What a rehearsal comes to, as a person reads it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cli.listing import NAMES
from cli.moments import clock
from cli.reckoning import Account

# Two minutes and more are read by the clock.
MINUTES_FROM_SECONDS: Final = 120
ROWS: Final[Mapping[str, Callable[[Account], str]]] = {
    "deliveries made of the events": lambda account: str(account.deliveries),
    "messages that arrived": lambda account: str(account.messages),
    "status changes that they tell of": lambda account: str(account.told),
    "times that a delivery was put off": lambda account: str(account.put_off),
    "given up": lambda account: str(account.given_up),
    "lost": lambda account: str(account.lost),
    "told more than once": lambda account: str(account.repeated),
    "latest after its event": lambda account: _span(account.late_seconds),
}


def table(reckoned: Sequence[Account]) -> Table:
    """Draw what became of everything."""
    drawn = Table("Counted from what arrived", box=SIMPLE_HEAD, pad_edge=False)
    for account in reckoned:
        drawn.add_column(NAMES[account.destination], justify="right")
    for name, number in ROWS.items():
        drawn.add_row(name, *(number(account) for account in reckoned))
    return drawn


def conclusion(reckoned: Sequence[Account]) -> Text:
    """Say in a line or two whether all is well."""
    lost = sum(account.lost for account in reckoned)
    repeated = sum(account.repeated for account in reckoned)
    given_up = sum(account.given_up for account in reckoned)
    if lost or repeated:
        return Text(f"{lost} lost, {repeated} told more than once.", style="bold red")
    if given_up:
        lie, them = ("lies", "it") if given_up == 1 else ("lie", "them")
        what_then = f"an alarm rings, `notifier redrive` sends {them} back."
        return Text(f"Nothing is lost: {given_up} {lie} in FailedDeliveries, {what_then}", style="bold yellow")
    return Text("Nothing is lost, and nothing told twice.", style="bold green")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < MINUTES_FROM_SECONDS else clock(seconds)
