"""What is to come into a rehearsal, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from proton_notifier.demo.feed import Entrance, entrance
from proton_notifier.localaws.bus import AT_ONCE, BusEvent
from proton_notifier.localaws.cloud import LocalCloud

# More than a message needs that is put off once: two batching windows, and the second that Slack asks for.
PAIR_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to come in, so many seconds after the beginning, how, and how many events these are."""

    at_seconds: float
    name: str
    enter: Entrance
    events: int = 1


def within_a_second(events: Sequence[BusEvent], cloud: LocalCloud) -> list[Entry]:
    """Plan for all of *events* to come over the bus of *cloud* within a second."""
    parts = [events[start : start + AT_ONCE] for start in range(0, len(events), AT_ONCE)]
    return [
        Entry(number / len(parts), "the storm", partial(cloud.put, *part), len(part))
        for number, part in enumerate(parts)
    ]


def one_a_second(samples: Mapping[str, object], cloud: LocalCloud) -> list[Entry]:
    """Plan for one of *samples*, which are events by name, to come into *cloud* each second."""
    return [Entry(number, name, entrance(event, cloud)[1]) for number, (name, event) in enumerate(samples.items())]


def two_at_a_time(samples: Mapping[str, object], cloud: LocalCloud) -> list[Entry]:
    """Plan for *samples* to come into *cloud* in pairs, each a second and two messages: three would be a digest."""
    return [
        replace(entry, at_seconds=number // 2 * PAIR_SECONDS + number % 2)
        for number, entry in enumerate(one_a_second(samples, cloud))
    ]
