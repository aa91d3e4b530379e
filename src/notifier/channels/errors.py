"""The error of a delivery, and its reason, which decides between retry and dead-letter queue."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final


class Reason(StrEnum):
    """The reason why a delivery failed: a dimension of metrics and a field of logs."""

    GONE = "gone"
    MISCONFIGURED = "misconfigured"
    RATE_LIMITED = "rate limited"
    REJECTED = "rejected"
    TIMED_OUT = "timed out"
    UNAUTHORISED = "unauthorised"
    UNAVAILABLE = "unavailable"


# A retry fails again until a person changes something.
PERMANENT: Final = frozenset({Reason.GONE, Reason.MISCONFIGURED, Reason.REJECTED, Reason.UNAUTHORISED})

# All 5xx are unavailable, and all other statuses misconfigured. Only three statuses reject the content.
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


class DeliveryError(Exception):
    """A destination did not take a message; the text says why and holds no secret.

    *retry_after_seconds* is the wait that the destination asks for, if any. *settling* marks a permanent reason that
    may be gone within minutes, as a permission that IAM has not spread yet.
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
        """True if a retry is of no use."""
        return self.reason in PERMANENT


def reason_for(status: int, vendor_reason: Reason | None) -> Reason:
    """Classify a failed response: a temporary status decides, else the reason of the vendor's error code, if listed."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return vendor_reason or Reason.UNAVAILABLE
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.UNAVAILABLE
    by_status = STATUS_REASONS.get(status, Reason.MISCONFIGURED)
    return by_status if by_status not in PERMANENT else vendor_reason or by_status


def by_code(codes: Mapping[Reason, str]) -> Mapping[str, Reason]:
    """Map each error code to its reason; *codes* has a line of codes for each reason."""
    return {code: reason for reason, line in codes.items() for code in line.split()}
