from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifier.routes.document import QuietHours

NIGHT = QuietHours(time(22), time(7), frozenset(), ZoneInfo("Europe/Berlin"))
LUNCH = QuietHours(time(12), time(13, 30), frozenset(), ZoneInfo("UTC"))
SUNDAY = QuietHours(time(0), time(0), frozenset({"sun"}), ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("hours", "moment", "quiet"),
    [
        (LUNCH, datetime(2026, 11, 24, 11, 59, 59, tzinfo=UTC), False),
        (LUNCH, datetime(2026, 11, 24, 12, tzinfo=UTC), True),
        (LUNCH, datetime(2026, 11, 24, 13, 29, 59, tzinfo=UTC), True),
        (LUNCH, datetime(2026, 11, 24, 13, 30, tzinfo=UTC), False),
        # Berlin is an hour ahead of UTC in winter and two in summer.
        (NIGHT, datetime(2026, 11, 24, 20, 59, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 11, 24, 21, 0, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 11, 24, 5, 59, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 11, 24, 6, 0, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 7, 24, 20, 0, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 7, 24, 5, 0, tzinfo=UTC), False),
        # The night in which the clocks go back has an hour twice.
        (NIGHT, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 10, 25, 6, 0, tzinfo=UTC), False),
        # Sunday begins and ends at New York's midnight.
        (SUNDAY, datetime(2026, 11, 22, 4, 59, tzinfo=UTC), False),
        (SUNDAY, datetime(2026, 11, 22, 5, 0, tzinfo=UTC), True),
        (SUNDAY, datetime(2026, 11, 23, 4, 59, tzinfo=UTC), True),
        (SUNDAY, datetime(2026, 11, 23, 5, 0, tzinfo=UTC), False),
    ],
    ids=str,
)
def test_the_clocks_of_the_time_zone_decide(hours: QuietHours, moment: datetime, *, quiet: bool) -> None:
    """From the beginning up to the end, over midnight, and on whole days."""
    assert hours.cover(moment) is quiet
