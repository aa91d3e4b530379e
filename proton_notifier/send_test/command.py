"""`notifier send-test`: a marked test event through a deployed stack, and what becomes of it."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from botocore.config import Config

from notifier.model.status_change import Severity
from notifier.sources import test_message
from notifier.sources.test_message import RequestedTest
from proton_notifier.common.aws_errors import explained
from proton_notifier.common.deployed_stack import CLIENT_CONFIG, STACK_ERRORS, DeployedStack
from proton_notifier.send_test.delivery_status import PLACES, Outcomes
from proton_notifier.send_test.invoke import ANSWER_SECONDS, call, check_knows_tests
from proton_notifier.send_test.wait import Watch, advice, unsent


def run(
    arguments: Namespace, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Send a test; return 1 unless every destination has it."""
    try:
        problems = send_test(arguments, DeployedStack(arguments.stack, arguments.region), clock, sleep)
    except STACK_ERRORS as error:
        problems = [explained(error)]
    for problem in problems:
        print(f"{arguments.stack}: {problem}", file=sys.stderr)
    return 1 if problems else 0


def send_test(
    arguments: Namespace, stack: DeployedStack, clock: Callable[[], float], sleep: Callable[[float], None]
) -> list[str]:
    """Send a test and follow it; return what is wrong, nothing if every destination has it."""
    severity = Severity(arguments.severity)
    stack.announce()
    places = stack.physical_ids(("EventsFunction", *PLACES))
    check_knows_tests(stack)
    functions = stack.client("lambda", CLIENT_CONFIG.merge(Config(read_timeout=ANSWER_SECONDS)))
    sent_by = stack.caller["Arn"].rpartition(":")[2]
    wanted = RequestedTest(stack=stack.name, severity=severity, sent_by=sent_by, to=tuple(arguments.to))
    event_id, now = str(uuid4()), datetime.now(UTC)
    event = test_message.event(wanted, event_id, stack.caller["Account"], functions.meta.region_name, now)
    print(f"Event {event_id}, a test with severity {severity}", flush=True)
    watch = Watch(clock, sleep)
    answer = call(functions, places["EventsFunction"], event)
    for line in (answer.title, *answer.lines()):
        watch.say(line)
    told = [recipient.destination for recipient in answer.recipients]
    follow = Outcomes(stack, places, event_id, now)
    try:
        missed = unsent(told, follow, watch, arguments.timeout.total_seconds(), lambda name: answer.yes(name, severity))
    finally:
        # What waits for PagerDuty opens its alert even if nobody waits here any more.
        for name in [name for name in told if answer.opens_alert(name, severity)]:
            print(f"A test with severity {severity} opens an alert at {name}; close it with:")
            print(f"  notifier send-test {stack.options} --severity recovered --to {name}")
    return [*answer.problems(wanted), *(advice(name, trouble, stack.options) for name, trouble in missed.items())]
