"""Ends the process before and after each I/O call of a delivery, and lets the platform repeat what it would.

The calls are numbered by a run without a crash, so that every point is tried, none is sampled. The functions, the
queues' visibility timeouts and the ledger's leases are the real ones, on a clock that this test moves. Simulated here,
because the local cloud does not: Lambda's second and third attempt at a failed event.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import time_machine
from botocore.model import OperationModel
from urllib3 import BaseHTTPResponse, HTTPConnectionPool

from notifier.delivery.delivery import Delivery
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.event_source import BatchResponse
from tests.aws_calls import hooks
from tests.local_cloud import EventSource, LocalCloud, take
from tests.samples import event, notification

# Counting lines makes this twice as long, and other tests reach all of them.
pytestmark = pytest.mark.uncounted
START = datetime(2026, 3, 3, tzinfo=UTC)
# So few that a digest of three takes two calls to mark, and the process may end between them.
MARKS_LIMIT = 2
# Longer than a lease and than the queue's visibility timeout.
A_WHILE_SECONDS = 700

Point = tuple[str, str]


class ProcessEndedError(BaseException):
    """The process is gone: nothing in it may catch this."""


@dataclass
class Process:
    """Notes the points that the functions pass, before and after each I/O call, and ends at one of them."""

    ends_at: Point | None = None
    ended: bool = False
    passed: list[Point] = field(default_factory=list)
    passed_at_the_end: tuple[Point, ...] = ()

    def in_the_gap(self, event_id: str, destination: str) -> bool:
        """Say whether the end came after a destination was asked and before the ledger had its yes."""
        asked = ("Publish" if destination == "email" else "POST", "before")
        marked = f" {event_id.removeprefix('e')}/{destination} "
        return asked in self.passed_at_the_end and not any(
            call.startswith("BatchWriteItem ") and marked in f"{call} " and side == "after"
            for call, side in self.passed_at_the_end
        )

    def reach(self, call: str, side: str) -> None:
        """Pass a point or end there; once ended, no other thread gets any further."""
        if self.ended:
            raise ProcessEndedError
        self.passed.append((call, side))
        if (call, side) == self.ends_at:
            self.ended = True
            self.passed_at_the_end = tuple(self.passed if side == "after" else self.passed[:-1])
            raise ProcessEndedError


@dataclass(frozen=True)
class Scenario:
    """Deliveries by event and destination, the first responses of Slack, and the number of emails that meet a bug."""

    deliveries: tuple[tuple[str, str], ...]
    answers: tuple[FakeResponse, ...] = ()
    bugs: int = 0


SCENARIOS = {
    "one": Scenario((("e0", "slack"),)),
    "three to two destinations": Scenario((("e0", "slack"), ("e0", "email"), ("e1", "slack"))),
    "a digest": Scenario((("e0", "slack"), ("e1", "slack"), ("e2", "slack"))),
    "a digest that is rejected": Scenario(
        (("e0", "slack"), ("e1", "slack"), ("e2", "slack")),
        (FakeResponse(400, "invalid_blocks"), FakeResponse(400, "invalid_blocks")),
    ),
    "one that is put off": Scenario((("e0", "slack"),), (FakeResponse(429, "rate_limited", {"Retry-After": "30"}),)),
    "one that is given up": Scenario((("e0", "slack"),), (FakeResponse(404, "no_service"),)),
    "a bug beside one that is sent and one that is given up": Scenario(
        (("e0", "email"), ("e0", "slack"), ("e0", "nowhere")), bugs=1
    ),
}


class Platform:
    """The stack, and what AWS does around it, on a clock that stands unless it is moved."""

    def __init__(self, cloud: LocalCloud, slack: FakeSlack, clock: time_machine.Traveller) -> None:
        self.process = Process()
        self.bugs = 0
        self._cloud = cloud
        self._slack = slack
        self._clock = clock
        self._runs = 0
        self._queue = cloud.physical_id("Deliveries")
        self._sqs = boto3.client("sqs")
        self._consumer = EventSource(cloud.queue("Deliveries"), self._deliver, cloud.batching)

    def run(self, scenario: Scenario, ends_at: Point | None) -> dict[tuple[str, str], int]:
        """Deliver, with one crash at *ends_at*; count how often each delivery arrived, a given-up one as once."""
        self._runs += 1
        self._start()
        self.process = Process(ends_at)
        self._slack.messages.clear()
        self._slack.responses.clear()
        self._slack.responses.extend(scenario.answers)
        self.bugs = scenario.bugs
        for event_id, destination in scenario.deliveries:
            composed = notification(self._event(event_id))
            body = Delivery(notification=composed, destination=destination).to_json()
            self._sqs.send_message(QueueUrl=self._queue, MessageBody=body)
        self._work_off()
        return self._arrived(scenario)

    def run_event(self, ends_at: Point | None) -> dict[tuple[str, str], int]:
        """Let an event come in, with one crash at *ends_at*, through both functions to both destinations."""
        self._runs += 1
        self._cloud.events_function = self._cloud.cold_start("EventsFunction")
        self._start()
        self.process = Process(ends_at)
        self._slack.messages.clear()
        for _attempt in range(3):
            try:
                self._cloud.events_function.invoke(self._event("e0"))
            except ProcessEndedError:
                self._cloud.events_function = self._cloud.cold_start("EventsFunction")
                self._restart()
            else:
                break
        self._work_off()
        return self._arrived(Scenario((("e0", "slack"), ("e0", "email"))))

    def _event(self, event_id: str) -> dict[str, Any]:
        raw = event("service-update-failed")
        name = self._name(event_id)
        # Each is the first event of its resource.
        arn = raw["resources"][0].replace(raw["detail"]["name"], name)
        return {**raw, "id": name, "resources": [arn], "detail": {**raw["detail"], "name": name}}

    def _name(self, event_id: str) -> str:
        return f"run-{self._runs}-{event_id}"

    def _start(self) -> None:
        self._cloud.delivery_function = self._cloud.cold_start("DeliveryFunction")

    def _restart(self) -> None:
        self.process = Process(passed=self.process.passed, passed_at_the_end=self.process.passed_at_the_end)
        self._start()

    def _work_off(self) -> None:
        """Hand over what is visible, until the queue is empty; what failed is hidden for a while first."""
        for _round in range(20):
            try:
                self._consumer.hand_over_all()
            except ProcessEndedError:
                self._restart()
            except ExceptionGroup:
                continue
            if not len(self._cloud.queue("Deliveries").bodies):
                return
            self._clock.shift(A_WHILE_SECONDS)
        pytest.fail("the queue was not empty after twenty rounds")

    def _deliver(self, batch: dict[str, Any]) -> BatchResponse:
        answer: BatchResponse = self._cloud.delivery_function.invoke(batch)
        self.process.reach("the answer", "before")
        return answer

    def _arrived(self, scenario: Scenario) -> dict[tuple[str, str], int]:
        posts = [json.dumps(message) for message in self._slack.messages]
        emails = [email.body for email in self._cloud.emails()]
        kept = take(self._cloud.queue("FailedDeliveries"))
        texts = {"slack": posts, "email": emails, "nowhere": []}
        arrived = {}
        for event_id, destination in scenario.deliveries:
            name = f"service {self._name(event_id)} "
            sent = sum(name in text for text in texts[destination])
            given_up = any(json.loads(body)["notification"]["event_id"] == self._name(event_id) for body in kept)
            arrived[event_id, destination] = sent or int(given_up)
        return arrived


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Deploy the stack, stop the clock, and watch what the functions call."""
    with (
        pytest.MonkeyPatch.context() as patched,
        FakeSlack() as slack,
        LocalCloud(slack.url) as cloud,
        time_machine.travel(START, tick=False) as clock,
    ):
        platform = Platform(cloud, slack, clock)
        patched.setattr("notifier.delivery.ledger.MARKS_LIMIT", MARKS_LIMIT)
        _watch(platform, patched)
        yield platform


