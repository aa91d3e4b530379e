"""The incidents of the first function: who is told of which turn, through the whole local stack."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import boto3
import pytest
import time_machine

from notifier.delivery.delivery import Delivery
from notifier.model.incident import Turn
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.cloud import LocalCloud
from tests.local_cloud import take
from tests.samples import event

TEN: Final = datetime(2026, 11, 26, 10, tzinfo=UTC)
FAILED: Final = "service-instance-deployment-failed"
STARTED: Final = "service-instance-deployment-started"
DEPLOYED: Final = "service-instance-deployed"
SWEEP: Final = {"source": "notifier.sources.sweep", "detail-type": "Notifier Sweep", "detail": {}}
ROUTES: Final = "/proton-notifier/routes"
DEFAULT: Final = """
[[routes]]
match = { severity = ["failure", "action", "recovered"] }
to = ["email", "slack"]
"""
SILENCE: Final = """
[[silences]]
match = {{ service = "{}" }}
until = 2099-01-01T00:00:00Z
reason = "maintenance"
by = "jo"
"""
NUMBERS: Final = count()

Told = list[tuple[str, str, str | None]]


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalCloud]:
    """Deploy the template."""
    with FakeSlack() as slack, LocalCloud(slack.url) as cloud:
        yield cloud


class Stack:
    """The deployed stack, for one service of a name that no other test has."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.service = f"service-{next(NUMBERS)}"

    def event(self, name: str, minutes: float, **detail: str) -> dict[str, Any]:
        """Make an event of the service, so many minutes after ten."""
        text = json.dumps({**event(name), "id": f"{self.service}-{next(NUMBERS)}"})
        raw = json.loads(text.replace("checkout", self.service).replace("MyPipeline", self.service))
        at = TEN + timedelta(minutes=minutes)
        return {**raw, "time": at.isoformat(), "detail": {**raw["detail"], **detail}}

    def come(self, name: str, minutes: float, **detail: str) -> Told:
        """Let an event come; return what was queued of it."""
        return self.take(self.event(name, minutes, **detail))

    def happened(self, title: str) -> str:
        """Take what happened out of *title*, without the place."""
        return title.partition(self.service)[2].removesuffix(" (eu-west-1)")

    def take(self, raw: Mapping[str, Any]) -> Told:
        """Let *raw* come; return each destination, the title and the turn."""
        self.cloud.invoke_events_function(raw)
        return [
            (each.destination, self.happened(each.notification.title), turn(each))
            for each in self.deliveries()
            if self.service in each.notification.title
        ]

    def deliveries(self) -> list[Delivery]:
        """Take the deliveries out of the queue."""
        return [*map(Delivery.from_json, take(self.cloud.queue("Deliveries")))]

    def sweep(self, minutes: float) -> Told:
        """Let the sweep come, so many minutes after ten."""
        with time_machine.travel(TEN + timedelta(minutes=minutes), tick=False):
            return self.take(SWEEP)


def turn(delivery: Delivery) -> str | None:
    """Read the turn of the incident."""
    return delivery.notification.incident.turn if delivery.notification.incident else None


@pytest.fixture
def stack(deployed: LocalCloud) -> Iterator[Stack]:
    """Let the test use the stack; nothing may have failed at its end."""
    yield Stack(deployed)
    assert deployed.failures == []


@contextmanager
def routes(cloud: LocalCloud, document: str) -> Iterator[None]:
    """Give the stack a routes document for a while."""
    ssm = boto3.client("ssm")
    change = {**event(FAILED), "source": "aws.ssm", "detail-type": "Parameter Store Change", "detail": {}}
    for value in (document, DEFAULT):
        ssm.put_parameter(Name=ROUTES, Value=value, Type="String", Overwrite=True)
        cloud.invoke_events_function(change)
        if value == document:
            yield


def both(title: str, step: Turn | None) -> Told:
    """Expect the same at both destinations."""
    return [("email", title, step), ("slack", title, step)]


def test_a_story_is_told_to_its_end(stack: Stack) -> None:
    """Progress and repetitions are told to nobody, by the default routes."""
    assert stack.come(STARTED, -1) == []
    assert stack.come(FAILED, 0) == both("/prod could not be deployed", Turn.OPENED)
    assert stack.come(FAILED, 1) == []
    assert stack.come(STARTED, 2, previousStatus="FAILED") == []
    assert stack.come(FAILED, 10) == both("/prod could not be deployed: 2nd attempt in 10 min", Turn.AGAIN)
    assert stack.come(DEPLOYED, 42) == both("/prod was deployed, recovered after 42 min, 2 attempts", Turn.RECOVERED)
    assert stack.come(DEPLOYED, 50) == []


def test_a_retry_repeats_what_was_decided(stack: Stack) -> None:
    """To the same destinations, in the same words, with the same ids."""
    raw = [stack.event(FAILED, 0), stack.event(DEPLOYED, 42)]
    first, again = [], []
    for each in raw:
        stack.cloud.invoke_events_function(each)
        first += stack.deliveries()
    for each in raw:
        stack.cloud.invoke_events_function(each)
        again += stack.deliveries()

    assert first == again


