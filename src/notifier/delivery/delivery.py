"""A notification on its way to one destination."""

from dataclasses import dataclass
from typing import Self

import msgspec

from notifier.model.notification import Notification


class UnreadableDeliveryError(Exception):
    """A text is no delivery; the message names the place of the error and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for the destination of one name.

    A *silent* delivery takes the whole path, but its destination gets no message. A *root_only* one posts nothing: it
    edits the incident's first message. The *first* one about an incident has nothing to wait for.
    """

    notification: Notification
    destination: str
    silent: bool = False
    root_only: bool = False
    first: bool = False

    @property
    def id(self) -> str:
        """The id, which is the same each time for the same event and destination."""
        return f"{self.notification.event_id}/{self.destination}"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Parse the JSON of `to_json`; raise `UnreadableDeliveryError`."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise UnreadableDeliveryError(str(error)) from error

    def to_json(self) -> str:
        """Return the JSON for the queue."""
        return msgspec.json.encode(self).decode()
