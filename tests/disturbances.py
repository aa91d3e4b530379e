"""The first function in moto, which can be disturbed at each AWS call of a story.

The calls are numbered by a run without a disturbance, so that every point is tried, none is sampled. What is queued is
counted by its id, as the ledger would.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
import pytest
import time_machine
from botocore.hooks import BaseEventHooks
from moto import mock_aws

from notifier.delivery.delivery import Delivery
from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.localaws.queue import local_queue, local_queues
from tests.aws_calls import hooks
from tests.functions import VARIABLES, deploy
from tests.local_cloud import take
from tests.memory_table import MEMORY_TABLE, memory_table

TEN: Final = datetime(2026, 11, 26, 10, tzinfo=UTC)
# No route leads a recovery anywhere.
ROUTES: Final = '[[routes]]\nmatch = { severity = ["failure"] }\nto = ["email", "slack"]\n'
SWEEP: Final = {"source": "notifier.sources.sweep", "detail-type": "Notifier Sweep", "detail": {}}
# It is not disturbed: a sweep leaves to it what it could not do.
NEXT_SWEEP: Final = {**SWEEP, "detail": {"next": True}}
ATTEMPTS: Final = 3

# The name of an operation, and the side of its call, before or after.
Point = tuple[str, str]
Disturb = Callable[["Functions"], None]
# Its minute after ten, and the event.
Step = tuple[float, dict[str, Any]]


class ProcessEndedError(BaseException):
    """The process is gone: nothing in it may catch this."""


class Functions:
    """The first function, of which each run has other resources.

    *points* are those of each step, before and after each call. *events* are the hooks of all clients.
    """

    def __init__(self, events: BaseEventHooks) -> None:
        self.events = events
        self.points: list[list[Point]] = []
        self.variables = {**VARIABLES, **deploy(), "MEMORY_TABLE": MEMORY_TABLE}
        self._step: Step = (0, SWEEP)
        self._disturb: Disturb | None = None
        self._place: int | None = None
        self._runs = 0
        self._passing = threading.Lock()
        self._function = self._start()

    @property
    def log(self) -> str:
        """The output of the process."""
        return self._function.log.getvalue()

    def tell(self, story: Sequence[Step], disturb: Disturb | None = None, place: int | None = None) -> list[Delivery]:
        """Let *story* happen; *disturb* each step at the point number *place*. Return each delivery once."""
        self._runs += 1
        self.points = []
        self._function = self._start()
        for step in story:
            self.points.append([])
            self._disturb, self._place = None if step[1] is NEXT_SWEEP else disturb, place
            self._take(step)
        deliveries = map(Delivery.from_json, take(local_queue(self.variables["DELIVERIES_QUEUE_URL"])))
        return [*{each.id: each for each in deliveries}.values()]

    def take_elsewhere(self, step: Step | None = None) -> None:
        """Let another process take *step*, or the same as this one, which waits."""
        waiting, current = self._function, self._step
        self._function = self._start()
        self._take(step or current)
        self._function, self._step = waiting, current

    def reach(self, point: Point) -> None:
        """Pass a point, where a disturbance may wait."""
        with self._passing:
            place = len(self.points[-1])
            self.points[-1].append(point)
            disturb = self._disturb if place == self._place else None
            if disturb:
                self._disturb = None
        if disturb:
            disturb(self)

    def _take(self, step: Step) -> None:
        """Take an event, until an attempt succeeds."""
        self._step = step
        minutes, raw = step
        errors: list[Exception] = []
        with time_machine.travel(TEN + timedelta(minutes=minutes), tick=False):
            while len(errors) < ATTEMPTS:
                try:
                    self._function.invoke(self._renamed(raw))
                except ProcessEndedError:
                    self._function = self._start()
                except Exception as error:  # noqa: BLE001 - Lambda, too, counts any exception as a failure
                    errors.append(error)
                else:
                    return
        message = f"the event failed {ATTEMPTS} times"
        raise ExceptionGroup(message, errors)

    def _start(self) -> LocalFunction:
        return LocalFunction("handlers.events.handler", self.variables)

    def _renamed(self, raw: dict[str, Any]) -> dict[str, Any]:
        timed = {**raw, "id": f"run-{self._runs}-{raw.get('id')}", "time": datetime.now(UTC).isoformat()}
        text = json.dumps(timed).replace("payments-prod", "checkout-prod").replace("checkout", f"shop-{self._runs}")
        renamed: dict[str, Any] = json.loads(text)
        return renamed


@contextmanager
def disturbed_functions(routes: str = ROUTES) -> Iterator[Functions]:
    """Watch what the function calls, which has the document *routes*."""
    with pytest.MonkeyPatch.context() as patched, mock_aws(), local_queues():
        functions = Functions(hooks(patched))
        memory_table()
        ssm = boto3.client("ssm", region_name=REGION)
        ssm.put_parameter(Name=functions.variables["ROUTES_PARAMETER"], Value=routes, Type="String")
        for operation in ("dynamodb.GetItem", "dynamodb.PutItem", "sqs.SendMessageBatch"):
            for side in ("before", "after"):
                functions.events.register(
                    f"{side}-call.{operation}", lambda model, side=side, **_: functions.reach((model.name, side))
                )
        yield functions


def end(_functions: Functions) -> None:
    """End the process."""
    raise ProcessEndedError
