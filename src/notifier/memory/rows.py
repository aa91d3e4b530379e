"""The rows of the memory's table: an item, its version, its due time and its expiry."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import msgspec

from notifier.memory.items import Item

# As long as the ledger keeps a delivery; an open incident is kept longer.
CLOSED_SECONDS: Final = 60 * 24 * 60 * 60
OPEN_SECONDS: Final = 400 * 24 * 60 * 60
# DynamoDB takes keys of up to 2,048 bytes; the index contains the key, too.
KEY_LIMIT_BYTES: Final = 1_024
# An index takes 1,000 writes a second for one hash key, and a throttled index throttles its table.
SHARDS: Final = 8
UNREADABLE: Final = (LookupError, RecursionError, TypeError, ValueError, msgspec.DecodeError, zlib.error)


class UnreadableRowError(Exception):
    """A row holds no item of this version of the notifier."""


@dataclass(frozen=True, slots=True)
class Row:
    """The row *id* with its *item*, until *expires_at*, in seconds since 1970."""

    id: str
    item: Item
    expires_at: int

    @classmethod
    def of(cls, row_id: str, item: Item, now: float) -> Self:
        """Make the row of *item*, which is written *now*."""
        return cls(row_id, item, int(now) + (OPEN_SECONDS if item.incident else CLOSED_SECONDS))

    @classmethod
    def read(cls, row_id: str, attributes: Mapping[str, Any]) -> Self:
        """Read the row *row_id* from DynamoDB's *attributes*; raise `UnreadableRowError`."""
        try:
            if attributes["id"]["S"] != row_id:
                raise ValueError(attributes["id"]["S"])
            item = msgspec.json.decode(zlib.decompress(attributes["item"]["B"]), type=Item)
            return cls(row_id, item, int(attributes["expires_at"]["N"]))
        except UNREADABLE as error:
            message = f"not readable: {error!r}"
            raise UnreadableRowError(message) from error

    @property
    def attributes(self) -> dict[str, Any]:
        """DynamoDB's attributes; the row is in the index only while something is due."""
        shard = zlib.crc32(self.id.encode()) % SHARDS
        due_at = self.item.due_at
        return {
            "id": {"S": self.id},
            "v": {"N": str(self.item.version)},
            "item": {"B": zlib.compress(msgspec.json.encode(self.item))},
            "expires_at": {"N": str(self.expires_at)},
            **({"due": {"N": str(shard)}, "due_at": {"N": str(due_at)}} if due_at else {}),
        }


def row_id(key: str) -> str:
    """Return the id of the row of *key*; the id of an id is itself."""
    encoded = key.encode()
    return key if len(encoded) <= KEY_LIMIT_BYTES else hashlib.sha256(encoded).hexdigest()