def _watch(platform: Platform, patched: pytest.MonkeyPatch) -> None:
    """Have the functions' AWS clients, which are yet to be made, and their HTTP pool report to the process."""
    current = threading.local()
    request = HTTPConnectionPool.urlopen

    def before(params: dict[str, Any], model: OperationModel, **_others: object) -> None:
        puts = [put["PutRequest"]["Item"] for each in params.get("RequestItems", {}).values() for put in each]
        rows = puts or [params.get("Item", params.get("Key", {}))]
        current.call = " ".join([model.name, *(row["id"]["S"].partition("-e")[2] for row in rows if row)])
        platform.process.reach(current.call, "before")
        if model.name == "Publish" and platform.bugs:
            platform.bugs -= 1
            message = "a bug"
            raise RuntimeError(message)

    def after(**_others: object) -> None:
        platform.process.reach(current.call, "after")

    def watched(pool: HTTPConnectionPool, method: str, url: str, **options: Any) -> BaseHTTPResponse:  # noqa: ANN401 - urllib3's
        platform.process.reach("POST", "before")
        response = request(pool, method, url, **options)
        with ExitStack() as dying:
            dying.callback(response.close)  # as the end of a process does
            platform.process.reach("POST", "after")
            dying.pop_all()
        return response

    events = hooks(patched)
    for operation in (
        "dynamodb.BatchWriteItem",
        "dynamodb.DeleteItem",
        "dynamodb.PutItem",
        "secretsmanager.GetSecretValue",
        "sns.Publish",
        "sqs.ChangeMessageVisibilityBatch",
        "sqs.DeleteMessageBatch",
        "sqs.SendMessage",
        "sqs.SendMessageBatch",
    ):
        events.register(f"before-parameter-build.{operation}", before)
        events.register(f"after-call.{operation}", after)
    patched.setattr(HTTPConnectionPool, "urlopen", watched)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_any_point_loses_nothing_and_repeats_only_in_the_gap(name: str, platform: Platform) -> None:
    """Every delivery arrives or is kept with its reason; twice only if the process ended between yes and mark."""
    scenario = SCENARIOS[name]
    assert set(platform.run(scenario, None).values()) == {1}
    points = list(dict.fromkeys(platform.process.passed))
    assert len(points) >= 2 * (2 + len(scenario.deliveries))

    for point in points:
        arrived = platform.run(scenario, point)

        for (event_id, destination), times in arrived.items():
            most = 2 if platform.process.in_the_gap(event_id, destination) else 1
            assert 1 <= times <= most, f"{times} times {event_id} to {destination} after a crash {point}"


