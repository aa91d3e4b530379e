"""How much people want to hear of, where no routes document says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from notifier.model.status_change import Severity


class Scope(StrEnum):
    """What the template's parameter offers."""

    PROBLEMS = "problems"
    EVERYTHING = "everything"


SEVERITIES: Final[Mapping[Scope, tuple[Severity, ...]]] = {
    Scope.EVERYTHING: tuple(Severity),
    Scope.PROBLEMS: (Severity.FAILURE, Severity.ACTION, Severity.RECOVERED),
}
