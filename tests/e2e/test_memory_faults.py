"""Disturbs the first function at each AWS call: its process ends, a call is lost, or another process has the event."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import EndpointConnectionError

from notifier.delivery.delivery import Delivery
from notifier.model.incident import Turn
from tests.disturbances import NEXT_SWEEP, SWEEP, Disturb, Functions, Step, disturbed_functions, end
from tests.samples import event

# Counting lines makes this twice as long, and other tests reach all of them.
pytestmark = pytest.mark.uncounted


def stack(status: str, name: str, event_id: str) -> dict[str, Any]:
    """Make the event of a stack."""
    raw = event(name)
    detail = {**raw["detail"], "status-details": {"status": status, "status-reason": ""}}
    return {**raw, "id": event_id, "detail": detail}


# A nested stack is well again with its root; an instance fails with its service, is called to mind, and recovers.
STORY: Final[tuple[Step, ...]] = (
    (0, stack("CREATE_FAILED", "cloud-formation-stack-nested-creation-failed-and-is-rolling-back", "nested")),
    (1, stack("UPDATE_ROLLBACK_COMPLETE", "cloud-formation-stack-updated", "rolled back")),
    (25, stack("UPDATE_COMPLETE", "cloud-formation-stack-updated", "updated")),
    (30, event("service-instance-deployment-failed")),
    (31, event("service-update-failed")),
    (300, SWEEP),
    (305, NEXT_SWEEP),
    (310, event("service-instance-deployed")),
)

# A sweep that cannot send a reminder leaves it to the next one.
LATER: Final = {"4 h 34 min": "4 h 29 min", "4 h 35 min": "4 h 30 min"}


def summary(deliveries: list[Delivery]) -> list[tuple[str, ...]]:
    """List the destinations, turns, headlines, and events that opened the threads."""
    told = []
    for each in deliveries:
        incident, headline = each.notification.incident, each.notification.headline.partition(" with the ")[0]
        assert incident
        for later, time in LATER.items() if incident.turn is Turn.REMINDER else ():
            headline = headline.replace(later, time)
        told.append((each.destination, incident.turn, headline, incident.thread.partition("-")[2].partition("-")[2]))
    return sorted(told)


def lose(_functions: Functions) -> None:
    """Lose the call, or its response."""
    raise EndpointConnectionError(endpoint_url="AWS")


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    """Watch what the function calls."""
    with disturbed_functions() as functions:
        yield functions


@pytest.mark.parametrize(("disturb", "stride"), [(end, 1), (lose, 1), (Functions.take_elsewhere, 2)])
def test_each_disturbance_leaves_one_story(disturb: Disturb, stride: int, functions: Functions) -> None:
    """All are told exactly once, in the same words."""
    expected = summary(functions.tell(STORY))
    places = max(map(len, functions.points))
    assert places >= 16

    for place in range(0, places, stride):
        told = functions.tell(STORY, disturb, place)

        assert summary(told) == expected, [each[place : place + 1] for each in functions.points]
