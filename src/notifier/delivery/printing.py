"""The mode `print`: messages go to standard output, and nothing goes to AWS."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notifier.channels import channel_type
from notifier.channels.base import Channel, Notifications
from notifier.channels.destination import Destination
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Ledger, LedgerRow
from notifier.delivery.outcomes import DeadLettered, Deferred, Sent


class PrintingChannel(Channel):
    """Channel that prints the messages of another channel type."""

    def __init__(self, channel_class: type[Channel], destination: Destination) -> None:
        self.destination = destination
        self.max_batch = channel_class.max_batch

    @staticmethod
    def message(notifications: Notifications, destination: Destination) -> Mapping[str, Any]:
        """Render as the destination's channel type does."""
        return channel_type(destination.channel).message(notifications, destination)

    def send(self, notifications: Notifications) -> None:
        """Print the message of *notifications*."""
        message = self.message(notifications, self.destination)
        text = json.dumps(message, indent=2, ensure_ascii=False)
        # An email is easier to read as text.
        if "Subject" in message:
            text = f"Subject: {message['Subject']}\n\n{message['Message']}"
        sys.stdout.write(f"\n--- would be sent to {self.destination.name} ---\n{text}\n---\n")


class PrintingQueue:
    """Prints deliveries instead of queuing them; *channel_to* opens the channel to a destination."""

    def __init__(self, channel_to: Callable[[str], Channel]) -> None:
        self._channel_to = channel_to

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Print each of *deliveries* that has a message of its own."""
        for delivery in deliveries:
            if not (delivery.silent or delivery.root_only):
                self._channel_to(delivery.destination).send((delivery.notification,))

    def defer(self, _delays: Mapping[str, int], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""

    def delete(self, _handles: Sequence[str], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""


class NullLedger(Ledger):
    """Ledger that grants every claim and stores nothing."""

    def __init__(self, _owner: str) -> None:
        """Open no table."""

    def claim(self, _delivery_id: str) -> Sent | Deferred | None:
        """Grant the claim."""
        return None

    def mark_sent(self, *_delivery_ids: str, rows: Sequence[LedgerRow] = ()) -> None:
        """Do nothing."""

    def release(self, _delivery_id: str) -> None:
        """Do nothing."""


class PrintingWiring:
    """The wiring of the delivery function, without AWS."""

    ledger = NullLedger
    channel = PrintingChannel

    def dead_letter(self, _body: str, _attempts: int, outcome: DeadLettered) -> Deferred:
        """Defer the delivery, so that the response reports it as failed."""
        return Deferred(0, outcome.why, outcome.reason)
