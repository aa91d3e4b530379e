"""When only failures are told."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From *begin* up to *end*, over midnight if that is earlier, and the whole of *days*, by clocks of *time_zone*.

    An end that is the beginning makes no hours.
    """

    begin: time
    end: time
    days: frozenset[str]
    time_zone: "ZoneInfo"

    def cover(self, moment: datetime) -> bool:
        """Say whether *moment* is a quiet one."""
        local = moment.astimezone(self.time_zone)
        clock = local.time()
        within = self.begin <= clock < self.end
        over_midnight = self.end < self.begin and not self.end <= clock < self.begin
        return within or over_midnight or DAYS[local.weekday()] in self.days
