"""The settings of the memory, which a routes document can override."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the memory.

    *remind* lists the seconds from an incident's opening to each reminder. With *flapping*, a resource that fails and
    recovers repeatedly is reported as flapping, once. With *inhibit*, failures of parts are held back while the parent
    is failing.
    """

    remind: tuple[int, ...] = (4 * 60 * 60, 24 * 60 * 60)
    flapping: bool = True
    inhibit: bool = False


DEFAULT_RULES: Final = Rules()


@dataclass(frozen=True, slots=True)
class Escalation:
    """An escalation: an incident still open *after* so many seconds is reported to *destinations*."""

    after: int
    destinations: tuple[str, ...]
    mention: str | None = None
    runbook: str | None = None
