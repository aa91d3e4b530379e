"""The sweep's schedule, by the process's clock, which a simulation moves."""

import time
from math import ceil
from typing import Final

from proton_notifier.localaws.cloud import LocalCloud

SWEEP_SECONDS: Final = 5 * 60
# A simulation stops up to so much after a time.
TICK_SECONDS: Final = 0.001


class Sweeps:
    """The sweeps of *cloud*, at each full five minutes; those that would find nothing are left out."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._last_at = 0.0

    def next_at(self) -> float | None:
        """Return the time of the next sweep that finds something, or None if nothing is due ever."""
        due_at = self._cloud.due_at
        if due_at is None:
            return None
        return (
            ceil(max(due_at, self._last_at + SWEEP_SECONDS, time.time() - TICK_SECONDS) / SWEEP_SECONDS) * SWEEP_SECONDS
        )

    def sweep_if_due(self) -> None:
        """Sweep if it is time."""
        next_at = self.next_at()
        if next_at is not None and next_at <= time.time():
            self._last_at = next_at
            self._cloud.sweep()