def test_who_was_told_is_told_of_the_end_past_a_silence(stack: Stack) -> None:
    """A silence that begins later does not leave an incident open for its readers."""
    stack.come(FAILED, 0)

    with routes(stack.cloud, SILENCE.format(stack.service)):
        assert stack.come(FAILED, 1) == []
        assert [step for *_, step in stack.come(DEPLOYED, 5)] == [Turn.RECOVERED] * 2


def test_what_was_silenced_is_told_when_the_silence_ends(stack: Stack) -> None:
    """Once, if it still fails."""
    with routes(stack.cloud, SILENCE.format(stack.service)):
        assert stack.come(FAILED, 0) == []
        assert stack.sweep(30) == []
    assert stack.sweep(35) == both("/prod could not be deployed, silenced until now", Turn.OPENED)
    assert stack.sweep(40) == []
    assert stack.come(DEPLOYED, 42) == both("/prod was deployed, recovered after 42 min", Turn.RECOVERED)


def test_what_still_fails_is_called_to_mind(stack: Stack) -> None:
    """After four hours and after a day, and not after its end."""
    stack.come(FAILED, 0)

    assert stack.sweep(239) == []
    assert stack.sweep(240) == both("/prod could not be deployed, still failing after 4 h", Turn.REMINDER)
    assert stack.sweep(245) == []
    stack.come(DEPLOYED, 300)
    assert stack.sweep(24 * 60) == []


def test_a_silence_holds_back_a_reminder(stack: Stack) -> None:
    """It comes when the silence ends, if it still fails."""
    stack.come(FAILED, 0)

    with routes(stack.cloud, SILENCE.format(stack.service)):
        assert stack.sweep(240) == []
    assert [step for *_, step in stack.sweep(245)] == [Turn.REMINDER] * 2


def test_quiet_hours_hold_back_a_reminder_and_no_escalation(stack: Stack) -> None:
    """It is no news, but nobody has acted yet."""
    document = (
        '[[routes]]\nto = ["slack"]\nquiet_hours = { from = "12:00", to = "20:00", time_zone = "UTC" }\n'
        'escalate = { after = "3h", to = ["email"] }\n'
    )

    with routes(stack.cloud, document):
        assert [name for name, *_ in stack.come(FAILED, 0)] == ["slack"]
        assert [name for name, *_ in stack.sweep(180)] == ["email"]
        assert stack.sweep(240) == []
        assert stack.sweep(600) == both("/prod could not be deployed, still failing after 10 h", Turn.REMINDER)


def test_flapping_is_told_once_and_ends_with_what_is(stack: Stack) -> None:
    """Its end is told to those who were told of it."""
    changes = [(FAILED, 0), (DEPLOYED, 5), (FAILED, 10), (DEPLOYED, 15)]
    assert [len(stack.come(*change)) for change in changes] == [2, 2, 2, 2]

    assert stack.come(FAILED, 20) == both("/prod is flapping: 3 failures in 20 min", Turn.FLAPPING)
    assert [stack.come(*change) for change in [(DEPLOYED, 25), (FAILED, 30), (DEPLOYED, 35)]] == [[], [], []]
    assert stack.sweep(64) == []
    assert stack.sweep(65) == both("/prod settled: well since 10:35 UTC, failed 4 times in 35 min", Turn.SETTLED)


def test_a_late_failure_is_told_without_a_mention(stack: Stack) -> None:
    """Nobody has to hurry."""
    document = '[[routes]]\nto = ["slack"]\nmention = { failure = "@here" }\n'

    with routes(stack.cloud, document):
        stack.come(DEPLOYED, 5)
        stack.cloud.invoke_events_function(stack.event(FAILED, 0))
        (late,) = stack.deliveries()
        stack.cloud.invoke_events_function(stack.event(FAILED, 10))
        (failed,) = stack.deliveries()

    assert (turn(late), late.notification.mention) == (Turn.LATE, None)
    assert (turn(failed), failed.notification.mention) == (Turn.OPENED, "@here")


def test_a_late_event_of_an_unknown_status_is_told_all_the_same(stack: Stack) -> None:
    """It may be worse than it looks."""
    stack.come(DEPLOYED, 5)

    assert stack.come(DEPLOYED, 0, status="HALTED") == both('/prod has the unknown status "HALTED"', None)


def test_an_incident_that_stays_open_is_escalated(stack: Stack) -> None:
    """To a destination that then hears of its end, too."""
    document = (
        '[[routes]]\nmatch = { severity = ["failure"] }\nto = ["slack"]\n'
        'escalate = { after = "1h", to = ["email"], mention = "@here" }\n'
    )

    with routes(stack.cloud, document):
        assert [name for name, *_ in stack.come(FAILED, 0)] == ["slack"]
        assert stack.sweep(60) == [("email", "/prod could not be deployed, still failing after 60 min", Turn.REMINDER)]
        assert [name for name, *_ in stack.come(DEPLOYED, 70)] == ["email", "slack"]


