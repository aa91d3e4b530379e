import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from proton_notifier.localaws.function import LocalFunction
from tests.functions import VARIABLES, deploy
from tests.memory_table import MEMORY_TABLE, memory_table
from tests.samples import event

BEGINNING = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
SWEEP = {"source": "notifier.sources.sweep", "detail-type": "Notifier Sweep", "detail": {}}
FAILED = "service-instance-deployment-failed"
DEPLOYED = "service-instance-deployed"
WAITS = "code-pipeline-action-waits-for-approval"
APPROVED = "code-pipeline-action-approved"
RECOVERED_AFTER = [{"Opened": 1.0}, {"Closed": 1.0, "SecondsToRecovery": 2520.0}]


class Function:
    """The first function, in a stack with a memory."""

    def __init__(self) -> None:
        memory_table()
        self._local = LocalFunction("handlers.events.handler", {**VARIABLES, **deploy(), "MEMORY_TABLE": MEMORY_TABLE})

    def come(self, name: str, minutes: float, **detail: str) -> None:
        """Let an event come that happened so many minutes after the beginning."""
        raw = event(name)
        at = BEGINNING + timedelta(minutes=minutes)
        self.invoke({**raw, "id": f"{name}/{minutes}", "time": at.isoformat(), "detail": {**raw["detail"], **detail}})

    def invoke(self, raw: dict[str, Any]) -> None:
        """Let *raw* come."""
        self._local.invoke(raw)

    @property
    def measured(self) -> list[dict[str, float]]:
        """The metrics of incidents of each invocation that has some."""
        lines = [json.loads(line) for line in self._local.log.getvalue().splitlines()]
        names = ("Opened", "Closed", "SecondsToRecovery")
        found = [{name: line[name][0] for name in names if name in line} for line in lines]
        return [each for each in found if each]


@pytest.fixture
def function() -> Iterator[Function]:
    """Deploy the function."""
    with mock_aws():
        yield Function()


def test_the_openings_and_ends_of_incidents_are_measured_once(function: Function) -> None:
    """A retry and what happens in between change nothing."""
    for name, minutes in ((FAILED, 0), (FAILED, 0), (FAILED, 10), (DEPLOYED, 42), (DEPLOYED, 42), (DEPLOYED, 50)):
        function.come(name, minutes)

    assert function.measured == RECOVERED_AFTER


def test_what_was_accepted_has_not_recovered(function: Function) -> None:
    """The time that people take is none to repair something."""
    function.come(APPROVED, -10)
    function.come(WAITS, 0)
    function.come(APPROVED, 10)

    assert function.measured == [{"Opened": 1.0}, {"Closed": 1.0}]


def test_an_end_that_a_sweep_finds_is_measured(function: Function) -> None:
    """Flapping ends half an hour after the last change."""
    for number in range(3):
        function.come(FAILED, 10 * number)
        function.come(DEPLOYED, 10 * number + 5)

    function.invoke(SWEEP)

    five_minutes = {"Closed": 1.0, "SecondsToRecovery": 300.0}
    assert function.measured == [{"Opened": 1.0}, five_minutes] * 2 + [{"Opened": 1.0}, {"Closed": 1.0}]
