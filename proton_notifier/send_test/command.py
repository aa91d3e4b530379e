"""`notifier send-test`: send a marked test event through a deployed stack and wait until it is delivered."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from botocore.config import Config

from notifier.delivery.outcomes import Sent
from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.sources import test_message
from notifier.sources.test_message import RequestedTest
from proton_notifier.common.aws_errors import explained
from proton_notifier.common.deployed_stack import CLIENT_CONFIG, STACK_ERRORS, DeployedStack
from proton_notifier.send_test.delivery_status import RESOURCES, DeliveryStatus, Unsent
from proton_notifier.send_test.invoke import ANSWER_SECONDS, check_version, invoke

POLL_SECONDS: Final = 1
# Usually, everything is sent before the log and the failed deliveries have to be read.
STATUS_SECONDS: Final = 10

# What to do next; the sections are those of docs/operations.md.
DEAD_LETTERED: Final = """{name} did not get it
  Fix the cause: "Permanently failed sends" in docs/operations.md.
  Its delivery is in FailedDeliveries. Send it back: notifier redrive {options}"""
UNKNOWN: Final = """it is unknown whether {name} has it
  Does the second function receive deliveries? "Old deliveries" in docs/operations.md, from step 1 on.
  A long BatchingWindowSeconds needs a longer --timeout."""
DEFERRED: Final = """{name} does not have it yet
  It is retried automatically, for hours: "Old deliveries" in docs/operations.md, step 3.
  A longer --timeout waits for it."""


class Progress:
    """Prints lines with the seconds since its start."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.sleep = sleep
        self._clock = clock
        self._started = clock()
        self._errors: set[str] = set()

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._started

    def show(self, line: str) -> None:
        """Print *line*."""
        print(f"{self.seconds:6.1f} s  {line}", flush=True)

    def show_error(self, error: str) -> None:
        """Print *error*, unless it was printed before."""
        if error not in self._errors:
            self._errors.add(error)
            self.show(error)


def run(
    arguments: Namespace, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Send a test; return 1 unless every destination has it."""
    try:
        errors = send_test(arguments, DeployedStack(arguments.stack, arguments.region), clock, sleep)
    except STACK_ERRORS as error:
        errors = [explained(error)]
    for line in errors:
        print(f"{arguments.stack}: {line}", file=sys.stderr)
    return 1 if errors else 0


def send_test(
    arguments: Namespace, stack: DeployedStack, clock: Callable[[], float], sleep: Callable[[float], None]
) -> list[str]:
    """Send a test and wait for it; return the errors, none if every destination has it."""
    severity = Severity(arguments.severity)
    stack.announce()
    ids = stack.physical_ids(("EventsFunction", *RESOURCES))
    check_version(stack)
    functions = stack.client("lambda", CLIENT_CONFIG.merge(Config(read_timeout=ANSWER_SECONDS)))
    sent_by = stack.caller["Arn"].rpartition(":")[2]
    test = RequestedTest(stack=stack.name, severity=severity, sent_by=sent_by, to=tuple(arguments.to))
    event_id, now = str(uuid4()), datetime.now(UTC)
    event = test_message.event(test, event_id, stack.caller["Account"], functions.meta.region_name, now)
    print(f"Event {event_id}, a test with severity {severity}", flush=True)
    progress = Progress(clock, sleep)
    response = invoke(functions, ids["EventsFunction"], event)
    for line in response.lines():
        progress.show(line)
    proofs = {name: response.proof(name, severity) for name in response.destinations}
    status = DeliveryStatus(stack, ids, event_id, now, progress.show_error)
    try:
        unsent = _wait(proofs, status, progress, arguments.timeout.total_seconds())
    finally:
        # Also after Ctrl-C: a test that is still in the queue opens its alert later.
        for name in response.opened_alerts(severity):
            print(f"A test with severity {severity} opens an alert at {name}; close it with:")
            print(f"  notifier send-test {stack.options} --severity recovered --to {name}")
    return [*response.errors(test), *(_advice(name, last, stack.options) for name, last in unsent.items())]


def _wait(
    proofs: Mapping[str, str], status: DeliveryStatus, progress: Progress, timeout_seconds: float
) -> Mapping[str, Unsent | None]:
    """Wait until every destination of *proofs* has the test; return those without it and their last known status."""
    unsent: dict[str, Unsent | None] = dict.fromkeys(proofs)
    next_look = float(STATUS_SECONDS)
    while True:
        for name in status.in_ledger(unsent):
            progress.show(f"sent to {name}: {proofs[name]}")
            del unsent[name]
        timed_out = progress.seconds >= timeout_seconds
        if unsent and (timed_out or progress.seconds >= next_look):
            next_look = progress.seconds + STATUS_SECONDS
            found = status.latest(last=timed_out)
            for name in [name for name in unsent if found.get(name, unsent[name]) != unsent[name]]:
                match found[name]:
                    case Sent(ledger_error=error):
                        missing = f", but the ledger does not know: {tidy(error)}"
                        progress.show(f"sent to {name}{missing if error else f': {proofs[name]}'}")
                        del unsent[name]
                    case Unsent(why, final) as latest:
                        progress.show(f"{'given up for' if final else 'not sent to'} {name}: {why}")
                        unsent[name] = latest
        if timed_out or all(latest and latest.final for latest in unsent.values()):
            return unsent
        progress.sleep(POLL_SECONDS)


def _advice(name: str, status: Unsent | None, options: str) -> str:
    advice = UNKNOWN if status is None else DEAD_LETTERED if status.final else DEFERRED
    return advice.format(name=name, options=options)