def test_a_pipeline_and_its_action_are_one_incident(stack: Stack) -> None:
    """The first to fail is told; the others add nothing for a person."""
    pipeline = {"pipeline": stack.service}

    assert [step for *_, step in stack.come("code-pipeline-action-failed", 0, **pipeline)] == [Turn.OPENED] * 2
    assert stack.come("code-pipeline-failed", 1, **pipeline) == []
    recovered = stack.come("code-pipeline-succeeded", 42, **pipeline)
    assert recovered == both(" succeeded, recovered after 42 min", Turn.RECOVERED)


def test_a_service_and_its_instance_share_a_thread(stack: Stack) -> None:
    """Each is told, and each ends by itself."""
    stack.cloud.invoke_events_function(stack.event(FAILED, 0))
    (instance, _) = stack.deliveries()
    stack.cloud.invoke_events_function(stack.event("service-update-failed", 1))
    (service, _) = stack.deliveries()

    assert instance.notification.incident
    assert service.notification.incident
    assert service.notification.incident.thread == instance.notification.incident.id
    assert service.notification.incident.id != instance.notification.incident.id


def test_a_lost_failure_is_recovered_all_the_same(stack: Stack) -> None:
    """The next event names it as the status before."""
    assert stack.come(STARTED, 0, previousStatus="FAILED") == []
    assert stack.come(DEPLOYED, 5) == both("/prod was deployed, recovered, time unknown", Turn.RECOVERED)


def test_a_lost_success_ends_the_incident_with_the_next_event(stack: Stack) -> None:
    """And if it comes after all, it is no message of its own."""
    stack.come(FAILED, 0)

    recovered = stack.come(STARTED, 10, previousStatus="SUCCEEDED")
    assert recovered == both("/prod is being deployed, recovered, time unknown", Turn.RECOVERED)
    assert stack.come(DEPLOYED, 5) == []


NESTED: Final = "cloud-formation-stack-nested-creation-failed-and-is-rolling-back"
STACK: Final = "cloud-formation-stack-updated"


def stack_event(stack: Stack, name: str, status: str, minutes: float) -> dict[str, Any]:
    """Make the event of a stack of CloudFormation, or of one nested in it."""
    raw: dict[str, Any] = json.loads(
        json.dumps(stack.event(name, minutes)).replace("payments-prod", f"{stack.service}-prod")
    )
    return {**raw, "detail": {**raw["detail"], "status-details": {"status": status, "status-reason": ""}}}


def fail_with_root(stack: Stack) -> None:
    """Let a nested stack fail, and its root, which is rolled back."""
    for name, status, minutes, turn_of_both in (
        (NESTED, "CREATE_FAILED", 0, Turn.OPENED),
        (STACK, "UPDATE_ROLLBACK_IN_PROGRESS", 1, Turn.OPENED),
        (STACK, "UPDATE_ROLLBACK_COMPLETE", 3, Turn.FINISHED),
    ):
        assert [step for *_, step in stack.take(stack_event(stack, name, status, minutes))] == [turn_of_both] * 2


def test_a_nested_stack_that_is_well_before_its_root_is_not_told_again(stack: Stack) -> None:
    """Each has an event of its own."""
    fail_with_root(stack)

    for name, minutes in ((NESTED, 24), (STACK, 25)):
        told = stack.take(stack_event(stack, name, "UPDATE_COMPLETE", minutes))
        assert [step for *_, step in told] == [Turn.RECOVERED] * 2


def test_a_nested_stack_is_well_again_with_its_root(stack: Stack) -> None:
    """Its next update, without a change in it, has no event of its own."""
    fail_with_root(stack)

    stack.cloud.invoke_events_function(stack_event(stack, STACK, "UPDATE_COMPLETE", 25))
    recovered = stack.deliveries()

    titles = sorted({stack.happened(each.notification.title) for each in recovered})
    assert titles == [
        "-prod was updated, recovered after 24 min",
        f"-prod-ReadReplica-1QX7ZK3M9TB5C recovered after 25 min with the stack {stack.service}-prod",
    ]
    assert {turn(each) for each in recovered} == {Turn.RECOVERED}
    assert len({each.notification.incident and each.notification.incident.thread for each in recovered}) == 1
    assert stack.take(stack_event(stack, STACK, "UPDATE_COMPLETE", 60)) == []


def test_a_family_begins_a_new_thread_later(stack: Stack) -> None:
    """Fifteen minutes after the first failure, it is another matter."""
    stack.come(FAILED, 0)
    stack.cloud.invoke_events_function(stack.event("service-update-failed", 16))
    (service, _) = stack.deliveries()

    assert service.notification.incident
    assert service.notification.incident.thread == service.notification.incident.id
