"""Exponential backoff between the attempts of a delivery."""

from typing import Final

# Doubled with each attempt: from the tenth on, a delivery waits for an hour. Even without jitter, the 40 receives that
# the queue allows (template.yaml) last for more than a day.
BACKOFF_SECONDS: Final = 10
BACKOFF_LIMIT_SECONDS: Final = 60 * 60
BACKOFF_JITTER: Final = 0.2
# A permanent error that may be gone within minutes is final after these attempts, which take five minutes.
SETTLING_ATTEMPTS: Final = 6


def backoff_seconds(attempts: int, jitter: float) -> int:
    """Compute the wait after the given number of *attempts*; *jitter*, from 0 to 1, spreads a part of it."""
    longest: int = min(BACKOFF_SECONDS * 2 ** (attempts - 1), BACKOFF_LIMIT_SECONDS)
    return round(longest * (1 - BACKOFF_JITTER * (1 - jitter)))
