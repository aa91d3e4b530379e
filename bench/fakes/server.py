"""The stand-in: Slack and AWS on loopback, in a process of its own, with delays and errors on request.

`python -m bench.fakes.server` prints its port, and ends when its standard input ends.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from selectors import SelectSelector
from typing import Any, Final
from urllib.parse import parse_qsl

from bench.fakes.aws import Queue, Table, error_answer, json_answer
from bench.fakes.connections import Connection
from bench.fakes.control import CONTROL, ROWS_WRITTEN, WEBHOOK_PATH, Behaviour
from proton_notifier.fakes.server import FakeResponse, Request

HTML: Final[Mapping[str, str]] = {"Content-Type": "text/html"}
XML: Final[Mapping[str, str]] = {"Content-Type": "text/xml"}
SNS_RESULTS: Final[Mapping[str, str]] = {
    "CreateTopic": "<TopicArn>arn:aws:sns:eu-west-1:123456789012:alerts</TopicArn>",
    "Publish": "<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId>",
}
SNS_SUCCESS: Final = (
    '<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{action}Result>{result}</{action}Result>'
    "<ResponseMetadata><RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ResponseMetadata>"
    "</{action}Response>"
)
SNS_ERROR: Final = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type>'
    "<Code>InternalFailure</Code><Message>as configured</Message></Error></ErrorResponse>"
)


class Services:
    """Slack and AWS, with their configuration and the requests so far."""

    def __init__(self) -> None:
        self.port = 0
        self._reset()

    def _reset(self) -> None:
        self._behaviour = Behaviour()
        self._slack_answers: list[int] = []
        self._sns_up_at = float("-inf")
        self._accepted_at = float("-inf")
        self._unknown: list[str] = []
        self._queue = Queue()
        self._table = Table()
        self._operations: Mapping[str, Callable[[dict[str, Any]], FakeResponse]] = {
            **self._queue.operations,
            **self._table.operations,
            "GetParameter": lambda _: error_answer("ParameterNotFound"),
            "GetParameterHistory": lambda _: error_answer("ParameterNotFound"),
            "GetSecretValue": self._secret,
        }
        self._controls: Mapping[str, Callable[[Any], object]] = {
            "behaviour": self._configure,
            "clear_requests": lambda _: self._clear_requests(),
            "delete": self._queue.delete,
            "queue_length": lambda _: len(self._queue),
            "receive": self._queue.receive,
            "requests": lambda _: self._requests(),
            "reset": lambda _: self._reset(),
        }
        self._message_came = asyncio.Event()
        self._clear_requests()

    def _clear_requests(self) -> None:
        self._slack: list[tuple[float, int, str]] = []
        self._sns: list[tuple[float, int, dict[str, str]]] = []
        self._calls: Counter[str] = Counter()
        self._table.writes = 0

    def connection(self) -> Callable[[Request], FakeResponse | Coroutine[None, None, FakeResponse]]:
        """Return a new connection's answers; the first answer is delayed by the time of connecting."""
        connected = False

        def respond(request: Request) -> FakeResponse | Coroutine[None, None, FakeResponse]:
            nonlocal connected
            if request.path.startswith(CONTROL):
                return self._control_answer(request)
            connecting_seconds = 0 if connected else self._behaviour.connect_seconds
            connected = True
            if request.path.startswith("/services/"):
                return self._slack_answer(request, connecting_seconds)
            return self._aws_answer(request, connecting_seconds)

        return respond

    def _control_answer(self, request: Request) -> FakeResponse | Coroutine[None, None, FakeResponse]:
        name, argument = request.path.removeprefix(CONTROL), json.loads(request.body)
        if name == "wait_for":
            return self._wait_for(**argument)
        return json_answer({"answer": self._controls[name](argument)})

    async def _wait_for(self, slack: int, sns: int, seconds: float) -> FakeResponse:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._accepted(self._slack) < slack or self._accepted(self._sns) < sns:
                    self._message_came.clear()
                    await self._message_came.wait()
        return json_answer({"answer": None})

    @staticmethod
    def _accepted(messages: list[tuple[float, int, Any]]) -> int:
        return sum(status == HTTPStatus.OK for _, status, _ in messages)

    def _configure(self, behaviour: dict[str, Any]) -> None:
        self._behaviour = Behaviour(**behaviour)
        self._slack_answers = [*self._behaviour.slack_answers]
        self._sns_up_at = time.monotonic() + self._behaviour.sns_down_seconds

    def _requests(self) -> dict[str, object]:
        return {
            "slack": self._slack,
            "sns": self._sns,
            "calls": {**self._calls, ROWS_WRITTEN: self._table.writes},
            "unknown": self._unknown,
        }

    def _slack_answer(self, request: Request, connecting_seconds: float) -> FakeResponse:
        delay = connecting_seconds + self._behaviour.slack_seconds
        answer = self._slack_verdict(request.body)
        self._slack.append((time.monotonic() + delay, answer.status, request.body.decode(errors="replace")))
        self._message_came.set()
        return replace(answer, delay_seconds=delay)

    def _slack_verdict(self, body: bytes) -> FakeResponse:
        if self._slack_answers:
            status = self._slack_answers.pop(0)
            return FakeResponse(status, "no", {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {})
        now = time.monotonic()
        if now - self._accepted_at < self._behaviour.slack_seconds_between:
            return FakeResponse(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", {"Retry-After": "1"})
        try:
            json.loads(body)
        except ValueError:
            return FakeResponse(HTTPStatus.BAD_REQUEST, "invalid_payload")
        self._accepted_at = now
        return FakeResponse(HTTPStatus.OK, "ok", HTML)

    def _aws_answer(self, request: Request, connecting_seconds: float) -> FakeResponse:
        delay = connecting_seconds + self._behaviour.aws_seconds
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in self._operations:
            self._calls[operation] += 1
            return replace(self._operations[operation](json.loads(request.body)), delay_seconds=delay)
        form = dict(parse_qsl(request.body.decode()))
        action = operation or form.get("Action", request.path)
        self._calls[action] += 1
        if action not in SNS_RESULTS:
            self._unknown.append(action)
            return error_answer("UnknownOperation")
        status = HTTPStatus.INTERNAL_SERVER_ERROR if time.monotonic() < self._sns_up_at else HTTPStatus.OK
        if action == "Publish":
            self._sns.append((time.monotonic() + delay, status, form))
            self._message_came.set()
        body = SNS_ERROR if status != HTTPStatus.OK else SNS_SUCCESS.format(action=action, result=SNS_RESULTS[action])
        return FakeResponse(status, body, XML, delay_seconds=delay)

    def _secret(self, request: dict[str, Any]) -> FakeResponse:
        webhook = f"http://127.0.0.1:{self.port}{WEBHOOK_PATH}"
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{request['SecretId']}-AbCdEf"
        return json_answer({"ARN": arn, "Name": request["SecretId"], "SecretString": webhook, "VersionId": "1" * 32})


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    services = Services()
    server = await loop.create_server(lambda: Connection(services.connection()), "127.0.0.1", 0)
    services.port = server.sockets[0].getsockname()[1]
    print(services.port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    # select() waits for microseconds, asyncio's default selector for whole milliseconds.
    precise = asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(SelectSelector()))
    with suppress(KeyboardInterrupt), precise as runner:
        runner.run(_serve())
