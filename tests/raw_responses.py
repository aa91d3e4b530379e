"""Responses of a fake that are no whole responses of HTTP."""

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from proton_notifier.fakes.server import FakeResponse


@dataclass(frozen=True, slots=True)
class RawResponse(FakeResponse):
    """*raw* as it is, byte for byte; a number in it is a pause in seconds. A server that *hangs_up* writes no more."""

    status: int = 0
    body: str = ""
    raw: Iterable[bytes | float] = ()
    hangs_up: bool = False

    def write(self, handler: BaseHTTPRequestHandler) -> None:
        """Write the parts, and then hang up."""
        for part in self.raw:
            handler.wfile.write(part) if isinstance(part, bytes) else time.sleep(part)
            handler.wfile.flush()
        if self.hangs_up:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
