"""A destination, the settings that its channel requires, and the error of a delivery to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final


class Reason(StrEnum):
    """The reason why a delivery failed; a metric dimension and a log field."""

    GONE = "gone"
    MISCONFIGURED = "misconfigured"
    RATE_LIMITED = "rate limited"
    REJECTED = "rejected"
    TIMED_OUT = "timed out"
    UNAUTHORISED = "unauthorised"
    UNAVAILABLE = "unavailable"


# A retry fails again until a person changes something.
PERMANENT: Final = frozenset({Reason.GONE, Reason.MISCONFIGURED, Reason.REJECTED, Reason.UNAUTHORISED})

# All 5xx are unavailable, and unlisted statuses misconfigured. Only three statuses reject the content.
STATUS_REASONS: Final[Mapping[int, Reason]] = {
    HTTPStatus.BAD_REQUEST: Reason.REJECTED,
    HTTPStatus.UNAUTHORIZED: Reason.UNAUTHORISED,
    HTTPStatus.FORBIDDEN: Reason.UNAUTHORISED,
    HTTPStatus.NOT_FOUND: Reason.GONE,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMED_OUT,
    HTTPStatus.GONE: Reason.GONE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Reason.REJECTED,
    HTTPStatus.MISDIRECTED_REQUEST: Reason.UNAVAILABLE,
    HTTPStatus.UNPROCESSABLE_ENTITY: Reason.REJECTED,
    HTTPStatus.TOO_EARLY: Reason.UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.RATE_LIMITED,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a destination; its whole value must match *pattern*; *meaning* completes "must be ...".

    *forbidden* is a pattern of values that need their own error, and that error. A setting without *default* is
    required. The value of a *secret* setting is the secret's name.
    """

    name: str
    pattern: str
    meaning: str
    default: str | None = None
    secret: bool = False
    forbidden: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Destination:
    """A configured receiver of messages: its name, the name of its channel type, and its settings by name."""

    name: str
    channel: str
    settings: tuple[tuple[str, str], ...]

    def setting(self, name: str, default: str | None = None) -> str:
        """Look up a setting; without *default*, it must exist."""
        return dict(self.settings)[name] if default is None else dict(self.settings).get(name, default)


def secret_setting(name: str, holds: str) -> Setting:
    """Describe a setting that names a secret; *holds* says what the secret holds."""
    # A name in Secrets Manager or, with a leading slash, of a SecureString in Parameter Store.
    pattern = r"/?[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*"
    return Setting(name, pattern, f"the name of a secret that holds {holds}", secret=True)


class DeliveryError(Exception):
    """A destination did not accept a message; the text says why and contains no secret.

    *retry_after_seconds* is the wait that the destination asks for, if any. *settling* marks a permanent reason that
    may pass within minutes, such as an IAM permission that has not propagated yet.
    """

    def __init__(
        self, message: str, reason: Reason, retry_after_seconds: float | None = None, *, settling: bool = False
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.settling = settling

    @property
    def permanent(self) -> bool:
        """True if a retry would fail again."""
        return self.reason in PERMANENT


def reason_for(status: int, vendor_reason: Reason | None) -> Reason:
    """Classify a failed response: by a temporary status, else by the vendor's error code if listed, else by status."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return vendor_reason or Reason.UNAVAILABLE
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.UNAVAILABLE
    by_status = STATUS_REASONS.get(status, Reason.MISCONFIGURED)
    return by_status if by_status not in PERMANENT else vendor_reason or by_status


def by_code(codes: Mapping[Reason, str]) -> Mapping[str, Reason]:
    """Map each error code to its reason; *codes* has the codes of each reason, separated by spaces."""
    return {code: reason for reason, line in codes.items() for code in line.split()}
