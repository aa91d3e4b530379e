"""Posting to a webhook: where one may go, and what an answer means."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
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

from notifier.channels.deadlines import SEND_SECONDS, within
from notifier.channels.errors import PERMANENT, DeliveryError, Reason, judged
from notifier.channels.http.connections import (
    PrivateAddressError,
    ProxyRefusedError,
    PublicConnection,
    TimedConnection,
    TimedHTTPSConnection,
    tls,
)

# For an address, and for a read; the deadline of the send bounds all of them together.
TIMEOUT: Final = Timeout(connect=3, read=7)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})

TIMEOUTS: Final = (ConnectTimeoutError, ReadTimeoutError, TimeoutError)
# The vendors ask for seconds, at most minutes; a proxy that asks for days is not believed.
RETRY_AFTER_LIMIT_SECONDS: Final = 60 * 60
RETRY_AFTER_CHARACTERS: Final = 100
DELAY: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)

# The vendors' answers are short, and come at once; another server's may not be.
ANSWER_BYTES: Final = 64 * 1024
ANSWER_SECONDS: Final = 3

ONE_WORD: Final = re.compile(r"\A([a-z_]{1,60})\Z")


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whose webhooks they are: *name* for people; *hosts*, of which one with a dot before it stands for all below.

    The first group of *words* is what may be repeated of an answer that was no yes; *reasons* has those that are
    documented.
    """

    name: str
    hosts: frozenset[str]
    words: re.Pattern[str] = ONE_WORD
    reasons: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to post to, and where it was found ("the secret alerts")."""

    url: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; *retry_after_seconds* is when it asked to be tried again, if it did."""

    status: int
    text: str = field(repr=False)
    retry_after_seconds: float | None

    @property
    def success(self) -> bool:
        """Whether it was a yes of any kind."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Webhooks:
    """Posts over kept connections to the vendors' hosts, and to *listed* ones.

    An address has to be https, which goes through *proxy* if there is one; plain http is for listed loopback hosts.
    Without a proxy, a host that is not listed has to be at a public address. Redirects are not followed.
    """

    def __init__(self, listed: frozenset[str], proxy: str | None = None) -> None:
        self._listed = listed
        self._plain = PoolManager()
        self._encrypted = ProxyManager(proxy, proxy_ssl_context=tls()) if proxy else PoolManager()

    def post(self, vendor: Vendor, webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post *body*, which is JSON; raise `DeliveryError` if *webhook* may not be posted to or does not answer."""
        url = self._allowed(vendor, webhook)
        try:
            with within(SEND_SECONDS):
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
                text = _beginning(response)
        except HTTPError as error:
            raise _failure(vendor, error) from error
        return Answer(response.status, text, _retry_after_seconds(response.headers.getlist("Retry-After")))

    def _pool(self, url: Url) -> HTTPConnectionPool:
        pools = self._encrypted if url.scheme == "https" else self._plain
        pool = pools.connection_from_host(url.host, url.port, url.scheme)
        if url.scheme == "http":
            pool.ConnectionCls = TimedConnection
        elif pool.proxy or is_among(url.host or "", self._listed):
            pool.ConnectionCls = TimedHTTPSConnection
        else:
            pool.ConnectionCls = PublicConnection
        return pool

    def _allowed(self, vendor: Vendor, webhook: Webhook) -> Url:
        allowed = vendor.hosts | self._listed
        url = _parsed(webhook)
        host = url.host or ""
        encrypted = url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK & self._listed)
        if not encrypted or url.auth is not None or not is_among(host, allowed):
            hosts = ", ".join(sorted(allowed)) or "a host that WebhookHosts lists"
            message = f"{webhook.source} does not hold an https URL on {hosts}"
            raise DeliveryError(message, Reason.MISCONFIGURED)
        return url


