"""The cost of the stack a month, from measured durations and the price table.

The assumptions are pessimistic: each event is an alert, comes alone, so that there are no digests, and becomes both an
email and a message in Slack.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.fakes.services import WRITES
from bench.prices import Prices
from bench.results import FUNCTIONS, OUR_NAME, Run
from bench.stack import Function, stack

# Events a month, and the share of cold starts: all invocations at one event an hour, one in a hundred and fewer in a
# steady stream.
VOLUMES: Final[Mapping[int, float]] = {1_000: 1.0, 100_000: 0.01, 10_000_000: 0.001}
SECONDS_A_MONTH: Final = 30 * 24 * 60 * 60
HOURS_A_MONTH: Final = 30 * 24
# A destination that the template knows has an alarm on its heartbeats, and a metric in the hour of each.
HEARTBEAT_DESTINATIONS: Final = 2
HEARTBEATS_A_MONTH: Final = 30
# AWS bills the key's first two yearly rotations as a key each, and none after them.
KEY_VERSIONS: Final = 3
# A function with so much memory has one whole processor:
# docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html.
PROCESSOR_MEGABYTES: Final = 1_769
# Five processes poll an idle queue, and not two, since the mapping has a maximum concurrency:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html. Each waits for 20 seconds, the most that SQS allows.
POLLS_A_MONTH: Final = 5 * SECONDS_A_MONTH / 20
# START, END, REPORT and X-Ray's line of an invocation, with the 26 bytes that CloudWatch adds to each line.
PLATFORM_LOG_BYTES: Final = 550
LOG_COMPRESSION: Final = 0.15
ROW_BYTES: Final = 350  # an id, a state and two times, with DynamoDB's overhead of 100
MEMORY_ROW_BYTES: Final = 1_500  # compressed, with its key in the index; each event is of another resource
ROW_MONTHS: Final = 2
# The sweep asks the eight parts of the index every five minutes; an answer that is empty is half a unit of reading.
SWEEPS_A_MONTH: Final = SECONDS_A_MONTH / (5 * 60)
SWEEP_GIGABYTE_SECONDS: Final = 0.25 * 0.25  # 256 MB, for eight calls one after the other
SWEEP_READS: Final = 8 * 0.5
# A message, its headers and Slack's handshake, if the connection is new.
SLACK_BYTES: Final = 6_000
# X-Ray's default rule records the first request of each second, and one in twenty of the further requests.
TRACED_BEYOND: Final = 0.05
# Fetched every five minutes: a data key by SNS, and the secret, which KMS decrypts, by the function that sends.
CACHE_SECONDS: Final = 5 * 60
KEY_USERS: Final = 2
GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Load:
    """The use of AWS in a month; *calls* are those of one event."""

    events: int
    gigabyte_seconds: float
    logged_bytes: float
    metrics: int
    calls: Mapping[str, float]

    @property
    def traces(self) -> float:
        """Count the invocations that X-Ray records."""
        first = min(self.events, SECONDS_A_MONTH)
        return 2 * (first + TRACED_BEYOND * (self.events - first))

    @property
    def fetches(self) -> float:
        """Count the fetches of a value that is cached for five minutes."""
        return min(self.events, SECONDS_A_MONTH / CACHE_SECONDS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: *amount* units at the price *price*."""

    service: str
    price: str
    amount: Callable[[Load], float]

    def dollars(self, load: Load, prices: Prices) -> float:
        """Compute the dollars for a month's *load*."""
        return prices.by_name[self.price].cost(self.amount(load))


