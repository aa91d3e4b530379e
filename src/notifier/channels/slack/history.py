"""The marks of a bot's messages, by which a later attempt finds in the channel's history what an earlier one posted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from notifier.channels.base import Receipt
from notifier.channels.destination import Destination
from notifier.channels.http.vendor import Response
from notifier.channels.slack.responses import check_bot
from notifier.model.notification import Notification

EVENT_TYPE: Final = "notifier_deliveries"
# Slack limits the size of metadata and does not document the limit; of a larger digest, the rest has no mark.
MARKS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a message."""

    event_type: str = ""
    event_payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the history."""

    ts: str
    metadata: Metadata = Metadata()


@dataclass(frozen=True, slots=True)
class History:
    """A page of the history."""

    messages: tuple[Message, ...]


def marks(notifications: tuple[Notification, ...], destination: Destination) -> Iterator[tuple[Notification, str]]:
    """Yield each notification with the mark of its delivery to *destination*."""
    for notification in notifications:
        yield notification, str(uuid5(NAMESPACE_URL, f"{notification.event_id}/{destination.name}"))


def identity(notifications: tuple[Notification, ...], destination: Destination) -> dict[str, Any]:
    """Write the arguments by which Slack, and `check_history`, can know a message again."""
    known = [mark for _notification, mark in marks(notifications, destination)]
    return {
        # One that Slack has seen may be posted once only; nothing relies on it.
        "client_msg_id": known[0] if len(known) == 1 else str(uuid5(NAMESPACE_URL, " ".join(known))),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"marks": " ".join(known[:MARKS_LIMIT])}},
    }


def check_history(response: Response, channel: str) -> Mapping[str, Receipt]:
    """Return the messages in *response* by mark; raise `DeliveryError` unless it is a success."""
    check_bot(response)
    try:
        history = msgspec.json.decode(response.text, type=History)
    except msgspec.DecodeError:
        return {}
    return {
        mark: Receipt(id=message.ts, place=channel)
        for message in history.messages
        if message.metadata.event_type == EVENT_TYPE
        for mark in str(message.metadata.event_payload.get("marks", "")).split()
    }
