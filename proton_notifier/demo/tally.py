"""Whether everything that came in was told, counted from what the destinations got."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from proton_notifier.demo.timeline import Arrived, DeadLettered, Deferred, Entered, Happening

# How a digest says of how many changes it tells; a single message's subject begins with a word, its text names a kind.
EMAIL_DIGEST: Final = re.compile(r"\d+ [A-Z].* \((\d+) status changes\)")
SLACK_DIGEST: Final = re.compile(r"\W+ (\d+) status changes: \W+ \d+ .+")


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the *deliveries* to one destination, each of which is one event's.

    *told* is what its *messages* say themselves, *put_off* how often a delivery came back, and *late_seconds* how long
    after its event the last one was out, if any was. *lost* are those of which nobody was told and which lie nowhere,
    and those that a message leaves out; *repeated* are those told more than once.
    """

    destination: str
    deliveries: int
    messages: int
    told: int
    put_off: int
    given_up: int
    lost: int
    repeated: int
    late_seconds: float | None

    @property
    def is_settled(self) -> bool:
        """Whether each delivery was told once, or lies where a person looks for it."""
        return not (self.lost or self.repeated)


def accounts(happenings: Iterable[Happening]) -> tuple[Account, ...]:
    """Reckon each destination's *happenings* up."""
    came_at: defaultdict[str, dict[str, float]] = defaultdict(dict)
    arrived: defaultdict[str, list[Arrived]] = defaultdict(list)
    given_up: defaultdict[str, set[str]] = defaultdict(set)
    put_off: Counter[str] = Counter()
    for happening in happenings:
        match happening:
            case Entered(at_seconds, _, {"id": event_id, "destinations": destinations}):
                for destination in destinations:
                    came_at[destination][event_id] = at_seconds
            case Arrived(destination=destination):
                arrived[destination].append(happening)
            case Deferred(destination=destination, event_ids=event_ids):
                put_off[destination] += len(event_ids)
            case DeadLettered(destination=destination, event_ids=event_ids):
                given_up[destination] |= {*event_ids}
    return tuple(
        _account(destination, came_at[destination], arrived[destination], put_off[destination], given_up[destination])
        for destination in came_at
    )


def changes_told(payload: Mapping[str, Any]) -> int:
    """Say of how many changes an email or a Slack message tells, by its own words."""
    match payload:
        case {"Subject": str(subject)}:
            found = EMAIL_DIGEST.fullmatch(subject)
        case _:
            found = SLACK_DIGEST.fullmatch(payload.get("text", ""))
    return int(found[1]) if found else 1


def _account(
    destination: str, came_at: Mapping[str, float], arrived: Sequence[Arrived], put_off: int, given_up: set[str]
) -> Account:
    messages = [message for each in arrived for message in each.messages]
    # Backwards, so that what came again counts as of the first time.
    sent = {event_id: each.at_seconds for each in reversed(arrived) for event_id in each.event_ids}
    told = sum(changes_told(message.payload) for message in messages)
    unaccounted = came_at.keys() - sent.keys() - given_up
    return Account(
        destination,
        len(came_at),
        len(messages),
        told,
        put_off,
        len(given_up),
        len(unaccounted) + max(len(sent) - told, 0),
        max(told - len(sent), 0),
        max((at - came_at.get(event_id, at) for event_id, at in sent.items()), default=None),
    )
