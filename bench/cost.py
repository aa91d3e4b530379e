"""The cost of the stack a month, from measured durations and the price table.

The assumptions are pessimistic: each event is an alert, comes alone, so that there are no digests, and becomes both an
email and a message in Slack.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.fakes.control import ROWS_WRITTEN
from bench.prices import Prices
from bench.results import FUNCTIONS, OUR_NAME, Run
from bench.stack import Function, Stack, stack

# Events a month, and the share of invocations that start anew: all of them at one event an hour, one in a hundred and
# fewer in a steady stream.
VOLUMES: Final[Mapping[int, float]] = {1_000: 1.0, 100_000: 0.01, 10_000_000: 0.001}
SECONDS_A_MONTH: Final = 30 * 24 * 60 * 60
HOURS_A_MONTH: Final = 30 * 24
# A destination that the template knows has an alarm on its heartbeats, and a metric in the hour of each.
HEARTBEAT_DESTINATIONS: Final = 2
HEARTBEATS_A_MONTH: Final = 30
# AWS bills the key's first two yearly rotations as a key each, and none after them.
KEY_VERSIONS: Final = 3
# With so much memory a function has one whole processor:
# docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html.
PROCESSOR_MEGABYTES: Final = 1_769
# Five processes poll an idle queue, and not two, since the mapping has a maximum concurrency:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html. Each waits for 20 seconds, the most that SQS allows.
POLLERS: Final = 5
POLL_SECONDS: Final = 20
# START, END, REPORT and X-Ray's line of an invocation, with the 26 bytes that CloudWatch adds to each line.
PLATFORM_LOG_BYTES: Final = 550
LOG_COMPRESSION: Final = 0.15
ROW_BYTES: Final = 350  # an id, a state and two times, with DynamoDB's overhead of 100
ROW_MONTHS: Final = 2
# A message, its headers and Slack's handshake, if the connection is new.
SLACK_BYTES: Final = 6_000
# X-Ray's default rule records the first request of each second, and a twentieth of the others.
TRACED_BEYOND: Final = 0.05
# SNS and the function that sends fetch these anew every five minutes: a data key, and the secret, which KMS decrypts.
CACHE_SECONDS: Final = 5 * 60
KEY_USERS: Final = 2
GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Load:
    """The use of AWS in a month; *calls* are one event's."""

    events: int
    gigabyte_seconds: float
    logged_bytes: float
    metrics: int
    calls: Mapping[str, float]
    stack: Stack

    @property
    def polls(self) -> float:
        """Count the polls of the empty queue; busy pollers would make fewer, so that this is the most."""
        return POLLERS * SECONDS_A_MONTH / POLL_SECONDS

    @property
    def requests(self) -> float:
        """Count the requests that send a message to the queue, receive and delete it."""
        return self.events * (self.calls["SendMessageBatch"] + 2)

    @property
    def traces(self) -> float:
        """Count the invocations that X-Ray records."""
        first = min(self.events, SECONDS_A_MONTH)
        return 2 * (first + TRACED_BEYOND * (self.events - first))

    @property
    def metric_months(self) -> float:
        """Count the billed metrics: by the hours in which they are sent, and lone events are in as many as can be."""
        return self.metrics * min(self.events, HOURS_A_MONTH) / HOURS_A_MONTH

    @property
    def fetches(self) -> float:
        """Count the fetches of a value that is cached for five minutes."""
        return min(self.events, SECONDS_A_MONTH / CACHE_SECONDS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: *amount* units at the price *price*; it *grows* with the events, or is fixed."""

    service: str
    price: str
    amount: Callable[[Load], float]
    grows: bool

    def dollars(self, load: Load, prices: Prices) -> float:
        """Compute the line's dollars for a month's *load*."""
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
# Options of the template, off by default.
CHOICES: Final = (
    Line("and with `OperationsDashboard`", "dashboards", lambda _: 1, grows=False),
    Line("and with `Heartbeat`", "alarms", lambda _: HEARTBEAT_DESTINATIONS, grows=False),
    Line(
        "and its metrics",
        "custom_metrics",
        lambda _: HEARTBEAT_DESTINATIONS * HEARTBEATS_A_MONTH / HOURS_A_MONTH,
        grows=False,
    ),
    Line("and with `CustomerManagedKey`, from the third year on", "kms_keys", lambda _: KEY_VERSIONS, grows=False),
    Line("and with `Tracing`", "traces", lambda load: load.traces, grows=True),
    Line("and with Slack's webhook in Secrets Manager", "secrets", lambda _: 1, grows=False),
    Line("and its calls", "secrets_requests", lambda load: load.fetches, grows=True),
)


def month(run: Run, shape: Stack, events: int, cold: float) -> Load:
    """Compute the use of so many *events*, of which the share *cold* starts the functions anew."""
    functions = dict(zip(FUNCTIONS, (shape.events, shape.delivery), strict=True))
    used = [_used(run, name, function, cold) for name, function in functions.items()]
    return Load(
        events,
        events * sum(each.gigabyte_seconds for each in used),
        events * sum(each.logged_bytes for each in used),
        len(frozenset[str]().union(*(each.metrics for each in used))),
        run.rounds[0].subjects[OUR_NAME].calls,
        shape,
    )


def loads(run: Run) -> list[Load]:
    """Compute the use of each volume."""
    return [month(run, stack(), events, cold) for events, cold in VOLUMES.items()]


def sums(load: Load, prices: Prices) -> Mapping[str, float]:
    """Sum up the lines."""
    growing, fixed = (
        sum(line.dollars(load, prices) for line in LINES if line.grows is grows) for grows in (True, False)
    )
    return {
        "grows with the events": growing,
        "is fixed": fixed,
        "total": growing + fixed,
        "total, without the units that are free in every account": beyond_free(load, prices),
    }


def beyond_free(load: Load, prices: Prices) -> float:
    """Sum up the lines beyond the free units, which lines of one price share and nothing else uses."""
    amounts: dict[str, float] = defaultdict(float)
    for line in LINES:
        amounts[line.price] += line.amount(load)
    return sum(prices.by_name[name].cost_beyond_free(amount) for name, amount in amounts.items())


@dataclass(frozen=True, slots=True)
class Used:
    """The use of a function by one event."""

    gigabyte_seconds: float
    logged_bytes: float
    metrics: frozenset[str]


def _used(run: Run, name: str, function: Function, cold: float) -> Used:
    parts = [each.subjects[OUR_NAME].parts[name] for each in run.rounds]
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
