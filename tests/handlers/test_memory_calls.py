"""The calls that the first function makes for the events of a storm."""

import json
from collections import Counter
from typing import Any, Final

import pytest
from hypothesis import settings
from moto import mock_aws

from notifier.delivery.delivery import Delivery
from notifier.model.incident import Turn
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.localaws.queue import local_queue, local_queues
from tests.aws_calls import hooks
from tests.functions import VARIABLES, deploy
from tests.local_cloud import take
from tests.memory_table import MEMORY_TABLE, memory_table
from tests.samples import event

# Counting lines makes this twice as long, and other tests reach all of them.
pytestmark = pytest.mark.uncounted
# In `.ci/run`, a thousand.
RESOURCES: Final = settings.get_profile("notifier").max_examples ** 2 // 10
STACK: Final = json.dumps(event("cloud-formation-stack-updated"))


def stack(number: int, status: str) -> dict[str, Any]:
    """Make an event of the stack of this *number*."""
    raw: dict[str, Any] = json.loads(STACK.replace("checkout-prod", f"stack-{number}"))
    at = {"UPDATE_FAILED": "2026-11-26T10:00:00Z", "UPDATE_COMPLETE": "2026-11-26T10:05:00Z"}[status]
    details = {"status": status, "status-reason": ""}
    return {
        **raw,
        "id": f"{status}-{number}",
        "time": at,
        "detail": {"stack-id": raw["resources"][0], "status-details": details},
    }


def test_each_event_of_a_storm_takes_two_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """One to keep the decision, one to queue: a resource that is new or known is not read."""
    calls: Counter[str] = Counter()
    with mock_aws(), local_queues():
        events = hooks(monkeypatch)
        for service in ("dynamodb", "sqs"):
            events.register(f"before-call.{service}", lambda model, **_: calls.update([model.name]))
        memory_table()
        variables = {**VARIABLES, **deploy(), "MEMORY_TABLE": MEMORY_TABLE}
        started = LocalFunction("handlers.events.handler", variables)
        started.invoke(event("service-update-failed"))
        take(local_queue(variables["DELIVERIES_QUEUE_URL"]))
        calls.clear()

        for status in ("UPDATE_FAILED", "UPDATE_COMPLETE"):
            for number in range(RESOURCES):
                started.invoke(stack(number, status))
        queued = [*map(Delivery.from_json, take(local_queue(variables["DELIVERIES_QUEUE_URL"])))]

    assert calls == {"PutItem": 2 * RESOURCES, "SendMessageBatch": 2 * RESOURCES}
    turns = Counter(each.notification.incident.turn for each in queued if each.notification.incident)
    assert turns == {Turn.OPENED: 2 * RESOURCES, Turn.RECOVERED: 2 * RESOURCES}
