"""What arrives of an event that is fed into the local stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.notification import Notification
from proton_notifier.common.event_files import UnreadableEventError, notification_of, parse
from proton_notifier.common.text_files import UnreadableTextError, text_of
from proton_notifier.fakes.server import FakeServer
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.localaws.bus import BusEvent
from proton_notifier.localaws.cloud import LocalCloud, Summary

# Lets something into the stack; returns what the function that takes events answered, if it did.
Entrance = Callable[[], list[Summary]]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of one file, and the *way* it took into the stack."""

    exhibit: Exhibit
    way: str


def feed(file: Path, name: str, fakes: Mapping[str, FakeServer], cloud: LocalCloud) -> Arrived:
    """Feed *file* into *cloud*, and collect what *fakes* took, by the type of channel, and the mailbox."""
    failed = len(cloud.failures)
    taken = {channel: len(fake.messages) for channel, fake in fakes.items()}
    refused = {channel: len(fake.rejections) for channel, fake in fakes.items()}
    try:
        event = parse(text_of(file))
    except UnreadableTextError as error:
        return Arrived(Exhibit(name, None, errors=(str(error),)), "not read")
    way, enter = entrance(event, cloud)
    enter()
    cloud.event_source.hand_over_all()
    messages = (
        *(Message("sns", {"Subject": email.subject, "Message": email.body}) for email in cloud.emails()),
        *(Message(channel, payload) for channel, fake in fakes.items() for payload in fake.messages[taken[channel] :]),
    )
    rejections = (
        f"{channel} does not show it: {refusal}"
        for channel, fake in fakes.items()
        for refusal in fake.rejections[refused[channel] :]
    )
    return Arrived(Exhibit(name, event, _told(event), messages, (*cloud.failures[failed:], *rejections)), way)


def entrance(event: object, cloud: LocalCloud) -> tuple[str, Entrance]:
    """Choose how *event* gets into the stack: over the bus if it could come from there."""
    match event:
        case {"Records": [*records]} if bodies := _bodies(records):
            return "from the queue between the functions", lambda: cloud.enqueue(*bodies)
        case {
            "source": str(source),
            "detail-type": str(kind),
            "detail": dict(detail),
            "resources": [*arns],
            "id": _,
        }:
            return "over the event bus", lambda: cloud.put(BusEvent(source, kind, detail, arns))
        case _:
            return "straight to the function, for its envelope is incomplete", lambda: cloud.accept(event)


def _told(event: object) -> tuple[Notification, ...]:
    """Say what the messages are about; of what can be sent nowhere, nothing."""
    try:
        match event:
            case {"Records": [*records]} if bodies := _bodies(records):
                return tuple(Delivery.from_json(body).notification for body in bodies)
            case _:
                return (notification_of(event),)
    except (UnreadableDeliveryError, UnreadableEventError):
        return ()


def _bodies(records: list[object]) -> list[str]:
    """Take what SQS hands over out of its envelopes; empty if it is none of SQS's."""
    bodies = [str(record["body"]) for record in records if isinstance(record, dict) and "body" in record]
    return bodies if len(bodies) == len(records) else []
