"""`notifier send-test`: send a marked test event through a deployed stack and wait until it is delivered."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Final
from uuid import uuid4

from botocore.config import Config

from notifier.delivery.outcomes import Sent
from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.sources import self_tests
from notifier.sources.self_tests import RequestedTest
from notifier.sources.table import TEST_SOURCE
from proton_notifier.common.deployed_stack import CLIENT_CONFIG, DeployedStack, stop
from proton_notifier.send_test.delivery_status import RESOURCES, DeliveryStatus, Unsent
from proton_notifier.send_test.response import EARLIER_VERSION, RESPONSE_SECONDS, TEST_EVENT_SOURCE, invoke

POLL_SECONDS: Final = 1
# Usually, everything is sent before the log must be read.
LOG_SECONDS: Final = 10

# What to do next; the sections are those of docs/operations.md.
DEAD_LETTERED: Final = """{name} did not get it
  Fix the cause: "Permanently failed sends" in docs/operations.md.
  Its delivery is in FailedDeliveries. Send it back: notifier redrive {options}"""
UNKNOWN: Final = """it is unknown whether {name} has it
  Does the delivery function receive deliveries? "Old deliveries" in docs/operations.md, from step 1 on.
  A long BatchingWindowSeconds needs a longer --timeout."""
DEFERRED: Final = """{name} does not have it yet
  It is retried automatically, for hours: "Old deliveries" in docs/operations.md, step 3.
  A longer --timeout waits for it."""


class TimedOutput:
    """Output of lines with the seconds since the start."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._started = clock, clock()

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._started

    def show(self, line: str) -> None:
        """Print *line*."""
        print(f"{self.seconds():6.1f} s  {line}", flush=True)


def run(
    arguments: Namespace,
    stack: DeployedStack,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Send a test and wait for it; return 1 unless every destination has it."""
    severity = Severity(arguments.severity)
    stack.announce()
    ids = stack.physical_ids("EventsFunction", *RESOURCES)
    if stack.outputs.get(TEST_EVENT_SOURCE) != TEST_SOURCE:
        stop(EARLIER_VERSION)
    functions = stack.client("lambda", CLIENT_CONFIG.merge(Config(read_timeout=RESPONSE_SECONDS)))
    sent_by = stack.caller["Arn"].rpartition(":")[2]
    test = RequestedTest(stack=stack.name, severity=severity, sent_by=sent_by, to=tuple(arguments.to))
    event_id, now = str(uuid4()), datetime.now(UTC)
    event = self_tests.event(test, event_id, stack.caller["Account"], functions.meta.region_name, now)
    print(f"Event {event_id}, a test with severity {severity}", flush=True)
    output = TimedOutput(clock)
    response = invoke(functions, ids["EventsFunction"], event)
    for line in response.lines():
        output.show(line)
    proofs = {name: response.proof(name, severity) for name in response.destinations}
    # Cached, so that the same error is shown once.
    status = DeliveryStatus(stack, stack.client("dynamodb"), ids, event_id, now, cache(output.show))
    try:
        unsent = _wait(proofs, status, output, sleep, arguments.timeout.total_seconds())
    finally:
        # Also after Ctrl-C, because a test that is still in the queue opens its alert later.
        for name in response.opened_alerts(severity):
            print(f"A test with severity {severity} opens an alert at {name}; close it with:")
            print(f"  notifier send-test {stack.options} --severity recovered --to {name}")
    errors = [*response.errors(test), *(_advice(name, last, stack.options) for name, last in unsent.items())]
    for error in errors:
        print(f"{stack.name}: {error}", file=sys.stderr)
    return 1 if errors else 0


def _wait(
    proofs: Mapping[str, str], status: DeliveryStatus, output: TimedOutput, sleep: Callable[[float], None], limit: float
) -> Mapping[str, Unsent | None]:
    """Wait up to *limit* seconds until all of *proofs* have the test; return the last status of each that has not."""
    unsent: dict[str, Unsent | None] = dict.fromkeys(proofs)
    log_at = float(LOG_SECONDS)
    while True:
        timed_out = output.seconds() >= limit
        log = timed_out or output.seconds() >= log_at
        log_at = output.seconds() + LOG_SECONDS if log else log_at
        found = status.read(unsent, log=log, last=timed_out)
        for name in [name for name in unsent if found.get(name, unsent[name]) != unsent[name]]:
            match found[name]:
                case Sent(ledger_error=error):
                    detail = f", but the ledger does not know: {tidy(error)}" if error else f": {proofs[name]}"
                    output.show(f"sent to {name}{detail}")
                    del unsent[name]
                case Unsent(why, final) as latest:
                    output.show(f"{'given up for' if final else 'not sent to'} {name}: {why}")
                    unsent[name] = latest
        if timed_out or all(latest and latest.final for latest in unsent.values()):
            return unsent
        sleep(POLL_SECONDS)


def _advice(name: str, status: Unsent | None, options: str) -> str:
    advice = UNKNOWN if status is None else DEAD_LETTERED if status.final else DEFERRED
    return advice.format(name=name, options=options)
