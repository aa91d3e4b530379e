"""The settings of the memory, which a routes document can change."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the memory.

    *remind* lists the seconds after an incident's opening at which those who were told are reminded. With *flapping*, a
    resource that fails and recovers again and again is told so once. With *inhibit*, failures of parts are held back
    while the whole is failing.
    """

    remind: tuple[int, ...] = (4 * 60 * 60, 24 * 60 * 60)
    flapping: bool = True
    inhibit: bool = False


DEFAULT_RULES: Final = Rules()


@dataclass(frozen=True, slots=True)
class Escalation:
    """More *destinations* hear of an incident that is open *after* so many seconds, with *mention* and *runbook*."""

    after: int
    destinations: tuple[str, ...]
    mention: str | None = None
    runbook: str | None = None
