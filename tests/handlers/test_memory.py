"""The first function without its memory."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError

from notifier.delivery.delivery import Delivery
from proton_notifier.localaws.queue import local_queue
from tests.disturbances import SWEEP, Functions, Step, disturbed_functions
from tests.local_cloud import take
from tests.samples import event

FAILED: Step = (0, event("service-instance-deployment-failed"))
DEPLOYED: Step = (5, event("service-instance-deployed"))
UNKNOWN: Step = (6, {**DEPLOYED[1], "detail": {**DEPLOYED[1]["detail"], "status": "HALTED"}})


@pytest.fixture
def functions() -> Iterator[Functions]:
    """Watch what the function calls."""
    with disturbed_functions() as functions:
        yield functions


def lose(**_call: object) -> None:
    """Lose a call."""
    raise EndpointConnectionError(endpoint_url="DynamoDB")


@pytest.mark.parametrize(
    ("step", "destinations"), [(FAILED, ["email", "slack"]), (UNKNOWN, ["email", "slack"]), (DEPLOYED, [])]
)
def test_while_the_memory_is_down_what_is_urgent_is_told_once(
    step: Step, destinations: list[str], functions: Functions
) -> None:
    """Each attempt queues it with the same id; the rest waits for a retry. The alarm is told."""
    functions.events.register("before-call.dynamodb", lose)

    with pytest.raises(ExceptionGroup) as raised:
        functions.tell([step])

    queued = [*map(Delivery.from_json, take(local_queue(functions.variables["DELIVERIES_QUEUE_URL"])))]
    assert raised.group_contains(Exception, match="the memory of .* is unavailable")
    assert sorted({each.destination for each in queued}) == destinations
    assert len({each.id for each in queued}) == len(destinations)
    assert [each.notification.incident for each in queued] == [None] * 3 * len(destinations)
    assert functions.log.count('"MemoryInTrouble":[1.0]') == 3


def test_the_retry_tells_the_memory_what_was_sent_without_it(functions: Functions) -> None:
    """So that the recovery is told to those who heard of the failure."""
    functions.events.register("before-call.dynamodb", lose)
    with pytest.raises(ExceptionGroup):
        functions.tell([FAILED])
    functions.events.unregister("before-call.dynamodb", lose)

    told = functions.tell([FAILED, DEPLOYED])

    assert len({each.id for each in told if "recovered" in each.notification.headline}) == 2


def test_without_a_table_nothing_is_remembered(functions: Functions) -> None:
    """A stack from before there was a memory has none."""
    functions.variables = {**functions.variables, "MEMORY_TABLE": ""}

    told = functions.tell([FAILED, (1, {**FAILED[1], "id": "again"}), DEPLOYED, (300, SWEEP)])

    assert [each.notification.headline for each in told] == ["could not be deployed"] * 4
    assert {each.notification.incident for each in told} == {None}
    assert {call for points in functions.points for call, _side in points} == {"SendMessageBatch"}
