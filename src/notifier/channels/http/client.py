"""The HTTP client of the channels; it posts to allowed hosts only."""

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.util import Url, parse_url

from notifier.channels.deadlines import SEND_SECONDS, deadline
from notifier.channels.destination import PERMANENT, DeliveryError, Reason, reason_for
from notifier.channels.http.connections import (
    PrivateAddressError,
    ProxyRefusedError,
    PublicConnection,
    TimedConnection,
    TimedHTTPSConnection,
    tls,
)
from notifier.channels.http.responses import Endpoint, Response, Vendor, retry_after_seconds

# For each address and each read; the deadline of the send limits all of them together.
TIMEOUT: Final = Timeout(connect=3, read=7)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})

TIMEOUTS: Final = (ConnectTimeoutError, ReadTimeoutError, TimeoutError)

# A vendor's body comes at once; another server's body may never end. Slack's body repeats the bot's message: 50 blocks
# of 3,000 UTF-16 units, each of up to six bytes in JSON.
BODY_BYTES: Final = 1024 * 1024
BODY_SECONDS: Final = 3


class HttpClient:
    """HTTP client that posts JSON over kept connections to the vendors' hosts and to *allowed_hosts*.

    A URL must be https, and goes through *proxy* if there is one; http is only for loopback hosts in *allowed_hosts*.
    Without a proxy, a vendor's host must resolve to a public address. Redirects are not followed.
    """

    def __init__(self, allowed_hosts: frozenset[str], proxy: str | None = None) -> None:
        self._allowed_hosts = allowed_hosts
        self._plain = PoolManager()
        self._encrypted = ProxyManager(proxy, proxy_ssl_context=tls()) if proxy else PoolManager()

    def post(self, vendor: Vendor, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post *body*, which is JSON; raise `DeliveryError` if the host is not allowed or does not respond."""
        url = self._checked(vendor, endpoint)
        try:
            with deadline(SEND_SECONDS):
                response = self._pool(url).urlopen(
                    "POST",
                    url.request_uri,
                    body=body,
                    headers={"Content-Type": "application/json", **headers},
                    timeout=TIMEOUT,
                    retries=False,
                    redirect=False,
                    preload_content=False,
                    decode_content=False,
                )
                text = _read(response)
        except HTTPError as error:
            raise _transport_error(vendor, error) from error
        return Response(response.status, text, retry_after_seconds(response.headers.getlist("Retry-After")))

    def _pool(self, url: Url) -> HTTPConnectionPool:
        encrypted = url.scheme == "https"
        pools = self._encrypted if encrypted else self._plain
        pool = pools.connection_from_host(url.host, url.port, url.scheme)
        pool.ConnectionCls = TimedHTTPSConnection if encrypted else TimedConnection
        if encrypted and not pool.proxy and not matches(url.host or "", self._allowed_hosts):
            pool.ConnectionCls = PublicConnection
        return pool

    def _checked(self, vendor: Vendor, endpoint: Endpoint) -> Url:
        allowed = vendor.hosts | self._allowed_hosts
        url = parsed(endpoint.url)
        host = url.host or ""
        encrypted = url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK & self._allowed_hosts)
        if not encrypted or url.auth is not None or not matches(host, allowed):
            hosts = ", ".join(sorted(allowed)) or "a host that WebhookHosts lists"
            error_text = f"{endpoint.source} does not hold an https URL on {hosts}"
            raise DeliveryError(error_text, Reason.MISCONFIGURED)
        return url


@lru_cache
def parsed(url: str) -> Url:
    """Parse *url*; return an empty `Url` if that fails."""
    # An error that is raised here would keep the secret URL in its context.
    with suppress(LocationParseError):
        return parse_url(url)
    return Url()


def matches(host: str, allowed: frozenset[str]) -> bool:
    """Check whether *host* is in *allowed*, or below an entry that begins with a dot."""
    return host in allowed or any(host.endswith(entry) for entry in allowed if entry.startswith("."))


def _read(response: BaseHTTPResponse) -> str:
    """Read the body, in limited time and size; a truncated body ends with an ellipsis, so that it is no error code."""
    text, end = b"", "…"
    # The status is known already, so the end of the body does not matter.
    with deadline(BODY_SECONDS), suppress(HTTPError):
        while len(text) <= BODY_BYTES and (chunk := response.read1(BODY_BYTES, decode_content=False)):
            text += chunk
        end = ""
    # A connection with unread bytes is not kept.
    response.close()
    response.release_conn()
    return text[:BODY_BYTES].decode(errors="replace") + end


def _transport_error(vendor: Vendor, error: HTTPError) -> DeliveryError:
    match error:
        case PrivateAddressError():
            return DeliveryError(f"the address of {vendor.name} is not public: {error}", Reason.MISCONFIGURED)
        case ProxyRefusedError(args=(int(status),)):
            reason = reason_for(status, None)
            error_text = f"the proxy on the way to {vendor.name} answered {status} to CONNECT"
            # A proxy's status says nothing about the vendor's endpoint or the message.
            return DeliveryError(error_text, Reason.MISCONFIGURED if reason in PERMANENT else reason)
        case ProxyError():
            silent = f"the proxy on the way to {vendor.name}"
        case _:
            silent = vendor.name
    # urllib3 wraps a time-out while writing, or at a proxy.
    cause = error.args[-1] if isinstance(error, ProtocolError | ProxyError) else error
    # In urllib3, the error of a refused connection is a subclass of a connect time-out.
    late = isinstance(cause, TIMEOUTS) and not isinstance(cause, NewConnectionError)
    reason = Reason.TIMED_OUT if late else Reason.UNAVAILABLE
    return DeliveryError(f"{silent} did not answer: {type(cause).__name__}", reason)
