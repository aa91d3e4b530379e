"""What the stack costs a month, from measured durations and the price table.

Pessimistic where it has to guess: each event is an alert, comes alone, so that nothing goes into a digest, and has both
an email and a message in Slack.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.fakes.control import ROWS_WRITTEN
from bench.prices import Prices
from bench.report.targets import FUNCTIONS, OURS
from bench.results import Run
from bench.stack import Function, Stack, stack

# Events a month, and how many of the invocations start anew: all of them if there is one an hour, one in a hundred
# and fewer in a steady stream.
VOLUMES: Final[Mapping[int, float]] = {1_000: 1.0, 100_000: 0.01, 10_000_000: 0.001}
SECONDS_A_MONTH: Final = 30 * 24 * 60 * 60
HOURS_A_MONTH: Final = 30 * 24
# AWS bills the key's first two yearly rotations as a key each, and none after them.
KEY_VERSIONS: Final = 3
# As of so much memory a function has one whole processor:
# docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html.
PROCESSOR_MEGABYTES: Final = 1_769
# Five processes poll an idle queue, which a maximum concurrency keeps from becoming two, as
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html says; each for 20 seconds, the longest that SQS allows.
POLLERS: Final = 5
POLL_SECONDS: Final = 20
# START, END, REPORT and X-Ray's line of an invocation, with the 26 bytes that CloudWatch adds to each line.
PLATFORM_LOG_BYTES: Final = 550
LOG_COMPRESSION: Final = 0.15
ROW_BYTES: Final = 350  # an id, a state and two moments, with DynamoDB's overhead of 100
ROW_MONTHS: Final = 2
# A message, its headers and Slack's handshake, if the connection is new.
SLACK_BYTES: Final = 6_000
# X-Ray's default rule records the first request of each second, and a twentieth of the others.
TRACED_BEYOND: Final = 0.05
# What SNS and the function that sends fetch anew every five minutes: a data key, and the secret, which KMS decrypts.
KEPT_SECONDS: Final = 5 * 60
KEY_USERS: Final = 2
GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Load:
    """What a month's bill depends on; *calls* are an event's."""

    events: int
    gigabyte_seconds: float
    logged_bytes: float
    metrics: int
    calls: Mapping[str, float]
    stack: Stack

    @property
    def polls(self) -> float:
        """How often the queue is asked while it is empty; fixed, since nobody asks while a batch is handled."""
        return POLLERS * SECONDS_A_MONTH / POLL_SECONDS

    @property
    def requests(self) -> float:
        """How often a message is sent to the queue, received and deleted."""
        return self.events * (self.calls["SendMessageBatch"] + 2)

    @property
    def traces(self) -> float:
        """How many of the invocations X-Ray records."""
        first = min(self.events, SECONDS_A_MONTH)
        return 2 * (first + TRACED_BEYOND * (self.events - first))

    @property
    def metric_months(self) -> float:
        """How many metrics are billed, by the hours in which they are sent; lone events are in as many as can be."""
        return self.metrics * min(self.events, HOURS_A_MONTH) / HOURS_A_MONTH

    @property
    def fetches(self) -> float:
        """How often something that is kept for five minutes is fetched."""
        return min(self.events, SECONDS_A_MONTH / KEPT_SECONDS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: *amount* units at the price *price*; *grows* with the events, or is there anyway."""

    service: str
    price: str
    amount: Callable[[Load], float]
    grows: bool

    def dollars(self, load: Load, prices: Prices) -> float:
        """Work out the line for a month's *load*."""
        return prices.by_name[self.price].cost(self.amount(load))


