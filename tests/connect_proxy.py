"""A proxy on loopback that connects for others."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext
from typing import Self


class ConnectProxy:
    """Writes *answer* to each CONNECT and, if that is a yes, passes on what comes; *heard* is what it read.

    It speaks TLS by *context*, and leads whatever is asked for to *target*.
    """

    def __init__(
        self,
        target: tuple[str, int],
        answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n",
        context: SSLContext | None = None,
    ) -> None:
        self.heard: list[bytes] = []
        self.passed: list[bytes] = []
        self._target = target
        self._answer = answer
        self._context = context
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads = [self._in_background(self._accept)]

    @property
    def url(self) -> str:
        """Its address, as the parameter has it."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for client in self._open:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._threads.append(self._in_background(self._serve, connection))

    def _serve(self, accepted: socket.socket) -> None:
        with suppress(OSError):
            client = self._context.wrap_socket(accepted, server_side=True) if self._context else accepted
            self._open.append(client)
            with client:
                asked = b""
                while not asked.endswith(b"\r\n\r\n"):
                    if not (read := client.recv(10_000)):
                        return
                    asked += read
                self.heard.append(asked)
                client.sendall(self._answer)
                if b" 200 " not in self._answer:
                    client.recv(1)
                    return
                with socket.create_connection(self._target) as server:
                    back = self._in_background(self._pass, server, client)
                    self._pass(client, server)
                    back.join(10)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while read := source.recv(10_000):
                self.passed.append(read)
                sink.sendall(read)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _in_background(work: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        return thread
