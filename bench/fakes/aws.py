"""SQS and DynamoDB as far as the two functions call them: each operation takes and returns a body in AWS's JSON."""

import time
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

# Longer than any run: a received message is delivered again only if its visibility was changed.
VISIBILITY_TIMEOUT_SECONDS: Final = 360

Operation = Callable[[dict[str, Any]], dict[str, Any]]


def error(name: str, **fields: object) -> dict[str, Any]:
    """Make the body of the error *name*."""
    return {"__type": name, "message": name, **fields}


class Queue:
    """The queue of deliveries; its messages have the form of Lambda's records, with the fields that are used."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._records: dict[str, dict[str, Any]] = {}
        self._visible_at: dict[str, float] = {}
        self.operations: Mapping[str, Operation] = {
            "ChangeMessageVisibilityBatch": self._change_visibility,
            "DeleteMessageBatch": self._delete_batch,
            "SendMessage": lambda _: {"MessageId": "dead-letter"},
            "SendMessageBatch": self._send_batch,
        }

    def __len__(self) -> int:
        return len(self._records)

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Hide and return up to *limit* visible messages."""
        now = time.monotonic()
        handles = [handle for handle, visible_at in self._visible_at.items() if visible_at <= now][:limit]
        for handle in handles:
            self._visible_at[handle] = now + VISIBILITY_TIMEOUT_SECONDS
            attributes = self._records[handle]["attributes"]
            attributes["ApproximateReceiveCount"] = str(int(attributes["ApproximateReceiveCount"]) + 1)
        return [self._records[handle] for handle in handles]

    def delete(self, handles: Iterable[str]) -> None:
        """Delete messages by their receipt handles."""
        for handle in handles:
            self._records.pop(handle, None)
            self._visible_at.pop(handle, None)

    def _send_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Successful": [{"Id": entry["Id"], **self._send(entry["MessageBody"])} for entry in request["Entries"]]}

    def _send(self, body: str) -> dict[str, str]:
        handle = f"message-{next(self._numbers)}"
        self._visible_at[handle] = 0
        attributes = {"ApproximateReceiveCount": "0"}
        self._records[handle] = {"messageId": handle, "receiptHandle": handle, "body": body, "attributes": attributes}
        return {"MessageId": handle}

    def _change_visibility(self, request: dict[str, Any]) -> dict[str, Any]:
        now = time.monotonic()
        for entry in request["Entries"]:
            if entry["ReceiptHandle"] in self._visible_at:
                self._visible_at[entry["ReceiptHandle"]] = now + entry["VisibilityTimeout"]
        return _successful(request)

    def _delete_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        self.delete(entry["ReceiptHandle"] for entry in request["Entries"])
        return _successful(request)


def _successful(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}


class Table:
    """The ledger's table: items by `id`, which a put with a condition requires to be new."""

    def __init__(self) -> None:
        self.writes = 0
        self._items: dict[str, dict[str, Any]] = {}
        self.operations: Mapping[str, Operation] = {
            "BatchWriteItem": self._batch_write,
            "DeleteItem": self._delete,
            "PutItem": self._put,
        }

    def _put(self, request: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        key = request["Item"]["id"]["S"]
        if "ConditionExpression" in request and key in self._items:
            return error("ConditionalCheckFailedException", Item=self._items[key])
        self._items[key] = request["Item"]
        return _consumed(request)

    def _batch_write(self, request: dict[str, Any]) -> dict[str, Any]:
        items = [put["PutRequest"]["Item"] for puts in request["RequestItems"].values() for put in puts]
        self.writes += len(items)
        self._items |= {item["id"]["S"]: item for item in items}
        return {"UnprocessedItems": {}}

    def _delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        self._items.pop(request["Key"]["id"]["S"], None)
        return _consumed(request)


def _consumed(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the consumed capacity, which the ledger takes as the proof of a write."""
    return {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 1}}
