"""Why a destination did not take a message, and what follows from it."""

from enum import StrEnum
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


class DeliveryError(Exception):
    """A destination did not take a message; the text says why and holds no secret.

    *retry_after_seconds* is when the destination asked to be tried again, if it did.
    """

    def __init__(self, message: str, reason: Reason, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds

    @property
    def permanent(self) -> bool:
        """Whether trying again is of no use."""
        return self.reason in PERMANENT
