"""Posting to a webhook: where one may go, and what an answer means."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from time import monotonic
from typing import Final

from urllib3 import BaseHTTPResponse, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationParseError, NewConnectionError, ReadTimeoutError
from urllib3.util import Url, parse_url

from notifier.failures import DeliveryError, Reason

TIMEOUT: Final = Timeout(connect=3, read=7)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})

# By the answer's status; others of 400 and more are rejections, of 500 and more unavailability.
REASONS: Final[Mapping[int, Reason]] = {
    HTTPStatus.UNAUTHORIZED: Reason.UNAUTHORISED,
    HTTPStatus.FORBIDDEN: Reason.UNAUTHORISED,
    HTTPStatus.NOT_FOUND: Reason.GONE,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMED_OUT,
    HTTPStatus.GONE: Reason.GONE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.RATE_LIMITED,
}
# urllib3 counts a refused connection, too, as one that took too long.
TIMEOUTS: Final = (ConnectTimeoutError, ReadTimeoutError)
# The vendors ask for seconds, at most minutes; a proxy that asks for days is not believed.
RETRY_AFTER_LIMIT_SECONDS: Final = 60 * 60
RETRY_AFTER_CHARACTERS: Final = 100

# The vendors' answers are short, and come at once; another server's may not be. A read that began in time may take
# its seven seconds.
ANSWER_BYTES: Final = 64 * 1024
ANSWER_SECONDS: Final = 3

ONE_WORD: Final = re.compile(r"\A([a-z_]{1,60})\Z")


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whose webhooks they are: *name* for people; *hosts*, of which one with a dot before it stands for all below.

    The first group of *words* is what may be repeated of an answer that was no yes.
    """

    name: str
    hosts: frozenset[str]
    words: re.Pattern[str] = ONE_WORD


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


class PrivateAddressError(HTTPError):
    """A public host's name led to an address that is not public."""


class PublicConnection(HTTPSConnection):
    """Says nothing to an address that only this network knows."""

    def connect(self) -> None:
        """Connect; raise `PrivateAddressError` before a request is written."""
        super().connect()
        address = ip_address(self.sock.getpeername()[0])
        if not address.is_global:
            message = f"{self.host} is at {address}"
            raise PrivateAddressError(message)


class PublicPool(HTTPSConnectionPool):
    """Kept connections to public addresses."""

    ConnectionCls = PublicConnection


class Webhooks:
    """Posts over kept connections to the vendors' hosts, and to *listed* ones.

    An address has to be https; plain http is for listed loopback hosts. A host that is not listed has to be at a
    public address. Redirects are not followed.
    """

    def __init__(self, listed: frozenset[str]) -> None:
        self._listed = listed
        self._to_listed = PoolManager()
        self._to_public = PoolManager()
        self._to_public.pool_classes_by_scheme = {"https": PublicPool}

    def post(self, vendor: Vendor, webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post *body*, which is JSON; raise `DeliveryError` if *webhook* may not be posted to or does not answer."""
        url = self._allowed(vendor, webhook)
        pools = self._to_listed if _is_among(url.host or "", self._listed) else self._to_public
        try:
            response = pools.connection_from_host(url.host, url.port, url.scheme).urlopen(
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
        except PrivateAddressError as error:
            problem = f"the address of {vendor.name} is not public: {error}"
            raise DeliveryError(problem, Reason.MISCONFIGURED) from error
        except HTTPError as error:
            problem = f"{vendor.name} did not answer: {type(error).__name__}"
            late = isinstance(error, TIMEOUTS) and not isinstance(error, NewConnectionError)
            raise DeliveryError(problem, Reason.TIMED_OUT if late else Reason.UNAVAILABLE) from error
        return Answer(response.status, text, _retry_after_seconds(response.headers))

    def _allowed(self, vendor: Vendor, webhook: Webhook) -> Url:
        allowed = vendor.hosts | self._listed
        url = _parsed(webhook)
        host = url.host or ""
        encrypted = url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK & self._listed)
        if not encrypted or url.auth is not None or not _is_among(host, allowed):
            hosts = ", ".join(sorted(allowed)) or "a host that WebhookHosts lists"
            message = f"{webhook.source} does not hold an https URL on {hosts}"
            raise DeliveryError(message, Reason.MISCONFIGURED)
        return url


def _beginning(response: BaseHTTPResponse) -> str:
    """Read what an answer says, in bounded time and size; a connection whose answer goes on is not kept."""
    deadline = monotonic() + ANSWER_SECONDS
    text = b""
    while chunk := response.read1(ANSWER_BYTES, decode_content=False):
        text += chunk
        if len(text) > ANSWER_BYTES or monotonic() > deadline:
            response.close()
            break
    response.release_conn()
    return text[:ANSWER_BYTES].decode(errors="replace")


def refusal(vendor: Vendor, answer: Answer, reason: Reason | None = None) -> DeliveryError:
    """Make the error of an answer that was no yes; without *reason*, its status has one."""
    # Another server's answer may repeat the address, which is the secret; the vendor's own words do not.
    said = vendor.words.search(answer.text)
    words = said[1] if said else f"in words that are not {vendor.name}'s"
    problem = f"{vendor.name} answered {answer.status} {words}".rstrip()
    return DeliveryError(problem, reason or _reason(answer.status), answer.retry_after_seconds)


def _reason(status: int) -> Reason:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.MULTIPLE_CHOICES:
        # Whatever said yes in other words than the vendor's may be something in between.
        return Reason.UNAVAILABLE
    if status < HTTPStatus.BAD_REQUEST:
        return Reason.MISCONFIGURED
    return REASONS.get(status, Reason.REJECTED)


def _parsed(webhook: Webhook) -> Url:
    # An error in flight would keep the address, which is the secret, in its context.
    with suppress(LocationParseError):
        return parse_url(webhook.url)
    return Url()


def _is_among(host: str, hosts: frozenset[str]) -> bool:
    return host in hosts or any(host.endswith(each) for each in hosts if each.startswith("."))


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, which is seconds or a date; nothing if it is absent or neither."""
    given = headers.get("Retry-After", "")[:RETRY_AFTER_CHARACTERS]
    if not given:
        return None  # as in every yes, which need not wait for a parser of dates to fail
    if given.isdecimal():
        return min(int(given), RETRY_AFTER_LIMIT_SECONDS)
    try:
        wait = parsedate_to_datetime(given) - datetime.now(UTC)
    except (OverflowError, TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0), RETRY_AFTER_LIMIT_SECONDS)
