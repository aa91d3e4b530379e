"""Messages written to the log instead of sent, for trying things out without an account."""

import json
import sys

from notifier.channels.base import Channel
from notifier.channels.destination import Destination
from notifier.model.notification import Notification


class PrintedChannel:
    """Prints what a channel of another type would send."""

    def __init__(self, instead_of: type[Channel]) -> None:
        self.max_batch = instead_of.max_batch
        self._instead_of = instead_of

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Print *notifications* as they would go to *destination*."""
        message = self._instead_of.message(notifications, destination)
        # An email is easier to read as itself.
        written = (
            f"Subject: {message['Subject']}\n\n{message['Message']}"
            if "Subject" in message
            else json.dumps(message, indent=2, ensure_ascii=False)
        )
        sys.stdout.write(f"\n--- would be sent to {destination.name} ---\n{written}\n---\n")
