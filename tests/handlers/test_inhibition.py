"""With `inhibit`, the failure of a part is held back while the whole is failing, and told if it outlives that."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from tests.disturbances import NEXT_SWEEP, SWEEP, Functions, disturbed_functions, end
from tests.samples import event

# Of the stacks, nested ones are told to others.
INHIBIT: Final = """
[memory]
inhibit = true

[[routes]]
match = { severity = "failure" }
not = { source = "aws.cloudformation" }
to = ["email", "slack"]

[[routes]]
match = { severity = "failure", source = "aws.cloudformation", name = "*-ReadReplica-*" }
to = ["slack"]
final = true

[[routes]]
match = { severity = "failure", source = "aws.cloudformation" }
to = ["email"]
"""
SERVICE: Final = event("service-update-failed")
INSTANCE: Final = event("service-instance-deployment-failed")


def became(failed: dict[str, Any], event_id: str, status: str) -> dict[str, Any]:
    """Make another event of the resource of *failed*."""
    detail = {name: value for name, value in failed["detail"].items() if name != "previousStatus"}
    return {**failed, "id": event_id, "detail": {**detail, "status": status}}


SERVICE_WELL: Final = became(SERVICE, "service is well", "ACTIVE")
INSTANCE_WELL: Final = became(INSTANCE, "instance is well", "SUCCEEDED")
STARTED: Final = became(INSTANCE, "started", "IN_PROGRESS")
AGAIN: Final = became(INSTANCE, "again", "FAILED")
ODD: Final = became(INSTANCE, "odd", "HALTED_FAILED")

STACK: Final = event("cloud-formation-stack-updated")
STACK_DETAILS: Final = {"status-details": {"status": "UPDATE_FAILED", "status-reason": ""}}
STACK_FAILED: Final = {**STACK, "detail": {**STACK["detail"], **STACK_DETAILS}}

BEGINNING: Final = "service could not be updated"
END: Final = "service is active, recovered"
FAILED: Final = "service instance could not be deployed"
HELD_BACK: Final = f"{FAILED}, held back until now"
INSTANCE_END: Final = "service instance was deployed, recovered"


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    """Watch what the function calls."""
    with disturbed_functions(INHIBIT) as functions:
        yield functions


def told(functions: Functions, events: Sequence[dict[str, Any]], place: int | None = None) -> list[str]:
    """Let *events* come, a minute apart, each process ending once at *place*; list what Slack is told of."""
    found = [each.notification for each in functions.tell([*enumerate(events)], end, place)]
    titles = [f"{each.kind} {each.headline}".lower().partition(" after ")[0] for each in found]
    return titles[1::2]


@pytest.mark.uncounted
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([SERVICE, INSTANCE, SWEEP], [BEGINNING]),
        ([SERVICE, INSTANCE, STARTED, AGAIN, SWEEP, INSTANCE_WELL, SERVICE_WELL, SWEEP], [BEGINNING, END]),
        ([SERVICE, INSTANCE, SERVICE_WELL, INSTANCE_WELL, SWEEP], [BEGINNING, END]),
        (
            [SERVICE, INSTANCE, SERVICE_WELL, SWEEP, NEXT_SWEEP, INSTANCE_WELL],
            [BEGINNING, END, HELD_BACK, INSTANCE_END],
        ),
        ([SERVICE, INSTANCE, SERVICE_WELL, AGAIN, SWEEP], [BEGINNING, END, HELD_BACK]),
        ([SERVICE, INSTANCE, SERVICE_WELL, SERVICE, INSTANCE, SWEEP], [BEGINNING, END, HELD_BACK]),
        ([INSTANCE, SERVICE, AGAIN, SERVICE_WELL, SWEEP, INSTANCE_WELL], [FAILED, BEGINNING, END, INSTANCE_END]),
    ],
    ids=["it fails", "well before", "well before the sweep", "outlives", "again", "duplicates", "first"],
)
def test_a_part_is_told_if_it_outlives_the_whole(
    events: list[dict[str, Any]], expected: list[str], functions: Functions
) -> None:
    """A part that is well by then is not told, and one that was told before is told to its end."""
    assert told(functions, events) == expected


# Counting lines makes this twice as long, and other tests reach all of them.
@pytest.mark.uncounted
def test_nothing_is_unsaid_wherever_the_process_ends(functions: Functions) -> None:
    """At each call of each event."""
    events = [SERVICE, INSTANCE, SERVICE_WELL, SWEEP, NEXT_SWEEP]
    expected = [BEGINNING, END, HELD_BACK]
    assert told(functions, events) == expected

    for place in range(max(map(len, functions.points))):
        assert told(functions, events, place) == expected


def test_an_unknown_status_is_not_held_back(functions: Functions) -> None:
    """It may be worse than it looks."""
    assert len(told(functions, [SERVICE, INSTANCE, ODD])) == 2


def test_a_part_of_a_part_is_held_back_with_it(functions: Functions) -> None:
    """The message about the outermost parent is enough for its recipients."""
    names = ["checkout-prod", "checkout-prod-Db-1ABCDEFGHIJKL", "checkout-prod-Db-1ABCDEFGHIJKL-Disk-1ABCDEFGHIJKM"]
    events = [json.loads(json.dumps(STACK_FAILED).replace("checkout-prod", name)) for name in names]

    told_of = functions.tell([(0, events[0]), (1, {**events[1], "id": "1"}), (2, {**events[2], "id": "2"}), (5, SWEEP)])

    assert [each.notification.name.count("-Db-") for each in told_of] == [0]


def test_a_whole_of_which_others_were_told_holds_nothing_back(functions: Functions) -> None:
    """Whoever hears of the part would hear of neither."""
    nested = event("cloud-formation-stack-nested-creation-failed-and-is-rolling-back")

    deliveries = functions.tell([(0, STACK_FAILED), (1, nested)])

    assert [each.destination for each in deliveries] == ["email", "slack"]
