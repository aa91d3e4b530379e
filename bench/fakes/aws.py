"""The state of the stand-in's SQS and DynamoDB, as far as a load test needs it."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import md5
from http import HTTPStatus
from typing import Any, Final

from proton_notifier.fakes.server import FakeResponse

JSON: Final[Mapping[str, str]] = {"Content-Type": "application/x-amz-json-1.0"}
# Longer than any run: a message becomes visible again only when its visibility was changed.
HIDDEN_SECONDS: Final = 360


def json_answer(body: Mapping[str, Any]) -> FakeResponse:
    """Answer 200 in AWS's JSON."""
    return FakeResponse(HTTPStatus.OK, json.dumps(body), JSON)


def error_answer(name: str, **fields: object) -> FakeResponse:
    """Answer 400 with the error *name*."""
    return FakeResponse(HTTPStatus.BAD_REQUEST, json.dumps({"__type": name, "message": name, **fields}), JSON)


class Queue:
    """Messages by SQS's rules of visibility; of the queue named deliveries alone they are kept."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, Any]] = {}
        self._visible_at: dict[str, float] = {}
        self._received: dict[str, int] = {}
        self._sent = 0
        self.operations: Mapping[str, Callable[[dict[str, Any]], FakeResponse]] = {
            "ChangeMessageVisibility": lambda request: self._change_visibility([request]),
            "ChangeMessageVisibilityBatch": lambda request: self._change_visibility(request["Entries"]),
            "DeleteMessageBatch": self._delete,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
        }

    def __len__(self) -> int:
        return len(self._records)

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Hide and return up to *limit* visible messages, in the form in which a function gets them."""
        now = time.monotonic()
        visible = [handle for handle, visible_at in self._visible_at.items() if visible_at <= now][:limit]
        for handle in visible:
            self._visible_at[handle] = now + HIDDEN_SECONDS
            self._received[handle] += 1
        return [
            {
                **self._records[handle],
                "attributes": {"ApproximateReceiveCount": str(self._received[handle])},
            }
            for handle in visible
        ]

    def delete(self, handles: Iterable[str]) -> None:
        """Delete messages that are done."""
        for handle in handles:
            for kept in (self._records, self._visible_at, self._received):
                kept.pop(handle, None)

    def _put(self, body: str) -> dict[str, str]:
        self._sent += 1
        handle = f"message-{self._sent}"
        digest = md5(body.encode(), usedforsecurity=False).hexdigest()
        self._visible_at[handle] = 0
        self._received[handle] = 0
        self._records[handle] = {
            "messageId": handle,
            "receiptHandle": handle,
            "body": body,
            "messageAttributes": {},
            "md5OfBody": digest,
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:deliveries",
            "awsRegion": "eu-west-1",
        }
        return {"MessageId": handle, "MD5OfMessageBody": digest}

    def _send(self, request: dict[str, Any]) -> FakeResponse:
        if request["QueueUrl"].endswith("/deliveries"):
            return json_answer(self._put(request["MessageBody"]))
        return json_answer({"MessageId": "dead-letter"})

    def _send_batch(self, request: dict[str, Any]) -> FakeResponse:
        sent = [{"Id": entry["Id"], **self._put(entry["MessageBody"])} for entry in request["Entries"]]
        return json_answer({"Successful": sent})

    def _change_visibility(self, entries: Sequence[Mapping[str, Any]]) -> FakeResponse:
        now = time.monotonic()
        for entry in entries:
            if entry["ReceiptHandle"] in self._visible_at:
                self._visible_at[entry["ReceiptHandle"]] = now + entry["VisibilityTimeout"]
        return _done(entries)

    def _delete(self, request: dict[str, Any]) -> FakeResponse:
        self.delete(entry["ReceiptHandle"] for entry in request["Entries"])
        return _done(request["Entries"])


def _done(entries: Sequence[Mapping[str, Any]]) -> FakeResponse:
    """Answer that each of a batch's *entries* succeeded; a call without a batch has no ids, and needs none."""
    return json_answer({"Successful": [{"Id": entry["Id"]} for entry in entries if "Id" in entry], "Failed": []})


class Table:
    """Rows by their `id`; a put with a condition needs a new `id`. *writes* counts the billed ones."""

    def __init__(self) -> None:
        self.writes = 0
        self._rows: dict[str, dict[str, Any]] = {}
        self.operations: Mapping[str, Callable[[dict[str, Any]], FakeResponse]] = {
            "BatchWriteItem": self._write,
            "DeleteItem": self._delete,
            "PutItem": self._put,
        }

    def _put(self, request: dict[str, Any]) -> FakeResponse:
        self.writes += 1
        key = request["Item"]["id"]["S"]
        if "ConditionExpression" in request and key in self._rows:
            return error_answer("ConditionalCheckFailedException", Item=self._rows[key])
        self._rows[key] = request["Item"]
        return _row_written(request)

    def _write(self, request: dict[str, Any]) -> FakeResponse:
        for requests in request["RequestItems"].values():
            for put in requests:
                self.writes += 1
                item = put["PutRequest"]["Item"]
                self._rows[item["id"]["S"]] = item
        return json_answer({"UnprocessedItems": {}})

    def _delete(self, request: dict[str, Any]) -> FakeResponse:
        self.writes += 1
        self._rows.pop(request["Key"]["id"]["S"], None)
        return _row_written(request)


def _row_written(request: Mapping[str, Any]) -> FakeResponse:
    """Answer with the capacity, which the ledger asks for as a proof."""
    return json_answer({"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 1}})
