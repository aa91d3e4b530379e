"""The schedules of a simulation: the events that enter the stack, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Any, Final

from notifier.model.status_change import Severity
from proton_notifier.common.event_files import UnreadableEventError, compose_notification
from proton_notifier.demo.feed import Put, feed
from proton_notifier.fakes.server import FakeServer
from proton_notifier.localaws.bus import BATCH_LIMIT, BusEvent
from proton_notifier.localaws.cloud import LocalCloud, Summary

# Longer than a message needs that is deferred once: two batching windows, and the second that Slack asks for.
PAIR_SECONDS: Final = 15


class LoadError(Exception):
    """The event files do not give the load; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call of *put*, *at_seconds* after the start, which brings in so many *events*; without any, it is a notice."""

    at_seconds: float
    name: str
    put: Put
    events: int = 1


def failures(samples: Iterable[object], number: int) -> tuple[BusEvent, ...]:
    """Repeat the failures among *samples* until there are *number*, each of another resource."""
    found = [sample for sample in samples if isinstance(sample, dict) and _is_failure(sample)]
    if number and not found:
        message = "no event file holds a failure of which a storm could be made"
        raise LoadError(message)
    repeated = enumerate(islice(cycle(found), number), start=1)
    return tuple(_renamed(sample, f"{position:0{len(str(number))}}") for position, sample in repeated)


def storm(events: Sequence[BusEvent], cloud: LocalCloud) -> list[Step]:
    """Put all of *events* on the bus of *cloud* within a second."""
    parts = [events[start : start + BATCH_LIMIT] for start in range(0, len(events), BATCH_LIMIT)]
    return [
        Step(number / len(parts), "the storm", partial(cloud.put_events, *part), len(part))
        for number, part in enumerate(parts)
    ]


def sequence(samples: Mapping[str, object], cloud: LocalCloud, *, in_pairs: bool) -> list[Step]:
    """Feed one of *samples*, which are events by name, into *cloud* each second, or two each PAIR_SECONDS."""
    return [
        Step(number // 2 * PAIR_SECONDS + number % 2 if in_pairs else number, name, feed(event, cloud)[1])
        for number, (name, event) in enumerate(samples.items())
    ]


def outage(slack: FakeServer, seconds: float) -> list[Step]:
    """Let *slack* be down for the first *seconds*."""

    def switch(*, is_down: bool) -> list[Summary]:
        slack.is_down = is_down
        return []

    return [
        Step(0, "Slack goes down", partial(switch, is_down=True), events=0),
        Step(seconds, "Slack is up again", partial(switch, is_down=False), events=0),
    ]


def _is_failure(sample: Mapping[str, Any]) -> bool:
    """Return whether *sample* is a failure that the bus can carry, of a resource that can be renamed."""
    try:
        notification = compose_notification(sample)
    except UnreadableEventError:
        return False
    match sample:
        case {"source": str(), "detail-type": str(), "resources": [str(), *_], "detail": {"name": str(name)}}:
            # A resource without a key is known by its ARN.
            return notification.severity is Severity.FAILURE and name in (notification.key or name)
        case _:
            return False


def _renamed(sample: Mapping[str, Any], suffix: str) -> BusEvent:
    detail = {**sample["detail"], "name": f"{sample['detail']['name']}-{suffix}"}
    return BusEvent(sample["source"], sample["detail-type"], detail, [f"{arn}-{suffix}" for arn in sample["resources"]])
