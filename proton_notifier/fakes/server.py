"""A vendor's server on loopback: what every fake shares, whatever it accepts."""

import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Request:
    """One POST; the names of *headers* are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class FakeResponse:
    """What a fake says to one request, after a delay or not at all.

    *raw*, if given, is written as it is instead of status, headers and body, byte for byte; a number in it is a pause
    in seconds.
    """

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    hangs_up: bool = False
    raw: Iterable[bytes | float] = ()


class FakeServer(ABC):
    """A server of one *path*; *url* is its address, *messages* what it took, *rejections* why it did not.

    A response in *responses* answers the next request in place of the vendor's. While it *is_down*, it answers
    with 503. *connections* counts the connections. *channel* is the type of channel that posts to it.
    """

    channel: ClassVar[str]
    path: ClassVar[str]

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.rejections: list[str] = []
        self.responses: deque[FakeResponse] = deque()
        self.connections = 0
        self.is_down = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    def respond(self, request: Request) -> FakeResponse:
        """Answer *request* as told, or else as the vendor would."""
        if self.is_down:
            return FakeResponse(HTTPStatus.SERVICE_UNAVAILABLE, "")
        return self.responses.popleft() if self.responses else self.receive(request)

    @abstractmethod
    def receive(self, request: Request) -> FakeResponse:
        """Answer *request* as the vendor would."""


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise a body waits for 40 milliseconds until the client has acknowledged the headers.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def handle(self) -> None:
            # Who asked did not wait for the answer, as the functions do not wait for ever.
            with suppress(OSError):
                super().handle()

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.respond(Request(self.path, headers, self.rfile.read(int(headers["content-length"]))))
            time.sleep(answer.delay_seconds)
            for part in answer.raw:
                self.wfile.write(part) if isinstance(part, bytes) else time.sleep(part)
            if answer.hangs_up:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            elif not answer.raw:
                self._write(answer)

        def _write(self, answer: FakeResponse) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: what arrived is in the fake's lists."""

    return Handler
