"""One wall-clock deadline for everything that a send waits for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic
from typing import Final

# For all requests of one message, to the destination and the secret stores. A send that takes longer is tried again.
SEND_SECONDS: Final = 20

DEADLINE: Final = ContextVar("deadline", default=inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Limit what this thread does inside to *seconds*, or to what is left of an outer limit."""
    outer = DEADLINE.set(min(DEADLINE.get(), monotonic() + seconds))
    try:
        yield
    finally:
        DEADLINE.reset(outer)


def remaining() -> float:
    """Return the seconds that are left; raise `TimeoutError` if there are none."""
    left = DEADLINE.get() - monotonic()
    if left <= 0:
        message = "the deadline of the send has passed"
        raise TimeoutError(message)
    return left
