"""Why a destination did not take a message, and what follows from it."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final


class Reason(StrEnum):
    """A small closed set, which is a dimension of metrics and a field of logs."""

    GONE = "gone"
    MISCONFIGURED = "misconfigured"
    RATE_LIMITED = "rate limited"
    REJECTED = "rejected"
    TIMED_OUT = "timed out"
    UNAUTHORISED = "unauthorised"
    UNAVAILABLE = "unavailable"


# Trying again changes nothing until a person has.
PERMANENT: Final = frozenset({Reason.GONE, Reason.MISCONFIGURED, Reason.REJECTED, Reason.UNAUTHORISED})

# Statuses that leave no doubt, like all of 500 and more, which are unavailability.
CERTAIN: Final[Mapping[int, Reason]] = {
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMED_OUT,
    HTTPStatus.MISDIRECTED_REQUEST: Reason.UNAVAILABLE,
    HTTPStatus.TOO_EARLY: Reason.UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.RATE_LIMITED,
}
# Of the others, where the vendor's words say no more. Only these three rejections are about the content.
PROBABLE: Final[Mapping[int, Reason]] = {
    HTTPStatus.BAD_REQUEST: Reason.REJECTED,
    HTTPStatus.UNAUTHORIZED: Reason.UNAUTHORISED,
    HTTPStatus.FORBIDDEN: Reason.UNAUTHORISED,
    HTTPStatus.NOT_FOUND: Reason.GONE,
    HTTPStatus.GONE: Reason.GONE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Reason.REJECTED,
    HTTPStatus.UNPROCESSABLE_ENTITY: Reason.REJECTED,
}


class DeliveryError(Exception):
    """A destination did not take a message; the text says why and holds no secret.

    *retry_after_seconds* is when the destination asked to be tried again, if it did. *settling* says that the reason
    may be gone within minutes, although it is a permanent one.
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
        """Whether trying again is of no use."""
        return self.reason in PERMANENT


def judged(status: int, known: Reason | None) -> Reason:
    """Judge an answer that was no yes by its status, then by the vendor's words, whose reason is *known* if listed."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.UNAVAILABLE
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return known or Reason.UNAVAILABLE
    return CERTAIN.get(status) or known or PROBABLE.get(status, Reason.MISCONFIGURED)


def listed(words: Mapping[Reason, str]) -> Mapping[str, Reason]:
    """Look up reasons by a vendor's words, of which *words* has a line for each reason."""
    return {word: reason for reason, line in words.items() for word in line.split()}
