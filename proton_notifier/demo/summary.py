"""The summary of a simulation: the counts of each destination, and a conclusion."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from proton_notifier.replay.acts import Act
from proton_notifier.replay.simulation import RECEIVES_EXCEEDED
from proton_notifier.replay.story import EventReceived, NotDelivered, TimelineEntry

# The beginning of a digest, with its number of changes; a single message begins with a word.
EMAIL_DIGEST: Final = re.compile(r"\d+ .*\n\n\d+ [a-z].* \((\d+) events\)\.\n")
SLACK_DIGEST: Final = re.compile(r"\W+ \d+ .* \((\d+) events\)$")
# A longer time is written as hours, minutes and seconds.
SECONDS_LIMIT: Final = 120


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one destination; each field is a row of the table.

    *status_changes* is the number that the *messages* themselves state, *deferrals* counts every deferral of a
    delivery, and *longest_delay* is the seconds from an event to its message. A delivery is *lost* if no message names
    it and it is not *dead_lettered*; it is a duplicate if a second message names it.
    """

    destination: str
    deliveries: int
    messages: int
    status_changes: int
    deferrals: int
    dead_lettered: int
    lost: int
    duplicates: int
    longest_delay: float | None


def tally(timeline: Sequence[TimelineEntry]) -> tuple[Tally, ...]:
    """Count the entries of *timeline* for each destination."""
    received_at = defaultdict[str, dict[str, datetime]](dict)
    for entry in timeline:
        if isinstance(entry, EventReceived) and entry.response:
            for destination in entry.response["destinations"]:
                received_at[destination][entry.response["id"]] = entry.at
    outcomes = [entry for entry in timeline if isinstance(entry, Act | NotDelivered)]
    return tuple(
        _tally(destination, times, [entry for entry in outcomes if entry.destination == destination])
        for destination, times in received_at.items()
    )


def status_changes(payload: Mapping[str, Any]) -> int:
    """Read the number of status changes from an email or a Slack message."""
    if "Subject" in payload:
        digest = EMAIL_DIGEST.match(payload["Message"])
    else:
        digest = SLACK_DIGEST.match(payload.get("text", ""))
    return int(digest[1]) if digest else 1


def table(tallies: Sequence[Tally]) -> Table:
    """Draw a column for each destination."""
    drawn = Table("Counted from the messages", box=None, pad_edge=False)
    for counts in tallies:
        drawn.add_column(counts.destination, justify="right")
    for row in fields(Tally)[1:]:
        drawn.add_row(row.name.replace("_", " "), *(_cell(getattr(counts, row.name)) for counts in tallies))
    return drawn


def errors(timeline: Sequence[TimelineEntry], tallies: Sequence[Tally], *, all_match: bool) -> tuple[str, ...]:
    """Count the errors that the load does not explain; with *all_match*, the rule must match every event."""
    received = [entry for entry in timeline if isinstance(entry, EventReceived)]
    failed = sum(bool(entry.error) for entry in received)
    unmatched = sum(entry.response is None and not entry.error for entry in received) if all_match else 0
    rejected = sum(
        len(entry.event_ids)
        for entry in timeline
        if isinstance(entry, NotDelivered) and not entry.seconds and entry.reason != RECEIVES_EXCEEDED
    )
    found = (
        (sum(counts.lost for counts in tallies), "lost", "lost"),
        (sum(counts.duplicates for counts in tallies), "sent twice", "sent twice"),
        (failed, "event failed", "events failed"),
        (unmatched, "event that the rule does not match", "events that the rule does not match"),
        (rejected, "rejected for good", "rejected for good"),
    )
    return tuple(numbered(*count) for count in found if count[0])


def conclusion(errors: Sequence[str], tallies: Sequence[Tally]) -> Text:
    """Describe the end of the simulation; *errors* are the result of the function `errors`."""
    dead_lettered = sum(counts.dead_lettered for counts in tallies)
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


def numbered(number: int, singular: str, plural: str) -> str:
    """Write *number* with the noun that agrees with it."""
    return f"{number} {singular if number == 1 else plural}"


def _tally(destination: str, received_at: Mapping[str, datetime], entries: Sequence[Act | NotDelivered]) -> Tally:
    delivered = [entry for entry in entries if isinstance(entry, Act)]
    # Backwards, so that the first message of an event counts.
    sent_at = {event_id: entry.at for entry in reversed(delivered) for event_id in entry.event_ids}
    others = [entry for entry in entries if isinstance(entry, NotDelivered)]
    dead_lettered = {event_id for entry in others if not entry.seconds for event_id in entry.event_ids}
    changes = sum(status_changes(entry.payload) for entry in delivered)
    delays = [(at - received_at.get(event_id, at)).total_seconds() for event_id, at in sent_at.items()]
    missing = received_at.keys() - sent_at.keys() - dead_lettered
    return Tally(
        destination,
        deliveries=len(received_at),
        messages=len(delivered),
        status_changes=changes,
        deferrals=sum(len(entry.seconds) for entry in others),
        dead_lettered=len(dead_lettered),
        lost=len(missing) + max(len(sent_at) - changes, 0),
        duplicates=max(changes - len(sent_at), 0),
        longest_delay=max(delays, default=None),
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f} s" if value < SECONDS_LIMIT else format_elapsed(value)
    return "-" if value is None else str(value)


def format_elapsed(seconds: float) -> str:
    """Write *seconds* as hours, minutes and seconds."""
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
