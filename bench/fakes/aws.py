"""The deliveries queue, with the operations that the two functions use, and DynamoDB's units for a written row."""

import time
from collections.abc import Mapping
from math import ceil, inf
from typing import Any, Final

BASE64: Final = 3 / 4


class Queue:
    """The deliveries queue; *records* are in the form of Lambda's events, by receipt handle.

    An operation takes and returns a body in AWS's JSON.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self._visible_at: dict[str, float] = {}

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Return up to *limit* visible messages, and hide them until their visibility is changed."""
        now = time.monotonic()
        visible = [record for handle, record in self.records.items() if self._visible_at[handle] <= now][:limit]
        for record in visible:
            self._visible_at[record["receiptHandle"]] = inf
            received = int(record["attributes"]["ApproximateReceiveCount"])
            record["attributes"]["ApproximateReceiveCount"] = str(received + 1)
        return visible

    def send_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Add the messages of *request*."""
        for entry in request["Entries"]:
            handle = f"message-{len(self._visible_at) + 1}"
            self._visible_at[handle] = 0
            attributes = {"ApproximateReceiveCount": "0", "SentTimestamp": str(int(time.time() * 1_000))}
            record = {"messageId": handle, "receiptHandle": handle, "body": entry["MessageBody"]}
            self.records[handle] = {**record, "attributes": attributes}
        return _successful(request)

    def change_visibility(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make each message of *request* visible again after its time-out."""
        for entry in request["Entries"]:
            self._visible_at[entry["ReceiptHandle"]] = time.monotonic() + entry["VisibilityTimeout"]
        return _successful(request)


def _successful(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}


def written_units(item: Mapping[str, Any]) -> int:
    """Count one unit for each kilobyte of names and values, and one for the index if the row is due."""
    values = {name: next(iter(value.items())) for name, value in item.items()}
    size = sum(len(name) + len(text) * (BASE64 if kind == "B" else 1) for name, (kind, text) in values.items())
    return max(ceil(size / 1_024), 1) + ("due" in item)
