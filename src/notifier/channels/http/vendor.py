"""A vendor's endpoint, its responses, and the error of a response that is no success."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from notifier.channels.errors import DeliveryError, Reason, reason_for

ONE_WORD: Final = re.compile(r"\A([a-z_]{1,60})\Z")


@dataclass(frozen=True, slots=True)
class Vendor:
    """The owner of a service: a name for people, and the hosts of its service, where ".x.com" allows all below x.com.

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
    """A server's response; *retry_after_seconds* is the wait that it asks for, if any."""

    status: int
    text: str = field(repr=False)
    retry_after_seconds: float | None

    @property
    def success(self) -> bool:
        """True if the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def response_error(
    vendor: Vendor, response: Response, code: str | None = None, reason: Reason | None = None
) -> DeliveryError:
    """Make the error of a response that is no success.

    *code* is the vendor's error code or text, if the vendor's pattern does not find it; *reason* is its meaning.
    """
    # Another server's response may repeat the URL, which is the secret; the vendor's own error codes do not.
    found = vendor.error_code.search(response.text)
    code = code or (found[1] if found else None)
    repeated = "with an unknown body" if code is None else code
    error_text = f"{vendor.name} answered {response.status} {repeated}".rstrip()
    # A 2xx with an unknown body is probably a proxy's, whatever code is in it.
    listed = reason or (None if response.success else vendor.reasons.get(code or ""))
    return DeliveryError(error_text, reason_for(response.status, listed), response.retry_after_seconds)
