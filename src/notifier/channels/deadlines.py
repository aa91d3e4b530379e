"""One wall-clock deadline for all waits of a send."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic
from typing import Final

# For all requests of one message, to the destination and the secret stores. A longer send ends, and is retried.
SEND_SECONDS: Final = 20
# For the search for messages of an earlier attempt, a part of the send.
LOOK_BACK_SECONDS: Final = 2
DEADLINE: Final = ContextVar("deadline", default=inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit all waits of this thread inside the block to *seconds* together; an earlier outer deadline stays."""
    outer = DEADLINE.set(min(DEADLINE.get(), monotonic() + seconds))
    try:
        yield
    finally:
        DEADLINE.reset(outer)


def remaining_seconds() -> float:
    """Return the time until the deadline; raise `TimeoutError` if it has passed."""
    left = DEADLINE.get() - monotonic()
    if left <= 0:
        error_text = "the deadline of the send has passed"
        raise TimeoutError(error_text)
    return left