def _beginning(response: BaseHTTPResponse) -> str:
    """Read what an answer says, in bounded time and size; a connection whose answer goes on is not kept.

    What breaks off ends in an ellipsis, so that it is no word of a vendor's.
    """
    text, end = b"", "…"
    # The status has been read, and is the answer, even if its words never end.
    with within(ANSWER_SECONDS), suppress(HTTPError):
        while len(text) <= ANSWER_BYTES and (chunk := response.read1(ANSWER_BYTES, decode_content=False)):
            text += chunk
        end = ""
    response.close()
    response.release_conn()
    return text[:ANSWER_BYTES].decode(errors="replace") + end


def _failure(vendor: Vendor, error: HTTPError) -> DeliveryError:
    """Make the error of a post without an answer."""
    match error:
        case PrivateAddressError():
            return DeliveryError(f"the address of {vendor.name} is not public: {error}", Reason.MISCONFIGURED)
        case ProxyRefusedError(args=(int(status),)):
            reason = judged(status, None)
            problem = f"the proxy on the way to {vendor.name} answered {status} to CONNECT"
            # It is no word of the vendor's: whether the webhook is still there, or the message good, is not known.
            return DeliveryError(problem, Reason.MISCONFIGURED if reason in PERMANENT else reason)
        case ProxyError():
            silent = f"the proxy on the way to {vendor.name}"
        case _:
            silent = vendor.name
    # A time-out while writing, or at a proxy, comes wrapped.
    cause = error.args[-1] if isinstance(error, ProtocolError | ProxyError) else error
    # urllib3 counts a refused connection, too, as one that took too long.
    late = isinstance(cause, TIMEOUTS) and not isinstance(cause, NewConnectionError)
    reason = Reason.TIMED_OUT if late else Reason.UNAVAILABLE
    return DeliveryError(f"{silent} did not answer: {type(cause).__name__}", reason)


def refusal(vendor: Vendor, answer: Answer, words: str | None = None, reason: Reason | None = None) -> DeliveryError:
    """Make the error of an answer that was no yes.

    *words* are the vendor's own in it, if they do not stand where most do, and *reason* is what they mean.
    """
    # Another server's answer may repeat the address, which is the secret; the vendor's own words do not.
    said = vendor.words.search(answer.text)
    word = words or (said[1] if said else None)
    told = f"in words that are not {vendor.name}'s" if word is None else word
    problem = f"{vendor.name} answered {answer.status} {told}".rstrip()
    # A success in words that are not those of a yes is probably a proxy's, whatever the word.
    listed = reason or (None if answer.success else vendor.reasons.get(word or ""))
    return DeliveryError(problem, judged(answer.status, listed), answer.retry_after_seconds)


def _parsed(webhook: Webhook) -> Url:
    # An error in flight would keep the address, which is the secret, in its context.
    with suppress(LocationParseError):
        return parse_url(webhook.url)
    return Url()


def is_among(host: str, hosts: frozenset[str]) -> bool:
    """Say whether *hosts* has *host*, or one with a dot before it that *host* is below."""
    return host in hosts or any(host.endswith(each) for each in hosts if each.startswith("."))


def _retry_after_seconds(fields: Sequence[str]) -> float | None:
    """Read Retry-After, which is seconds or a date; of several the longest, nothing if none makes sense."""
    waits = [wait for given in fields if (wait := _wait_seconds(given[:RETRY_AFTER_CHARACTERS].strip())) is not None]
    return min(max(waits), RETRY_AFTER_LIMIT_SECONDS) if waits else None


def _wait_seconds(given: str) -> float | None:
    # A proxy may have joined several fields by commas.
    numbers = [part.strip() for part in given.split(",")]
    if all(map(DELAY.fullmatch, numbers)):
        return max(map(float, numbers))
    try:
        date = parsedate_to_datetime(given)
        # HTTP's dates are of UTC, also in the form that does not say so.
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
    except (OverflowError, TypeError, ValueError):
        return None
    return max(wait.total_seconds(), 0)
