"""A notification on its way to one destination."""

from dataclasses import dataclass
from typing import Self

import msgspec

from notifier.model.notification import Notification


class UnreadableDeliveryError(Exception):
    """A text is no delivery; the message says where it differs, and repeats nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one destination, by name.

    A *silent* one goes the whole way but for the last step: the destination gets no message.
    """

    notification: Notification
    destination: str
    silent: bool = False

    @property
    def id(self) -> str:
        """The same for the same event and destination, whoever makes it and however often."""
        return f"{self.notification.event_id}/{self.destination}"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a delivery as `to_json` writes it; raise `UnreadableDeliveryError`."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise UnreadableDeliveryError(str(error)) from error

    def to_json(self) -> str:
        """Write the delivery as it travels through the queue."""
        return msgspec.json.encode(self).decode()
