"""Which notifications go to which destinations."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from notifier.changes import Severity
from notifier.destinations import Destination
from notifier.notifications import Notification


class Scope(StrEnum):
    """How much people want to hear of."""

    PROBLEMS = "problems"
    EVERYTHING = "everything"


SEVERITIES: Final[Mapping[Scope, frozenset[Severity]]] = {
    Scope.EVERYTHING: frozenset(Severity),
    Scope.PROBLEMS: frozenset({Severity.FAILURE, Severity.ACTION, Severity.RECOVERED}),
}


def route(notification: Notification, destinations: tuple[Destination, ...], scope: Scope) -> tuple[Destination, ...]:
    """Choose the destinations; what is new to this program goes everywhere, as its severity is a guess."""
    wanted = notification.severity in SEVERITIES[scope] or not notification.recognised
    return destinations if wanted else ()
