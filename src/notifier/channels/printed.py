"""Messages written to the log instead of sent, for trying things out without an account."""

import sys
from collections.abc import Callable

from notifier.notifications import Notification


class PrintedChannel:
    """Prints what another channel would send, as *written* by it."""

    def __init__(self, written: Callable[[tuple[Notification, ...]], str]) -> None:
        self._written = written

    def send(self, notifications: tuple[Notification, ...], address: str) -> None:
        """Print *notifications* as they would go to *address*."""
        sys.stdout.write(f"\n--- would be sent to {address} ---\n{self._written(notifications)}\n---\n")
