"""The stand-in's queue and ledger: as much of SQS and DynamoDB as a load tool has to keep."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import md5
from http import HTTPStatus
from typing import Any, Final

from cli.stand_in import Answer

JSON: Final[Mapping[str, str]] = {"Content-Type": "application/x-amz-json-1.0"}
# Longer than any run, so that a message comes back only when it was put off.
HIDDEN_SECONDS: Final = 360


def json_answer(said: Mapping[str, Any]) -> Answer:
    """Answer yes in AWS's JSON."""
    return Answer(HTTPStatus.OK, json.dumps(said), JSON)


def refusal(name: str, **more: object) -> Answer:
    """Answer no by the error *name*."""
    return Answer(HTTPStatus.BAD_REQUEST, json.dumps({"__type": name, "message": name, **more}), JSON)


class Queues:
    """Messages by SQS's rules of visibility; only what lies in the queue named deliveries is handed out."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, Any]] = {}
        self._visible_at: dict[str, float] = {}
        self._received: dict[str, int] = {}
        self._numbered = 0
        self.operations: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            "ChangeMessageVisibility": lambda asked: self._put_off([asked]),
            "ChangeMessageVisibilityBatch": lambda asked: self._put_off(asked["Entries"]),
            "DeleteMessageBatch": self._delete,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
        }

    def __len__(self) -> int:
        return len(self._records)

    def receive(self, most: int) -> list[dict[str, Any]]:
        """Hide and hand over up to *most* visible messages, as an event source mapping gives them to its function."""
        now = time.monotonic()
        visible = [handle for handle, moment in self._visible_at.items() if moment <= now][:most]
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
        """Forget messages that are done."""
        for handle in handles:
            for kept in (self._records, self._visible_at, self._received):
                kept.pop(handle, None)

    def _put(self, body: str) -> dict[str, str]:
        self._numbered += 1
        handle = f"message-{self._numbered}"
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

    def _send(self, asked: dict[str, Any]) -> Answer:
        if asked["QueueUrl"].endswith("/deliveries"):
            return json_answer(self._put(asked["MessageBody"]))
        return json_answer({"MessageId": "given-up"})

    def _send_batch(self, asked: dict[str, Any]) -> Answer:
        sent = [{"Id": entry["Id"], **self._put(entry["MessageBody"])} for entry in asked["Entries"]]
        return json_answer({"Successful": sent})

    def _put_off(self, entries: Sequence[Mapping[str, Any]]) -> Answer:
        now = time.monotonic()
        for entry in entries:
            if entry["ReceiptHandle"] in self._visible_at:
                self._visible_at[entry["ReceiptHandle"]] = now + entry["VisibilityTimeout"]
        return _done(entries)

    def _delete(self, asked: dict[str, Any]) -> Answer:
        self.delete(entry["ReceiptHandle"] for entry in asked["Entries"])
        return _done(asked["Entries"])


def _done(entries: Sequence[Mapping[str, Any]]) -> Answer:
    """Answer yes to each of a batch's *entries*; a call without a batch has no ids, and needs none."""
    return json_answer({"Successful": [{"Id": entry["Id"]} for entry in entries if "Id" in entry], "Failed": []})


class Table:
    """Rows by their `id`; a put with a condition wants a new one. *writes* counts what is billed."""

    def __init__(self) -> None:
        self.writes = 0
        self._rows: dict[str, dict[str, Any]] = {}
        self.operations: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            "BatchWriteItem": self._write,
            "DeleteItem": self._delete,
            "PutItem": self._put,
        }

    def _put(self, asked: dict[str, Any]) -> Answer:
        self.writes += 1
        key = asked["Item"]["id"]["S"]
        if "ConditionExpression" in asked and key in self._rows:
            return refusal("ConditionalCheckFailedException", Item=self._rows[key])
        self._rows[key] = asked["Item"]
        return _row_written(asked)

    def _write(self, asked: dict[str, Any]) -> Answer:
        for requests in asked["RequestItems"].values():
            for request in requests:
                self.writes += 1
                item = request["PutRequest"]["Item"]
                self._rows[item["id"]["S"]] = item
        return json_answer({"UnprocessedItems": {}})

    def _delete(self, asked: dict[str, Any]) -> Answer:
        self.writes += 1
        self._rows.pop(asked["Key"]["id"]["S"], None)
        return _row_written(asked)


def _row_written(asked: Mapping[str, Any]) -> Answer:
    """Answer yes, with the capacity that the ledger asks for as a proof."""
    return json_answer({"ConsumedCapacity": {"TableName": asked["TableName"], "CapacityUnits": 1}})
