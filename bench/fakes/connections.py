"""HTTP over kept connections in one thread, fast enough for a load test."""

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Final

from proton_notifier.fakes.server import FakeResponse, Request

HEAD_END: Final = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One client's connection; *respond* answers its requests.

    A request without a length has no body: none of the clients here sends chunks.
    """

    def __init__(self, respond: Callable[[Request], FakeResponse | Coroutine[None, None, FakeResponse]]) -> None:
        self._respond = respond
        self._received = b""
        self._loop = asyncio.get_running_loop()
        self._working: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - a TCP server's are
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self._received += data
        while request := self._request():
            answer = self._respond(request)
            if isinstance(answer, FakeResponse):
                self._loop.call_later(answer.delay_seconds, self._write, answer)
            else:
                task = self._loop.create_task(self._write_later(answer))
                self._working.add(task)
                task.add_done_callback(self._working.discard)

    def _request(self) -> Request | None:
        head, end, rest = self._received.partition(HEAD_END)
        if not end:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return Request(first.split(" ")[1], headers, rest[:length])

    async def _write_later(self, answer: Coroutine[None, None, FakeResponse]) -> None:
        self._write(await answer)

    def _write(self, answer: FakeResponse) -> None:
        body = answer.body.encode()
        headers = {"Content-Type": "text/plain", **answer.headers, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        reason = HTTPStatus(answer.status).phrase
        self._transport.write(f"HTTP/1.1 {answer.status} {reason}\r\n{head}\r\n".encode() + body)
