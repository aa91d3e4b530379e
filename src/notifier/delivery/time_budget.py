"""The time that each step of a delivery needs before Lambda ends the function."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from notifier.channels.deadlines import SEND_SECONDS

# A read of a secret may begin just before the deadline of the send; its client's time-outs end it this much later.
LATE_SECRET_SECONDS: Final = 5
# One time-out of AWS's clients, for calls in parallel: the marks of a digest, claims, releases, dead letters.
CALL_SECONDS: Final = 10
# The response is due this long before Lambda ends the function, even if a send is still running: deferring needs it.
RESPONSE_SECONDS: Final = 5
# If Lambda ended the function during a send, an unmarked message would be sent twice.
LONGEST_SEND_MILLISECONDS: Final = 1_000 * (SEND_SECONDS + LATE_SECRET_SECONDS + CALL_SECONDS + RESPONSE_SECONDS)


class TimeBudget(IntEnum):
    """The milliseconds that must be left before a step begins."""

    CLAIM = 1_000 * CALL_SECONDS + LONGEST_SEND_MILLISECONDS
    SEND = LONGEST_SEND_MILLISECONDS
    CALL = 1_000 * (CALL_SECONDS + RESPONSE_SECONDS)
    DEFER = 1_000


HasTimeFor = Callable[[TimeBudget], bool]
