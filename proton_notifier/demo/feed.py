"""The path of an event into the stack: over the bus if possible."""

from collections.abc import Callable

from proton_notifier.localaws.bus import BusEvent
from proton_notifier.localaws.cloud import LocalCloud, Summary

# Puts something into the stack, and returns the responses of the first function.
Put = Callable[[], list[Summary]]


def feed(event: object, cloud: LocalCloud) -> tuple[str, Put]:
    """Choose how *event* enters *cloud*; return its path in words, and the function that takes it."""
    match event:
        case {"Records": [_, *_]} if records := bodies(event):
            return "from the queue between the functions", lambda: cloud.enqueue(*records)
        case {
            "source": str(source),
            "detail-type": str(kind),
            "detail": dict(detail),
            "resources": [*arns],
            "id": _,
        }:
            return "over the event bus", lambda: cloud.put_events(BusEvent(source, kind, detail, arns))
        case _:
            return "directly to the function, because its envelope is incomplete", lambda: cloud.accept(event)


def bodies(event: object) -> list[str]:
    """Return the bodies of a batch of SQS messages, or nothing if *event* is no such batch."""
    match event:
        case {"Records": [*records]} if all(isinstance(record, dict) and "body" in record for record in records):
            return [str(record["body"]) for record in records]
    return []