VARIABLE: Final = (
    Line("Lambda requests", "lambda_requests", lambda load: 2 * load.events),
    Line("Lambda GB-seconds", "lambda_duration", lambda load: load.gigabyte_seconds),
    # A message is received and deleted by a request of its own.
    Line(
        "SQS: sent, received, deleted", "sqs_requests", lambda load: load.events * (load.calls["SendMessageBatch"] + 2)
    ),
    Line("DynamoDB writes", "dynamodb_writes", lambda load: load.events * load.calls[WRITES]),
    Line("DynamoDB reads", "dynamodb_reads", lambda load: load.events * load.calls.get("GetItem", 0)),
    Line(
        "DynamoDB storage",
        "dynamodb_storage",
        lambda load: load.events * ROW_MONTHS * (2 * ROW_BYTES + MEMORY_ROW_BYTES) / GIGABYTE,
    ),
    Line("SNS publishes", "sns_publishes", lambda load: load.events * load.calls["Publish"]),
    Line("SNS emails, to one address", "sns_emails", lambda load: load.events * load.calls["Publish"]),
    Line("logs, taken in", "logs_ingestion", lambda load: load.logged_bytes / GIGABYTE),
    Line("logs, kept for 30 days", "logs_storage", lambda load: load.logged_bytes * LOG_COMPRESSION / GIGABYTE),
    Line("KMS requests", "kms_requests", lambda load: KEY_USERS * load.fetches),
    # A metric is billed for the hours in which it is sent, and one event is in one hour.
    Line("custom metrics", "custom_metrics", lambda load: load.metrics * min(load.events / HOURS_A_MONTH, 1)),
    Line("transfer to Slack", "transfer", lambda load: load.events * SLACK_BYTES / GIGABYTE),
)
FIXED: Final = (
    # Busy pollers make fewer requests, so that this is the most.
    Line("SQS: polling of the empty queue", "sqs_requests", lambda _: POLLS_A_MONTH),
    Line("Lambda requests: sweeps", "lambda_requests", lambda _: SWEEPS_A_MONTH),
    Line("Lambda GB-seconds: sweeps", "lambda_duration", lambda _: SWEEPS_A_MONTH * SWEEP_GIGABYTE_SECONDS),
    Line("DynamoDB reads: sweeps", "dynamodb_reads", lambda _: SWEEPS_A_MONTH * SWEEP_READS),
    Line("logs of sweeps, taken in", "logs_ingestion", lambda _: SWEEPS_A_MONTH * PLATFORM_LOG_BYTES / GIGABYTE),
    Line("alarms", "alarms", lambda _: stack().resources["AWS::CloudWatch::Alarm"]),
)
LINES: Final = (*VARIABLE, *FIXED)
# Options of the template, off by default.
OPTIONS: Final = (
    Line("and with `OperationsDashboard`", "dashboards", lambda _: 1),
    Line("and with `Heartbeat`", "alarms", lambda _: HEARTBEAT_DESTINATIONS),
    Line("and its metrics", "custom_metrics", lambda _: HEARTBEAT_DESTINATIONS * HEARTBEATS_A_MONTH / HOURS_A_MONTH),
    Line("and with `CustomerManagedKey`, from the third year on", "kms_keys", lambda _: KEY_VERSIONS),
    Line("and with `Tracing`", "traces", lambda load: load.traces),
    Line("and with Slack's webhook in Secrets Manager", "secrets", lambda _: 1),
    Line("and its calls", "secrets_requests", lambda load: load.fetches),
)


def loads(run: Run) -> list[Load]:
    """Compute the use of AWS at each volume."""
    return [month(run, events, cold) for events, cold in VOLUMES.items()]


def month(run: Run, events: int, cold: float) -> Load:
    """Compute the use of AWS by so many *events*, of which the share *cold* meets cold starts."""
    subjects = [each.subjects[OUR_NAME] for each in run.rounds]
    workers = [subject.workers[name] for subject in subjects for name in FUNCTIONS]
    logged = sum(median(subject.workers[name].logged_bytes for subject in subjects) for name in FUNCTIONS)
    return Load(
        events,
        events * sum(_gigabyte_seconds(run, name, stack().functions[name], cold) for name in FUNCTIONS),
        events * (logged + len(FUNCTIONS) * PLATFORM_LOG_BYTES),
        len({metric for worker in workers for metric in worker.metrics}),
        subjects[0].calls,
    )


def _gigabyte_seconds(run: Run, name: str, function: Function, cold: float) -> float:
    """Compute the billed duration of an invocation: waiting takes as long as measured, computing longer."""
    workers = [each.subjects[OUR_NAME].workers[name] for each in run.rounds]
    slowdown = max(PROCESSOR_MEGABYTES / function.memory_megabytes, 1)
    waiting_ms = median(worker.with_latencies_ms - worker.with_latencies_cpu_ms for worker in workers)
    working_ms = median(worker.with_latencies_cpu_ms for worker in workers)
    starting_ms = median(each.startups[name].total_ms for each in run.rounds)
    billed_ms = waiting_ms + slowdown * (cold * starting_ms + (1 - cold) * working_ms)
    return billed_ms / 1000 * function.memory_megabytes / 1024


def sums(load: Load, prices: Prices) -> Mapping[str, float]:
    """Sum up the lines."""
    variable, fixed = (sum(line.dollars(load, prices) for line in lines) for lines in (VARIABLE, FIXED))
    return {
        "grows with the events": variable,
        "is fixed": fixed,
        "total": variable + fixed,
        "total, without the units that are free in every account": beyond_free(load, prices),
    }


def beyond_free(load: Load, prices: Prices) -> float:
    """Sum up the lines beyond the free units, which lines of the same price share."""
    amounts: dict[str, float] = defaultdict(float)
    for line in LINES:
        amounts[line.price] += line.amount(load)
    return sum(prices.by_name[name].cost_beyond_free(amount) for name, amount in amounts.items())