def test_a_crash_of_the_first_function_loses_and_repeats_nothing_either(platform: Platform) -> None:
    """Lambda tries the event again, and the ledger knows what it makes for the second time."""
    assert set(platform.run_event(None).values()) == {1}
    points = list(dict.fromkeys(platform.process.passed))
    assert ("SendMessageBatch", "after") in points

    for point in points:
        arrived = platform.run_event(point)

        for (event_id, destination), times in arrived.items():
            most = 2 if platform.process.in_the_gap(event_id, destination) else 1
            assert 1 <= times <= most, f"{times} times {event_id} to {destination} after a crash {point}"


def test_the_gap_of_a_digest_ends_with_the_call_that_marks_each(platform: Platform) -> None:
    """The marks of one of two parallel calls stay, whatever the result of the other is."""
    platform.run(SCENARIOS["a digest"], None)
    larger = max((call for call, _side in platform.process.passed if call.startswith("BatchWrite")), key=len)

    arrived = platform.run(SCENARIOS["a digest"], (larger, "after"))

    marked = {(f"e{name.removesuffix('/slack')}", "slack") for name in larger.split()[1:]}
    assert len(marked) == MARKS_LIMIT
    assert {arrived.pop(delivery) for delivery in marked} == {1}
    assert set(arrived.values()) <= {1, 2}


def test_the_gap_is_real(platform: Platform) -> None:
    """As documented: after a crash between the success and its mark, the message is sent twice."""
    assert platform.run(SCENARIOS["one"], ("POST", "after")) == {("e0", "slack"): 2}
