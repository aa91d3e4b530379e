"""The counts of a simulation, taken from the messages that the destinations accepted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proton_notifier.demo.timeline import DeadLettered, Deferred, Delivered, EventReceived, TimelineEntry

# The first line of a digest, with its number of changes; a single message begins with a word, or names no such number.
EMAIL_DIGEST: Final = re.compile(r"\d+ [A-Z].* \((\d+) status changes\)")
SLACK_DIGEST: Final = re.compile(r"\W+ (\d+) status changes: \W+ \d+ .+")


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one destination.

    *status_changes* is the sum of what the *messages* themselves say, *deferrals* how often a delivery was deferred,
    and *longest_delay_seconds* the time from an event to its message. A delivery is *lost* if no message tells of it
    and it is not *dead_lettered*; it is a duplicate if a second message tells of it.
    """

    destination: str
    deliveries: int
    messages: int
    status_changes: int
    deferrals: int
    dead_lettered: int
    lost: int
    duplicates: int
    longest_delay_seconds: float | None


def tally(timeline: Iterable[TimelineEntry]) -> tuple[Tally, ...]:
    """Count the entries of *timeline* for each destination."""
    received_at: defaultdict[str, dict[str, float]] = defaultdict(dict)
    delivered: defaultdict[str, list[Delivered]] = defaultdict(list)
    dead_lettered: defaultdict[str, set[str]] = defaultdict(set)
    deferrals: Counter[str] = Counter()
    for entry in timeline:
        match entry:
            case EventReceived(at_seconds, _, {"id": event_id, "destinations": destinations}):
                for destination in destinations:
                    received_at[destination][event_id] = at_seconds
            case Delivered():
                delivered[entry.destination].append(entry)
            case Deferred():
                deferrals[entry.destination] += len(entry.event_ids)
            case DeadLettered():
                dead_lettered[entry.destination] |= {*entry.event_ids}
    return tuple(
        _tally(name, received_at[name], delivered[name], deferrals[name], dead_lettered[name]) for name in received_at
    )


def status_changes(payload: Mapping[str, Any]) -> int:
    """Read from an email or a Slack message of how many changes it tells."""
    if "Subject" in payload:
        digest = EMAIL_DIGEST.fullmatch(payload["Subject"])
    else:
        digest = SLACK_DIGEST.fullmatch(payload.get("text", ""))
    return int(digest[1]) if digest else 1


def _tally(
    destination: str,
    received_at: Mapping[str, float],
    delivered: Sequence[Delivered],
    deferrals: int,
    dead_lettered: set[str],
) -> Tally:
    messages = [message for entry in delivered for message in entry.messages]
    # Backwards, so that the first message of an event counts.
    sent_at = {event_id: entry.at_seconds for entry in reversed(delivered) for event_id in entry.event_ids}
    changes = sum(status_changes(message.payload) for message in messages)
    missing = received_at.keys() - sent_at.keys() - dead_lettered
    return Tally(
        destination,
        deliveries=len(received_at),
        messages=len(messages),
        status_changes=changes,
        deferrals=deferrals,
        dead_lettered=len(dead_lettered),
        lost=len(missing) + max(len(sent_at) - changes, 0),
        duplicates=max(changes - len(sent_at), 0),
        longest_delay_seconds=max(
            (at - received_at.get(event_id, at) for event_id, at in sent_at.items()), default=None
        ),
    )
