import pytest

from notifier.changes import Severity
from notifier.destinations import Destination
from notifier.routing import Scope, route
from tests.samples import NAMES, event, notification

PLACES = (Destination("email", "sns", ()), Destination("slack", "slack", ()))


@pytest.mark.parametrize("name", NAMES)
def test_problems_go_to_every_destination_and_the_rest_to_none(name: str) -> None:
    """Failures, actions, recoveries, and what is new to this program."""
    composed = notification(event(name))
    urgent = composed.severity in {Severity.FAILURE, Severity.ACTION, Severity.RECOVERED}

    assert route(composed, PLACES, Scope.PROBLEMS) == (PLACES if urgent or not composed.recognised else ())


@pytest.mark.parametrize("name", NAMES)
def test_everything_can_be_asked_for(name: str) -> None:
    """The wider scope leaves nothing out."""
    assert route(notification(event(name)), PLACES, Scope.EVERYTHING) == PLACES


def test_an_unknown_status_reaches_people_though_its_severity_is_low() -> None:
    """A guess is not a reason to keep quiet."""
    composed = notification(event("repository-of-a-later-type"))

    assert composed.severity is Severity.INFO
    assert route(composed, PLACES, Scope.PROBLEMS) == PLACES
