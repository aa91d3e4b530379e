"""Fakes of Slack and AWS on loopback, with delays and errors on request."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from bench.fakes.aws import Queue, written_units
from proton_notifier.fakes.server import FakeResponse, FakeServer, Request

WRITES: Final = "rows written"
XML: Final[Mapping[str, str]] = {"Content-Type": "text/xml"}
RETRY_AFTER: Final[Mapping[str, str]] = {"Retry-After": "1"}
SNS_SUCCESS: Final = (
    "<{0}Response><{0}Result><TopicArn>arn:aws:sns:eu-west-1:123456789012:alerts</TopicArn>"
    "<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></{0}Result></{0}Response>"
)
SNS_ERROR: Final = "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Delays and errors of the fake.

    *slack_statuses* are Slack's next responses, *slack_interval_seconds* is the minimum time between two messages that
    Slack accepts. SNS fails during the first *sns_down_seconds*.
    """

    connect_seconds: float = 0
    slack_seconds: float = 0
    aws_seconds: float = 0
    slack_interval_seconds: float = 0
    slack_statuses: tuple[int, ...] = ()
    sns_down_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A request to Slack, SNS or the queue, and its response; *answered_at* is on the machine's monotonic clock."""

    answered_at: float
    status: int
    body: str

    @property
    def form(self) -> Mapping[str, str]:
        """The body, parsed as a form, which is SNS's format."""
        return dict(parse_qsl(self.body))

    @property
    def text(self) -> str:
        """The text that contains the number of events: an email with its subject, or the whole Slack message."""
        form = self.form
        return f"{form['Subject']}\n{form['Message']}" if "Subject" in form else self.body


def accepted(messages: Sequence[Message]) -> list[Message]:
    """Select the messages that were accepted."""
    return [message for message in messages if message.status == HTTPStatus.OK]


class FakeServices(FakeServer):
    """Fake of Slack and AWS; *slack*, *sns* and *queued* are the messages since `clear`, *calls* counts operations."""

    path = "/services/T00000000/B00000000/benchmark"

    def __init__(self) -> None:
        super().__init__()
        # The functions open up to 32 connections at once; with a full backlog, a connection waits for a second.
        self._server.socket.listen(128)
        self.endpoint = self.url.removesuffix(self.path)
        self.queue = Queue()
        self.calls: Counter[str] = Counter()
        self._operations: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "BatchWriteItem": self._write,
            "ChangeMessageVisibilityBatch": self.queue.change_visibility,
            "DeleteItem": self._write,
            "GetParameter": lambda _: {"__type": "ParameterNotFound"},
            "GetSecretValue": lambda _: {"SecretString": self.url},
            "PutItem": self._write,
            "SendMessageBatch": self.queue.send_batch,
        }
        self._connection = threading.local()
        self._message_came = threading.Condition()
        self._slack_accepted_at = float("-inf")
        self.configure(Behaviour())
        self.clear()

    def configure(self, behaviour: Behaviour) -> None:
        """Apply *behaviour* from now on."""
        self._behaviour = behaviour
        self._slack_statuses = [*behaviour.slack_statuses]
        self._sns_up_at = time.monotonic() + behaviour.sns_down_seconds

    def clear(self) -> None:
        """Forget the messages and the calls."""
        self.slack: list[Message] = []
        self.sns: list[Message] = []
        self.queued: list[Message] = []
        self.calls.clear()

    def wait_for_both(self, seconds: float) -> None:
        """Wait until Slack and SNS have accepted a message, for at most *seconds*."""
        with self._message_came:
            self._message_came.wait_for(lambda: accepted(self.slack) and accepted(self.sns), seconds)

    def receive(self, request: Request) -> FakeResponse:
        """Respond after a delay, which includes the connection time of a new connection."""
        # Each connection has its own thread.
        delay = 0 if hasattr(self._connection, "is_open") else self._behaviour.connect_seconds
        self._connection.is_open = True
        body = request.body.decode(errors="replace")
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        with self._message_came:
            if request.path.startswith("/services/"):
                delay += self._behaviour.slack_seconds
                messages, response = self.slack, self._slack_response(body)
            else:
                delay += self._behaviour.aws_seconds
                operation = operation or dict(parse_qsl(body)).get("Action", request.path)
                self.calls[operation] += 1
                messages = {"Publish": self.sns, "SendMessageBatch": self.queued}.get(operation, [])
                response = self._aws_response(operation, body)
            messages.append(Message(request.received_at + delay, response.status, body))
            self._message_came.notify_all()
        return replace(response, delay_seconds=delay)

    def _slack_response(self, body: str) -> FakeResponse:
        if self._slack_statuses:
            status = self._slack_statuses.pop(0)
            return FakeResponse(status, "no", RETRY_AFTER if status == HTTPStatus.TOO_MANY_REQUESTS else {})
        now = time.monotonic()
        if now - self._slack_accepted_at < self._behaviour.slack_interval_seconds:
            return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", RETRY_AFTER)
        try:
            json.loads(body)
        except ValueError:
            return FakeResponse(HTTPStatus.BAD_REQUEST, "invalid_payload")
        self._slack_accepted_at = now
        return FakeResponse(HTTPStatus.OK, "ok", {"Content-Type": "text/html"})

    def _aws_response(self, operation: str, body: str) -> FakeResponse:
        if operation in {"CreateTopic", "Publish"}:
            if time.monotonic() < self._sns_up_at:
                return FakeResponse(HTTPStatus.INTERNAL_SERVER_ERROR, SNS_ERROR, XML)
            return FakeResponse(HTTPStatus.OK, SNS_SUCCESS.format(operation), XML)
        if operation in self._operations:
            result = self._operations[operation](json.loads(body))
        else:
            self.rejections.append(operation)
            result = {"__type": "UnknownOperation"}
        status = HTTPStatus.BAD_REQUEST if "__type" in result else HTTPStatus.OK
        return FakeResponse(status, json.dumps(result), {"Content-Type": "application/x-amz-json-1.0"})

    def _write(self, request: dict[str, Any]) -> dict[str, Any]:
        """Count the write units; store no row, because a new event of a new resource meets every condition."""
        batches = request.get("RequestItems", {}).values()
        items = [put["PutRequest"]["Item"] for puts in batches for put in puts] or [request.get("Item", {})]
        self.calls[WRITES] += sum(map(written_units, items))
        # The functions require the consumed capacity as proof of a call.
        capacity = {"TableName": request.get("TableName", ""), "CapacityUnits": 1}
        return {"UnprocessedItems": {}} if batches else {"ConsumedCapacity": capacity}
