"""The severities that a stack without a routes document notifies of."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from notifier.model.status_change import Severity


class Scope(StrEnum):
    """The values of the template's parameter AlertScope."""

    PROBLEMS = "problems"
    EVERYTHING = "everything"


SEVERITIES: Final[Mapping[Scope, tuple[Severity, ...]]] = {
    Scope.EVERYTHING: tuple(Severity),
    Scope.PROBLEMS: (Severity.FAILURE, Severity.ACTION, Severity.RECOVERED),
}
