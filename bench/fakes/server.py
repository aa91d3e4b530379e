"""Slack and AWS for every subject, on loopback, in a process of its own: it counts, waits and fails as told.

`python -m bench.fakes.server` says its port in one line, and ends when its standard input does.
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

from bench.fakes.aws import Queues, Table, json_answer, refusal
from bench.fakes.connections import Connection
from bench.fakes.control import CONTROL, ROWS_WRITTEN, WEBHOOK_PATH, Conduct
from cli.stand_in import Answer, Request

HTML: Final[Mapping[str, str]] = {"Content-Type": "text/html"}
XML: Final[Mapping[str, str]] = {"Content-Type": "text/xml"}
SNS_RESULTS: Final[Mapping[str, str]] = {
    "CreateTopic": "<TopicArn>arn:aws:sns:eu-west-1:123456789012:alerts</TopicArn>",
    "Publish": "<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId>",
}
SNS_YES: Final = (
    '<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{action}Result>{result}</{action}Result>'
    "<ResponseMetadata><RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ResponseMetadata>"
    "</{action}Response>"
)
SNS_ERROR: Final = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type>'
    "<Code>InternalFailure</Code><Message>as told</Message></Error></ErrorResponse>"
)


class Site:
    """What was told and what arrived."""

    def __init__(self) -> None:
        self.port = 0
        self._reset()

    def _reset(self) -> None:
        self._conduct = Conduct()
        self._slack_answers: list[int] = []
        self._sns_well_at = float("-inf")
        self._taken_at = float("-inf")
        self._unknown: list[str] = []
        self._queues = Queues()
        self._table = Table()
        self._operations: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            **self._queues.operations,
            **self._table.operations,
            "GetParameter": lambda _: refusal("ParameterNotFound"),
            "GetParameterHistory": lambda _: refusal("ParameterNotFound"),
            "GetSecretValue": self._secret,
        }
        self._controls: Mapping[str, Callable[[Any], object]] = {
            "arrivals": lambda _: self._arrivals(),
            "conduct": self._behave,
            "delete": self._queues.delete,
            "forget": lambda _: self._forget(),
            "receive": self._queues.receive,
            "reset": lambda _: self._reset(),
            "waiting": lambda _: len(self._queues),
        }
        self._arrived = asyncio.Event()
        self._forget()

    def _forget(self) -> None:
        self._slack: list[tuple[float, int, str]] = []
        self._sns: list[tuple[float, int, dict[str, str]]] = []
        self._calls: Counter[str] = Counter()
        self._table.writes = 0

    def connected(self) -> Callable[[Request], Answer | Coroutine[None, None, Answer]]:
        """Answer the requests of a connection; the first one waits for as long as connecting would take."""
        fresh = [True]

        def respond(request: Request) -> Answer | Coroutine[None, None, Answer]:
            if request.path.startswith(CONTROL):
                return self._controlled(request)
            connecting = self._conduct.connect_seconds if fresh and fresh.pop() else 0
            if request.path.startswith("/services/"):
                return self._slack_answer(request, connecting)
            return self._aws_answer(request, connecting)

        return respond

    def _controlled(self, request: Request) -> Answer | Coroutine[None, None, Answer]:
        name, asked = request.path.removeprefix(CONTROL), json.loads(request.body)
        if name == "wait":
            return self._wait(**asked)
        return json_answer({"answer": self._controls[name](asked)})

    async def _wait(self, slack: int, sns: int, seconds: float) -> Answer:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._taken(self._slack) < slack or self._taken(self._sns) < sns:
                    self._arrived.clear()
                    await self._arrived.wait()
        return json_answer({"answer": None})

    @staticmethod
    def _taken(arrived: list[tuple[float, int, Any]]) -> int:
        return sum(status == HTTPStatus.OK for _, status, _ in arrived)

    def _behave(self, told: dict[str, Any]) -> None:
        self._conduct = Conduct(**told)
        self._slack_answers = [*self._conduct.slack_answers]
        self._sns_well_at = time.monotonic() + self._conduct.sns_down_seconds

    def _arrivals(self) -> dict[str, object]:
        return {
            "slack": self._slack,
            "sns": self._sns,
            "calls": {**self._calls, ROWS_WRITTEN: self._table.writes},
            "unknown": self._unknown,
        }

    def _slack_answer(self, request: Request, connecting: float) -> Answer:
        delay = connecting + self._conduct.slack_seconds
        answer = self._slack_judged(request.body)
        self._slack.append((time.monotonic() + delay, answer.status, request.body.decode(errors="replace")))
        self._arrived.set()
        return replace(answer, delay_seconds=delay)

    def _slack_judged(self, body: bytes) -> Answer:
        if self._slack_answers:
            status = self._slack_answers.pop(0)
            return Answer(status, "no", {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {})
        now = time.monotonic()
        if now - self._taken_at < self._conduct.slack_seconds_between:
            return Answer(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", {"Retry-After": "1"})
        try:
            json.loads(body)
        except ValueError:
            return Answer(HTTPStatus.BAD_REQUEST, "invalid_payload")
        self._taken_at = now
        return Answer(HTTPStatus.OK, "ok", HTML)

    def _aws_answer(self, request: Request, connecting: float) -> Answer:
        delay = connecting + self._conduct.aws_seconds
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in self._operations:
            self._calls[operation] += 1
            return replace(self._operations[operation](json.loads(request.body)), delay_seconds=delay)
        form = dict(parse_qsl(request.body.decode()))
        action = operation or form.get("Action", request.path)
        self._calls[action] += 1
        if action not in SNS_RESULTS:
            self._unknown.append(action)
            return refusal("UnknownOperation")
        status = HTTPStatus.INTERNAL_SERVER_ERROR if time.monotonic() < self._sns_well_at else HTTPStatus.OK
        if action == "Publish":
            self._sns.append((time.monotonic() + delay, status, form))
            self._arrived.set()
        body = SNS_ERROR if status != HTTPStatus.OK else SNS_YES.format(action=action, result=SNS_RESULTS[action])
        return Answer(status, body, XML, delay_seconds=delay)

    def _secret(self, asked: dict[str, Any]) -> Answer:
        webhook = f"http://127.0.0.1:{self.port}{WEBHOOK_PATH}"
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{asked['SecretId']}-AbCdEf"
        return json_answer({"ARN": arn, "Name": asked["SecretId"], "SecretString": webhook, "VersionId": "1" * 32})


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    site = Site()
    server = await loop.create_server(lambda: Connection(site.connected()), "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    print(site.port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    # select() waits for microseconds; what asyncio would take by itself, for whole milliseconds.
    waiting = asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(SelectSelector()))
    with suppress(KeyboardInterrupt), waiting as runner:
        runner.run(_serve())
