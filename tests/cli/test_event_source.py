import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import time_machine
from moto import mock_aws
from moto.sqs.models import Message

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.event_source import Batching, BatchResponse
from proton_notifier.localaws.queue import LocalQueue, local_queue, local_queues
from tests.local_cloud import EventSource

START = datetime(2026, 3, 3, tzinfo=UTC)
BATCHING = Batching(size=3, window_seconds=5, concurrency=2)


class Function:
    """Notes when it got what; what is in *refused* it wants to have again."""

    def __init__(self) -> None:
        self.batches: list[tuple[float, list[str]]] = []
        self.refused: set[str] = set()
        self.breaks = False

    def __call__(self, batch: dict[str, Any]) -> BatchResponse:
        """BatchResponse as a handler does."""
        bodies = [record["body"] for record in batch["Records"]]
        self.batches.append((round(time.time() - START.timestamp(), 1), bodies))
        if self.breaks:
            message = "a bug"
            raise RuntimeError(message)
        failed = [record["messageId"] for record in batch["Records"] if record["body"] in self.refused]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock."""
    with mock_aws(), local_queues(), time_machine.travel(START, tick=False) as travelling:
        yield travelling


@pytest.fixture
def queue(clock: time_machine.Traveller) -> LocalQueue:
    """Make an empty queue, which hides for a minute."""
    clock.move_to(START)
    sqs = boto3.client("sqs", region_name=REGION)
    return local_queue(sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "60"})["QueueUrl"])


@pytest.fixture
def function() -> Function:
    """Make a function that takes everything."""
    return Function()


def put(queue: LocalQueue, *bodies: str) -> None:
    """Put messages into *queue*."""
    for body in bodies:
        message = Message(body, body)
        message.mark_sent()
        queue.add_message(message)


def run(source: EventSource, clock: time_machine.Traveller) -> None:
    """Let time pass until all is done."""
    source.hand_over_due()
    while moment := source.next_at():
        clock.move_to(moment)
        source.hand_over_due()


def test_a_batch_waits_for_others_until_its_window_ends(
    queue: LocalQueue, function: Function, clock: time_machine.Traveller
) -> None:
    """The window begins with the first message."""
    source = EventSource(queue, function, BATCHING)

    put(queue, "a")
    source.hand_over_due()
    clock.shift(4)
    put(queue, "b")
    run(source, clock)

    assert function.batches == [(5, ["a", "b"])]


def test_a_full_batch_does_not_wait(queue: LocalQueue, function: Function, clock: time_machine.Traveller) -> None:
    """The remaining messages begin a new batch."""
    put(queue, *"abcd")

    run(EventSource(queue, function, BATCHING), clock)

    assert function.batches == [(0, ["a", "b", "c"]), (5, ["d"])]


def test_no_more_functions_run_at_once_than_the_template_says(
    queue: LocalQueue, function: Function, clock: time_machine.Traveller
) -> None:
    """A third batch waits until one of the first two is done."""
    put(queue, *"abcdefghi")

    run(EventSource(queue, function, BATCHING), clock)

    assert [moment for moment, _ in function.batches] == [0, 0, 1]


def test_what_the_function_wants_again_comes_after_the_timeout(
    queue: LocalQueue, function: Function, clock: time_machine.Traveller
) -> None:
    """Messages that the response does not name are deleted."""
    function.refused = {"b"}
    put(queue, *"abc")
    source = EventSource(queue, function, BATCHING)

    source.hand_over_due()
    waiting, function.refused = queue.bodies, set()
    run(source, clock)

    assert waiting == ("b",)
    assert function.batches == [(0, ["a", "b", "c"]), (65, ["b"])]


def test_a_batch_that_makes_the_function_fail_comes_back_as_a_whole(
    queue: LocalQueue, function: Function, clock: time_machine.Traveller
) -> None:
    """The failure is the caller's to see; nothing is deleted."""
    function.breaks = True
    put(queue, *"abc")
    source = EventSource(queue, function, BATCHING)

    with pytest.raises(RuntimeError, match="a bug"):
        source.hand_over_due()
    function.breaks = False
    run(source, clock)

    assert function.batches == [(0, ["a", "b", "c"]), (60, ["a", "b", "c"])]


def test_who_has_no_time_gets_everything_at_once(queue: LocalQueue, function: Function) -> None:
    """Without a window, and however many functions that takes."""
    put(queue, *"abcdefghij")

    EventSource(queue, function, BATCHING).hand_over_all()

    assert [len(bodies) for _, bodies in function.batches] == [3, 3, 3, 1]


@pytest.mark.parametrize(("given", "window"), [({}, 5), ({"BatchingWindowSeconds": "9"}, 9)])
def test_the_template_says_how_batches_are_made(given: dict[str, str], window: float) -> None:
    """The window is a parameter's."""
    mapping = {
        "BatchSize": 500,
        "MaximumBatchingWindowInSeconds": {"Ref": "BatchingWindowSeconds"},
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    template = {
        "Parameters": {"BatchingWindowSeconds": {"Default": 5}},
        "Resources": {"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}},
    }

    assert Batching.of(template, given) == Batching(500, window, 2)
