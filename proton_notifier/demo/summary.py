"""What a rehearsal comes to, as a person reads it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proton_notifier.common.times import clock
from proton_notifier.demo.listing import NAMES
from proton_notifier.demo.simulation import TOO_OFTEN
from proton_notifier.demo.tally import Account
from proton_notifier.demo.timeline import DeadLettered, Entered, Happening

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


def faults(happenings: Sequence[Happening], reckoned: Sequence[Account], *, all_match: bool) -> tuple[str, ...]:
    """Say what went wrong that the strain does not explain; with *all_match*, the rule should match every event."""
    entered = [happening for happening in happenings if isinstance(happening, Entered)]
    failed = sum(bool(event.problem) for event in entered)
    unmatched = sum(event.summary is None and not event.problem for event in entered) if all_match else 0
    refused = sum(
        len(happening.event_ids)
        for happening in happenings
        if isinstance(happening, DeadLettered) and happening.why != TOO_OFTEN
    )
    counts = {
        "lost": sum(account.lost for account in reckoned),
        "told more than once": sum(account.repeated for account in reckoned),
        "event failed" if failed == 1 else "events failed": failed,
        f"{'event' if unmatched == 1 else 'events'} that the rule does not match": unmatched,
        "refused for good": refused,
    }
    return tuple(f"{count} {words}" for words, count in counts.items() if count)


def conclusion(wrong: Sequence[str], reckoned: Sequence[Account]) -> Text:
    """Say in a line or two whether all is well, *wrong* being the faults."""
    given_up = sum(account.given_up for account in reckoned)
    lie, them = ("lies", "it") if given_up == 1 else ("lie", "them")
    kept = f"{given_up} {lie} in FailedDeliveries, an alarm rings, `notifier redrive` sends {them} back."
    if wrong:
        words = f"{', '.join(wrong)}."
        return Text(f"{words} {kept}" if given_up else words, style="bold red")
    if given_up:
        return Text(f"Nothing is lost: {kept}", style="bold yellow")
    if not reckoned:
        return Text("There was nothing to tell.", style="bold yellow")
    return Text("Nothing is lost, and nothing told twice.", style="bold green")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < MINUTES_FROM_SECONDS else clock(seconds)
