"""Times and durations, as a person types and reads them."""

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


def parse_time(text: str) -> datetime:
    """Parse a time with an offset, for argparse."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if parsed.tzinfo is None:
        message = "needs an offset, as in 2026-12-01T08:00:00Z"
        raise ArgumentTypeError(message)
    return parsed


def parse_duration(text: str) -> timedelta:
    """Parse a number of seconds, minutes, hours or days, for argparse."""
    match = DURATION.fullmatch(text)
    if match is None:
        message = "must be a number of seconds, minutes, hours or days, as in 30s, 5m, 2h or 3d"
        raise ArgumentTypeError(message)
    return int(match["number"]) * UNITS[match["unit"]]


def format_elapsed(seconds: float) -> str:
    """Write *seconds* as hours, minutes and seconds."""
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def format_time(at: datetime) -> str:
    """Write a time in the local time zone and in UTC."""
    try:
        return f"{at.astimezone():%Y-%m-%d %H:%M %Z} ({at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    except (OverflowError, ValueError):
        # At the ends of the calendar, the time in another zone is out of range.
        return at.isoformat()
