"""Times, as a person reads them."""

from datetime import UTC, datetime


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
