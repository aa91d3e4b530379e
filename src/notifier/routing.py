"""Which notifications go to which destinations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notifier.changes import Severity
from notifier.notifications import Notification


@dataclass(frozen=True, slots=True)
class Destination:
    """A configured place: its name, the type of channel to it, and the channel's address of it.

    The address of an `sns` destination is the topic's ARN, of a `slack` one the name of the secret that
    holds the webhook.
    """

    name: str
    channel: str
    address: str


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
