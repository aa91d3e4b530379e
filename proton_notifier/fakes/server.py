"""The server of every fake, on loopback."""

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self

from jsonschema.protocols import Validator
from jsonschema.validators import validator_for


@dataclass(frozen=True, slots=True)
class Request:
    """One POST request; the names of *headers* are in lower case, *received_at* is on the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class FakeResponse:
    """The response to one request, sent *delay_seconds* after the request was received."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0

    def write(self, handler: BaseHTTPRequestHandler) -> None:
        """Write status, headers and body."""
        body = self.body.encode()
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class FakeServer(ABC):
    """Server at *url* for the type *channel*; it collects accepted *messages*, and the reasons of *rejections*.

    The next response in *responses* replaces the vendor's. While the server *is_down*, it answers with 503.
    *connections* counts the connections.
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
        """The address to post to."""
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secrets of a destination that sends here, by setting."""
        return {"webhook": self.url}

    def respond(self, request: Request) -> FakeResponse:
        """Answer *request* with a prepared response, or else as the vendor does."""
        if self.is_down:
            return FakeResponse(HTTPStatus.SERVICE_UNAVAILABLE, "")
        return self.responses.popleft() if self.responses else self.receive(request)

    @abstractmethod
    def receive(self, request: Request) -> FakeResponse:
        """Accept or reject *request* as the vendor does."""


def json_or_none(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse *body*; return None if it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def json_response(status: int, /, **fields: object) -> FakeResponse:
    """Make a response of JSON."""
    return FakeResponse(status, json.dumps(fields))


def schema_errors(channel: str, payload: object) -> list[str]:
    """List the errors of *payload*, with their places, by the schema of the type *channel*."""
    return [f"{error.json_path}: {error.message}" for error in _validator(channel).iter_errors(payload)]


@cache
def _validator(channel: str) -> Validator:
    schema = json.loads(Path(__file__).with_name(f"{channel}.schema.json").read_text("ascii"))
    return validator_for(schema)(schema)


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise a body waits for up to 40 milliseconds for the client's acknowledgement of the headers.
        disable_nagle_algorithm = True
        # Headers and body are sent together.
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def handle(self) -> None:
            # The functions may close the connection before the response.
            with suppress(OSError):
                super().handle()

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, self.rfile.read(int(headers["content-length"])))
            response = server.respond(request)
            response.write(self)  # into the buffer
            time.sleep(max(request.received_at + response.delay_seconds - time.monotonic(), 0))

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    return Handler
