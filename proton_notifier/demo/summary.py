"""The summary of a simulation under load: a table, and a conclusion in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proton_notifier.common.times import format_elapsed
from proton_notifier.demo.listing import LABELS, numbered
from proton_notifier.demo.simulation import RECEIVES_EXCEEDED
from proton_notifier.demo.tally import Tally
from proton_notifier.demo.timeline import DeadLettered, EventReceived, TimelineEntry

# A longer time is read by the clock.
SECONDS_LIMIT: Final = 120
ROWS: Final[Mapping[str, Callable[[Tally], str]]] = {
    "deliveries": lambda tally: str(tally.deliveries),
    "messages": lambda tally: str(tally.messages),
    "status changes in the messages": lambda tally: str(tally.status_changes),
    "deferrals": lambda tally: str(tally.deferrals),
    "dead-lettered": lambda tally: str(tally.dead_lettered),
    "lost": lambda tally: str(tally.lost),
    "sent more than once": lambda tally: str(tally.duplicates),
    "longest delay after the event": lambda tally: _span(tally.longest_delay_seconds),
}


def table(tallies: Sequence[Tally]) -> Table:
    """Draw a column for each destination."""
    drawn = Table("Counted from the messages", box=SIMPLE_HEAD, pad_edge=False)
    for tally in tallies:
        drawn.add_column(LABELS[tally.destination].name, justify="right")
    for name, cell in ROWS.items():
        drawn.add_row(name, *map(cell, tallies))
    return drawn


def errors(timeline: Sequence[TimelineEntry], tallies: Sequence[Tally], *, all_match: bool) -> tuple[str, ...]:
    """Count the errors that the load does not explain; with *all_match*, the rule should match every event."""
    received = [entry for entry in timeline if isinstance(entry, EventReceived)]
    failed = sum(bool(entry.error) for entry in received)
    unmatched = sum(entry.summary is None and not entry.error for entry in received) if all_match else 0
    rejected = sum(
        len(entry.event_ids)
        for entry in timeline
        if isinstance(entry, DeadLettered) and entry.reason != RECEIVES_EXCEEDED
    )
    counts = (
        (sum(tally.lost for tally in tallies), "lost", "lost"),
        (sum(tally.duplicates for tally in tallies), "sent more than once", "sent more than once"),
        (failed, "event failed", "events failed"),
        (unmatched, "event that the rule does not match", "events that the rule does not match"),
        (rejected, "rejected for good", "rejected for good"),
    )
    return tuple(numbered(*count) for count in counts if count[0])


def conclusion(errors: Sequence[str], tallies: Sequence[Tally]) -> Text:
    """Say in a sentence or two how the simulation ended; *errors* are those of the function `errors`."""
    dead_lettered = sum(tally.dead_lettered for tally in tallies)
    lie, them = ("lies", "it") if dead_lettered == 1 else ("lie", "them")
    kept = f"{dead_lettered} {lie} in FailedDeliveries, an alarm rings, `notifier redrive` sends {them} back."
    if errors:
        text = f"{', '.join(errors)}."
        return Text(f"{text} {kept}" if dead_lettered else text, style="bold red")
    if dead_lettered:
        return Text(f"Nothing is lost: {kept}", style="bold yellow")
    if not tallies:
        return Text("There was nothing to send.", style="bold yellow")
    return Text("Nothing is lost, and nothing was sent twice.", style="bold green")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < SECONDS_LIMIT else format_elapsed(seconds)
