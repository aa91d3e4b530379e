"""The mode `print`: messages go to standard output, and nothing goes to AWS."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence

from notifier.channels.base import Channel, Sender
from notifier.channels.destination import Destination
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Row
from notifier.delivery.outcomes import DeadLettered, Deferred, Sent
from notifier.model.notification import Notification


class PrintingChannel:
    """A channel that prints the messages of another type."""

    ordered = False

    def __init__(self, channel_type: type[Channel]) -> None:
        self.max_batch = channel_type.max_batch
        self._channel_type = channel_type

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Print the message of *notifications* to *destination*."""
        message = self._channel_type.message(notifications, destination)
        # An email is easier to read as text.
        text = (
            f"Subject: {message['Subject']}\n\n{message['Message']}"
            if "Subject" in message
            else json.dumps(message, indent=2, ensure_ascii=False)
        )
        sys.stdout.write(f"\n--- would be sent to {destination.name} ---\n{text}\n---\n")


class PrintingQueue:
    """Prints deliveries instead of queuing them; *sender* returns the sender to a destination."""

    def __init__(self, sender: Callable[[str], Sender]) -> None:
        self._sender = sender

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Print each of *deliveries* that has a message of its own."""
        for delivery in deliveries:
            if not (delivery.silent or delivery.root_only):
                self._sender(delivery.destination).send((delivery.notification,))

    def defer(self, _delays: Mapping[str, int], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""

    def delete(self, _handles: Sequence[str], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""


class NullLedger:
    """Grants every claim and remembers nothing."""

    def claim(self, _delivery_id: str) -> Sent | Deferred | None:
        """Grant the claim."""
        return None

    def mark_sent(self, *_delivery_ids: str, rows: Sequence[Row] = ()) -> None:
        """Do nothing."""

    def release(self, _delivery_id: str) -> None:
        """Do nothing."""


class PrintingWiring:
    """The wiring of the function that delivers, without AWS."""

    def ledger(self, _owner: str) -> NullLedger:
        """Make a ledger that grants every claim."""
        return NullLedger()

    def dead_letter(self, _body: str, _attempts: int, outcome: DeadLettered) -> Deferred:
        """Defer the delivery, so that the response reports it as failed."""
        return Deferred(0, outcome.why, outcome.reason)

    def channel(self, channel_type: type[Channel]) -> PrintingChannel:
        """Make a channel that prints its messages."""
        return PrintingChannel(channel_type)
