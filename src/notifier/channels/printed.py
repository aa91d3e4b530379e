"""Print messages instead of sending them, for a try without an account."""

import json
import sys

from notifier.channels.base import Channel
from notifier.channels.destination import Destination
from notifier.model.notification import Notification


class PrintedChannel:
    """A channel that prints the messages of another type."""

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
