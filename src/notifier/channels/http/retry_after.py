"""The Retry-After header: seconds or a date."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# Vendors ask for seconds, at most minutes; a proxy that asks for days is not believed.
LIMIT_SECONDS: Final = 60 * 60
CHARACTERS_LIMIT: Final = 100
SECONDS: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)


def retry_after_seconds(values: Sequence[str]) -> float | None:
    """Parse the header's *values*; return the longest wait, or nothing if no value can be parsed."""
    waits = [wait for value in values if (wait := _seconds(value[:CHARACTERS_LIMIT].strip())) is not None]
    return min(max(waits), LIMIT_SECONDS) if waits else None


def _seconds(value: str) -> float | None:
    # A proxy may have joined several headers by commas.
    numbers = [part.strip() for part in value.split(",")]
    if all(map(SECONDS.fullmatch, numbers)):
        return max(map(float, numbers))
    try:
        date = parsedate_to_datetime(value)
        # HTTP dates are in UTC, also in the form that does not say so.
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
    except (OverflowError, TypeError, ValueError):
        return None
    return max(wait.total_seconds(), 0)
