"""SQS and DynamoDB as far as the two functions call them: each operation takes and returns a body in AWS's JSON."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil, inf
from typing import Any, Final

WRITES: Final = "rows written"
BASE64: Final = 3 / 4

Operation = Callable[[dict[str, Any]], dict[str, Any]]


def error(name: str, **fields: object) -> dict[str, Any]:
    """Make the body of the error *name*."""
    return {"__type": name, "message": name, **fields}


class Queue:
    """The queue of deliveries; its *records* by receipt handle have the form of Lambda's, with the fields in use."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self._visible_at: dict[str, float] = {}
        self.operations: Mapping[str, Operation] = {
            "ChangeMessageVisibilityBatch": self._change_visibility,
            "SendMessageBatch": self._send_batch,
        }

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Return up to *limit* visible messages, and hide them until their visibility is changed."""
        now = time.monotonic()
        visible = [record for handle, record in self.records.items() if self._visible_at[handle] <= now][:limit]
        for record in visible:
            self._visible_at[record["receiptHandle"]] = inf
            received = int(record["attributes"]["ApproximateReceiveCount"])
            record["attributes"]["ApproximateReceiveCount"] = str(received + 1)
        return visible

    def _send_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        for entry in request["Entries"]:
            handle = f"message-{len(self._visible_at) + 1}"
            self._visible_at[handle] = 0
            attributes = {"ApproximateReceiveCount": "0", "SentTimestamp": str(int(time.time() * 1_000))}
            self.records[handle] = {
                "messageId": handle,
                "receiptHandle": handle,
                "body": entry["MessageBody"],
                "attributes": attributes,
            }
        return _successful(request)

    def _change_visibility(self, request: dict[str, Any]) -> dict[str, Any]:
        for entry in request["Entries"]:
            self._visible_at[entry["ReceiptHandle"]] = time.monotonic() + entry["VisibilityTimeout"]
        return _successful(request)


def _successful(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}


class Tables:
    """The ledger and the memory: items by table and `id`; units of writing are added to *calls*."""

    def __init__(self, calls: Counter[str]) -> None:
        self._calls = calls
        self._items: dict[tuple[str, str], dict[str, Any]] = {}
        self.operations: Mapping[str, Operation] = {
            "BatchWriteItem": self._batch_write,
            "DeleteItem": self._delete,
            "PutItem": self._put,
        }

    def _put(self, request: dict[str, Any]) -> dict[str, Any]:
        key = request["TableName"], request["Item"]["id"]["S"]
        self._calls[WRITES] += _units(request["Item"])
        found = self._items.get(key, {})
        # The memory names the version that it replaces; any other condition requires a new item.
        version = request.get("ExpressionAttributeValues", {}).get(":before")
        if "ConditionExpression" in request and (found.get("v") != version if version else found):
            return error("ConditionalCheckFailedException", Item=found)
        self._items[key] = request["Item"]
        return _consumed(request)

    def _batch_write(self, request: dict[str, Any]) -> dict[str, Any]:
        for table, puts in request["RequestItems"].items():
            for put in puts:
                self._put({"TableName": table, **put["PutRequest"]})
        return {"UnprocessedItems": {}}

    def _delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self._calls[WRITES] += 1
        self._items.pop((request["TableName"], request["Key"]["id"]["S"]), None)
        return _consumed(request)


def _units(item: Mapping[str, Any]) -> int:
    """Count a unit for each kilobyte of names and values, and one for the index of what is due."""
    values = {name: next(iter(value.items())) for name, value in item.items()}
    size = sum(len(name) + len(text) * (BASE64 if kind == "B" else 1) for name, (kind, text) in values.items())
    return ceil(size / 1_024) + ("due" in item)


def _consumed(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the consumed capacity, which ledger and memory take as the proof of a call."""
    return {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 1}}
