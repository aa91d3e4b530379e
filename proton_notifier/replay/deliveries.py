"""Deliveries in the messages of a queue."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError


def readable_deliveries(bodies: Iterable[str]) -> Iterator[Delivery]:
    """Read the *bodies* that are deliveries."""
    for body in bodies:
        # The function logs a body that is no delivery, and the cloud has it among its failures.
        with suppress(UnreadableDeliveryError):
            yield Delivery.from_json(body)
