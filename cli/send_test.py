"""`notifier send-test`: a marked test event through a deployed stack, and what becomes of it."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli import outcomes
from cli.deployed_stack import CLIENT_CONFIG, WrongStackError, physical_ids
from cli.outcomes import Outcomes
from cli.permissions import explained
from cli.trial_call import ANSWER_SECONDS, SendTestError, call, check_knows_tests
from cli.waiting import Watch, advice, unsent
from notifier import trial
from notifier.changes import Severity
from notifier.trial import Trial

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient


class Identity(Protocol):
    """What is asked of STS."""

    def get_caller_identity(self) -> Mapping[str, str]:
        """Tell whose credentials these are."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The AWS services that a test needs."""

    cloudformation: "CloudFormationClient"
    functions: "LambdaClient"
    identity: Identity
    tellers: outcomes.Clients


def run(
    arguments: Namespace, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Send a test; return 1 unless every destination has it."""
    try:
        problems = send_test(arguments, _clients(arguments.region), clock, sleep)
    except (BotoCoreError, ClientError) as error:
        problems = [explained(error)]
    except (SendTestError, WrongStackError) as error:
        problems = [str(error)]
    for problem in problems:
        print(f"{arguments.stack}: {problem}", file=sys.stderr)
    return 1 if problems else 0


def send_test(
    arguments: Namespace, clients: Clients, clock: Callable[[], float], sleep: Callable[[float], None]
) -> list[str]:
    """Send a test and follow it; return what is wrong, nothing if every destination has it."""
    stack, severity = arguments.stack, Severity(arguments.severity)
    places = physical_ids(clients.cloudformation, stack, ("ProtonFunction", *outcomes.PLACES))
    check_knows_tests(clients.cloudformation, stack)
    caller = clients.identity.get_caller_identity()
    wanted = Trial(stack=stack, severity=severity, sent_by=caller["Arn"].rpartition(":")[2], to=tuple(arguments.to))
    event_id, now = str(uuid4()), datetime.now(UTC)
    event = trial.event(wanted, event_id, caller["Account"], clients.functions.meta.region_name, now)
    print(f"Event {event_id}, a test with severity {severity}", flush=True)
    watch = Watch(clock, sleep)
    answer = call(clients.functions, places["ProtonFunction"], event)
    for line in (answer.title, *answer.lines()):
        watch.say(line)
    told = [recipient.destination for recipient in answer.recipients]
    follow = Outcomes(clients.tellers, places, event_id, now)
    try:
        missed = unsent(told, follow, watch, arguments.timeout.total_seconds(), lambda name: answer.yes(name, severity))
    finally:
        # What waits for PagerDuty opens its alert even if nobody waits here any more.
        for name in [name for name in told if answer.opens_alert(name, severity)]:
            print(f"A test with severity {severity} opens an alert at {name}; close it with:")
            print(f"  notifier send-test --stack {stack} --severity recovered --to {name}")
    return [*answer.problems(wanted), *(advice(name, trouble, stack) for name, trouble in missed.items())]


def _clients(region: str | None) -> Clients:
    return Clients(
        boto3.client("cloudformation", region_name=region, config=CLIENT_CONFIG),
        boto3.client("lambda", region_name=region, config=CLIENT_CONFIG.merge(Config(read_timeout=ANSWER_SECONDS))),
        boto3.client("sts", region_name=region, config=CLIENT_CONFIG),
        outcomes.Clients(
            boto3.client("dynamodb", region_name=region, config=CLIENT_CONFIG),
            boto3.client("logs", region_name=region, config=CLIENT_CONFIG),
            boto3.client("sqs", region_name=region, config=CLIENT_CONFIG),
        ),
    )
