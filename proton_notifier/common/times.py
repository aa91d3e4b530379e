"""Times as a person types and reads them."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Final

UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
DURATION: Final = re.compile(r"(?P<number>[0-9]{1,4})(?P<unit>[smhd])")


def moment(text: str) -> datetime:
    """Read a time with an offset."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if read.tzinfo is None:
        message = "needs an offset, as in 2026-12-01T08:00:00Z"
        raise ArgumentTypeError(message)
    return read


def duration(text: str) -> timedelta:
    """Read a number of seconds, minutes, hours or days."""
    read = DURATION.fullmatch(text)
    if read is None:
        message = "must be a number of seconds, minutes, hours or days, as in 30s, 5m, 2h or 3d"
        raise ArgumentTypeError(message)
    return int(read["number"]) * UNITS[read["unit"]]


def clock(seconds: float) -> str:
    """Write so many seconds as hours, minutes and seconds."""
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def on_clocks(at: datetime) -> str:
    """Write a time by the clocks here, and by UTC."""
    try:
        return f"{at.astimezone():%Y-%m-%d %H:%M %Z} ({at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    except (OverflowError, ValueError):
        # At the ends of the calendar, another clock's time is outside.
        return at.isoformat()
