"""HTTP connections that keep the deadline and never take one response for that of another request.

http.client limits each read, not all reads together, and skips no interim response but 100. urllib3 gives the full
time-out to each address of a host. A slow stream of bytes, or many dead addresses, would delay a send for minutes.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.client import BadStatusLine, HTTPException, HTTPResponse, parse_headers
from ipaddress import ip_address
from ssl import SSLContext, SSLSocket
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError, ProxyError
from urllib3.util.ssl_ import create_urllib3_context

from notifier.channels.deadlines import deadline, remaining_seconds

# For all addresses of a host, a proxy and TLS together, so that enough time is left for the response: a request that
# ends without a response may be sent twice.
CONNECTING_SECONDS: Final = 10
# No real server sends as many. An endless stream would take the CPU from the other destinations.
INTERIM_LIMIT: Final = 20


def _timed(method: Callable[..., Any]) -> Callable[..., Any]:
    """Make *method* wait until the deadline or the socket's time-out, whichever is sooner."""

    def timed(sock: socket.socket, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as *method*
        # Changed only if necessary: each change lets another thread run first, for milliseconds.
        if (seconds := remaining_seconds()) < (sock.gettimeout() or 0):
            sock.settimeout(seconds)
        return method(sock, *arguments, **options)

    return timed


class TimedSocket(socket.socket):
    """Socket whose waits end at the deadline."""

    connect = _timed(socket.socket.connect)
    recv_into = _timed(socket.socket.recv_into)
    sendall = _timed(socket.socket.sendall)


class TimedTLS(SSLSocket):
    """TLS socket whose waits end at the deadline; its other methods read and write through these three."""

    do_handshake = _timed(SSLSocket.do_handshake)
    read = _timed(SSLSocket.read)
    send = _timed(SSLSocket.send)


@cache
def tls() -> SSLContext:
    """Load the certificates of the authorities once."""
    context = create_urllib3_context()
    context.sslsocket_class = TimedTLS
    context.load_default_certs()
    return context


class FinalResponse(HTTPResponse):
    """The final response to a request, after interim responses; no byte of it stays on a kept connection."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - http.client's own
        super().__init__(sock, *arguments, **options)
        self._sock = sock

    def begin(self) -> None:
        """Read status and headers; after an error, the next request gets a new connection."""
        super().begin()
        self.will_close |= self.status >= HTTPStatus.MULTIPLE_CHOICES

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(INTERIM_LIMIT):
            version, status, reason = super()._read_status()  # type: ignore[misc] # typeshed leaves it out
            if status >= HTTPStatus.OK:
                return version, status, reason
            if status == HTTPStatus.SWITCHING_PROTOCOLS:
                break
            parse_headers(self.fp)
        error_text = f"no final answer after {status}"
        raise BadStatusLine(error_text)

    def _close_conn(self) -> None:
        # Bytes after the response would be read as the next response. Without such bytes, a non-blocking read raises.
        with suppress(OSError):
            self._sock.settimeout(0)
            if self.fp.peek(1):
                # For TLS within a proxy's TLS, urllib3 wraps the socket.
                getattr(self._sock, "socket", self._sock).shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc] # typeshed leaves it out


class ProxyRefusedError(HTTPError):
    """The proxy refused CONNECT; the only argument is the status."""


class TimedConnection(HTTPConnection):
    """HTTP connection with timed sockets and final responses."""

    response_class = FinalResponse

    def connect(self) -> None:
        """Connect, through the proxy if there is one."""
        with deadline(CONNECTING_SECONDS):
            super().connect()

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that accepts."""
        try:
            addresses = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as unknown:
            raise NameResolutionError(self.host, self, socket.gaierror(*unknown.args)) from unknown
        error = OSError("no address")
        for family, kind, protocol, _, address in addresses:
            sock = TimedSocket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self.timeout)
                sock.connect(address)
            except OSError as failure:
                sock.close()
                error = failure
            else:
                return sock
        if isinstance(error, TimeoutError):
            raise ConnectTimeoutError(self, "too late") from error
        raise NewConnectionError(self, "not connected") from error

    def _tunnel(self) -> None:
        """Ask the proxy for a connection; http.client's own error would repeat the proxy's text and hide its status."""
        # Some versions of Python put an IPv6 address in brackets.
        host = (self._tunnel_host or "").strip("[]")
        target = f"{f'[{host}]' if ':' in host else host}:{self._tunnel_port}"
        try:
            self.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            with self.response_class(self.sock, method="CONNECT") as answer:
                answer.begin()
        except (HTTPException, OSError) as error:
            error_text = "CONNECT was not answered"
            raise ProxyError(error_text, error) from error
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise ProxyRefusedError(answer.status)
        self.sock.settimeout(self.timeout)


class TimedHTTPSConnection(TimedConnection, HTTPSConnection):
    """HTTPS connection with timed sockets."""

    def connect(self) -> None:
        """Connect and shake hands."""
        self.ssl_context = self.ssl_context or tls()
        super().connect()


class PrivateAddressError(HTTPError):
    """The name of a public host resolves to an address that is not public."""


class PublicConnection(TimedHTTPSConnection):
    """HTTPS connection that sends requests to public addresses only."""

    def connect(self) -> None:
        """Connect; raise `PrivateAddressError` before a request is written."""
        super().connect()
        address = ip_address(self.sock.getpeername()[0])
        if not address.is_global:
            error_text = f"{self.host} is at {address}"
            raise PrivateAddressError(error_text)
