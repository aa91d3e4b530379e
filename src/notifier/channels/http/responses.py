"""A vendor's endpoint, its responses, and the error of a failed response."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from notifier.channels.destination import DeliveryError, Reason, reason_for

ONE_WORD: Final = re.compile(r"\A([a-z_]{1,60})\Z")
# Vendors ask for seconds, at most minutes; a proxy may ask for days.
WAIT_LIMIT_SECONDS: Final = 60 * 60
HEADER_LIMIT: Final = 100
SECONDS: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Vendor:
    """The owner of a service: a name for people, and the service's hosts; ".x.com" allows all hosts below x.com.

    The first group of *error_code* is the part of a response that an error may repeat. *reasons* lists the documented
    error codes.
    """

    name: str
    hosts: frozenset[str]
    error_code: re.Pattern[str] = ONE_WORD
    reasons: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL to post to, and where it is configured ("the secret alerts")."""

    url: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Response:
    """A server's response; *retry_after_seconds* is the wait that the server asks for, if any."""

    status: int
    text: str = field(repr=False)
    retry_after_seconds: float | None

    @property
    def success(self) -> bool:
        """True if the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def response_error(vendor: Vendor, response: Response, code: str = "", reason: Reason | None = None) -> DeliveryError:
    """Make the error of a failed response.

    *code* is the vendor's error code or text, if the vendor's pattern does not find it; *reason* is its meaning.
    """
    # Another server's response may repeat the secret URL; the vendor's own error codes do not.
    found = vendor.error_code.search(response.text)
    code = code or (found[1] if found else "with an unknown body")
    error_text = f"{vendor.name} answered {response.status} {code}".rstrip()
    # A 2xx with an unknown body is probably a proxy's, whatever code is in it.
    listed = reason or (None if response.success else vendor.reasons.get(code))
    return DeliveryError(error_text, reason_for(response.status, listed), response.retry_after_seconds)


def retry_after_seconds(values: Sequence[str]) -> float | None:
    """Parse the *values* of the header Retry-After, seconds or a date; return the longest wait, if any."""
    waits = [wait for value in values if (wait := _seconds(value[:HEADER_LIMIT].strip())) is not None]
    return min(max(waits), WAIT_LIMIT_SECONDS) if waits else None


def _seconds(value: str) -> float | None:
    # A proxy may have joined several headers by commas.
    numbers = [part.strip() for part in value.split(",")]
    if all(map(SECONDS.fullmatch, numbers)):
        return max(map(float, numbers))
    try:
        date = parsedate_to_datetime(value)
        # HTTP dates are in UTC, even without a time zone.
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
    except (OverflowError, TypeError, ValueError):
        return None
    return max(wait.total_seconds(), 0)