LINES: Final = (
    Line("Lambda requests", "lambda_requests", lambda load: 2 * load.events, grows=True),
    Line("Lambda GB-seconds", "lambda_duration", lambda load: load.gigabyte_seconds, grows=True),
    Line("SQS: sent, received, deleted", "sqs_requests", lambda load: load.requests, grows=True),
    Line("DynamoDB writes", "dynamodb_writes", lambda load: load.calls[ROWS_WRITTEN] * load.events, grows=True),
    Line(
        "DynamoDB storage",
        "dynamodb_storage",
        lambda load: 2 * ROW_MONTHS * load.events * ROW_BYTES / GIGABYTE,
        grows=True,
    ),
    Line("SNS publishes", "sns_publishes", lambda load: load.calls["Publish"] * load.events, grows=True),
    Line("SNS emails, to one address", "sns_emails", lambda load: load.calls["Publish"] * load.events, grows=True),
    Line("logs, taken in", "logs_ingestion", lambda load: load.logged_bytes / GIGABYTE, grows=True),
    Line(
        "logs, kept for 30 days",
        "logs_storage",
        lambda load: load.logged_bytes * LOG_COMPRESSION / GIGABYTE,
        grows=True,
    ),
    Line("KMS requests", "kms_requests", lambda load: KEY_USERS * load.fetches, grows=True),
    Line("custom metrics", "custom_metrics", lambda load: load.metric_months, grows=True),
    Line("transfer to Slack", "transfer", lambda load: load.events * SLACK_BYTES / GIGABYTE, grows=True),
    Line("SQS: polling of the empty queue", "sqs_requests", lambda load: load.polls, grows=False),
    Line("alarms", "alarms", lambda load: load.stack.resources["AWS::CloudWatch::Alarm"], grows=False),
)
# What the stack has only if it is asked for.
CHOICES: Final = (
    Line("and with `OperationsDashboard`", "dashboards", lambda _: 1, grows=False),
    Line("and with `CustomerManagedKey`, from the third year on", "kms_keys", lambda _: KEY_VERSIONS, grows=False),
    Line("and with `Tracing`", "traces", lambda load: load.traces, grows=True),
    Line("and with Slack's webhook in Secrets Manager", "secrets", lambda _: 1, grows=False),
    Line("and its calls", "secrets_requests", lambda load: load.fetches, grows=True),
)


def month(run: Run, shape: Stack, events: int, cold: float) -> Load:
    """Work out a month of so many *events*, of which the share *cold* starts the functions anew."""
    functions = dict(zip(FUNCTIONS, (shape.proton, shape.delivery), strict=True))
    used = [_used(run, name, function, cold) for name, function in functions.items()]
    return Load(
        events,
        events * sum(each.gigabyte_seconds for each in used),
        events * sum(each.logged_bytes for each in used),
        len(frozenset[str]().union(*(each.metrics for each in used))),
        run.rounds[0].subjects[OURS].calls,
        shape,
    )


def loads(run: Run) -> list[Load]:
    """Work out a month of each volume."""
    return [month(run, stack(), events, cold) for events, cold in VOLUMES.items()]


def sums(load: Load, prices: Prices) -> Mapping[str, float]:
    """Add the lines up."""
    growing, fixed = (
        sum(line.dollars(load, prices) for line in LINES if line.grows is grows) for grows in (True, False)
    )
    return {
        "grows with the events": growing,
        "is there anyway": fixed,
        "together": growing + fixed,
        "together, with what is free in every account": beyond_free(load, prices),
    }


def beyond_free(load: Load, prices: Prices) -> float:
    """Add up what is left if the account has no other use for what is free; lines of one price share it."""
    amounts: dict[str, float] = defaultdict(float)
    for line in LINES:
        amounts[line.price] += line.amount(load)
    return sum(prices.by_name[name].cost_beyond_free(amount) for name, amount in amounts.items())


@dataclass(frozen=True, slots=True)
class Used:
    """What one event needs of a function."""

    gigabyte_seconds: float
    logged_bytes: float
    metrics: frozenset[str]


def _used(run: Run, name: str, function: Function, cold: float) -> Used:
    parts = [each.subjects[OURS].parts[name] for each in run.rounds]
    slowdown = max(PROCESSOR_MEGABYTES / function.memory_megabytes, 1)
    waiting_ms = median(part.simulated_ms - part.simulated_cpu_ms for part in parts)
    working_ms = median(part.simulated_cpu_ms for part in parts)
    starting_ms = median(each.starts[name].whole_ms for each in run.rounds)
    billed_ms = waiting_ms + slowdown * (cold * starting_ms + (1 - cold) * working_ms)
    return Used(
        billed_ms / 1000 * function.memory_megabytes / 1024,
        median(part.logged_bytes for part in parts) + PLATFORM_LOG_BYTES,
        frozenset(metric for part in parts for metric in part.metrics),
    )
