"""The cost of the stack a month, from measured durations and the price table.

The assumptions are pessimistic: each event is an alert, comes alone, so that there are no digests, and becomes both an
email and a message in Slack.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.fakes.services import WRITES
from bench.results import OUR_NAME, Result
from bench.stack import stack

# Events a month, and the share of cold starts: all invocations at one event an hour, one in a hundred and fewer in a
# steady stream.
VOLUMES: Final[Mapping[int, float]] = {1_000: 1.0, 100_000: 0.01, 10_000_000: 0.001}
SECONDS_A_MONTH: Final = 30 * 24 * 60 * 60
HOURS_A_MONTH: Final = 30 * 24
# A destination that the template knows has an alarm on its heartbeats, and a metric in the hour of each.
HEARTBEAT_DESTINATIONS: Final = 2
HEARTBEATS_A_MONTH: Final = 30
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
# Fetched every five minutes: a data key by SNS, and the secret, which KMS decrypts, by the function that sends.
CACHE_SECONDS: Final = 5 * 60
KEY_USERS: Final = 2
GIGABYTE: Final = 10**9


@cache
def prices() -> Mapping[str, Any]:
    """Read the prices of AWS, in one region on one date."""
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))


def dollars(price: str, amount: float) -> float:
    """Compute the dollars for *amount* units at a price."""
    return amount * float(prices()[price]["dollars"]) / float(prices()[price]["per"])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: *amount* units at the price *price*."""

    service: str
    price: str
    amount: float


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of a month with so many *events*: those that grow with them, the fixed ones, and the options'."""

    events: int
    metrics: int
    variable: tuple[Line, ...]
    fixed: tuple[Line, ...]
    options: tuple[Line, ...]

    @property
    def sums(self) -> Mapping[str, float]:
        """Sum up the lines without the options."""
        variable, fixed = (
            sum(dollars(line.price, line.amount) for line in lines) for lines in (self.variable, self.fixed)
        )
        # Lines of the same price share its free units.
        amounts: defaultdict[str, float] = defaultdict(float)
        for line in (*self.variable, *self.fixed):
            amounts[line.price] += line.amount
        billed = (dollars(price, max(amount - prices()[price]["free"], 0)) for price, amount in amounts.items())
        return {
            "grows with the events": variable,
            "is fixed": fixed,
            "total": variable + fixed,
            "total, without the units that are free in every account": sum(billed),
        }


def bill(run: Result, events: int, cold: float) -> Bill:
    """Make the bill for so many *events*, of which the share *cold* meets cold starts."""
    subjects = [each["subjects"][OUR_NAME] for each in run["rounds"]]
    calls = subjects[0]["calls"]
    gigabyte_seconds, logged_bytes, metrics = 0.0, 0.0, set()
    for name, function in stack().functions.items():
        workers = [subject["workers"][name] for subject in subjects]
        # Waiting takes as long as measured, computing longer.
        slowdown = max(PROCESSOR_MEGABYTES / function.memory_megabytes, 1)
        waiting_ms = median(worker["with_latencies_ms"] - worker["with_latencies_cpu_ms"] for worker in workers)
        working_ms = median(worker["with_latencies_cpu_ms"] for worker in workers)
        starting_ms = median(each["startups"][name]["total_ms"] for each in run["rounds"])
        billed_ms = waiting_ms + slowdown * (cold * starting_ms + (1 - cold) * working_ms)
        gigabyte_seconds += events * billed_ms / 1000 * function.memory_megabytes / 1024
        logged_bytes += events * (median(worker["logged_bytes"] for worker in workers) + PLATFORM_LOG_BYTES)
        metrics |= {metric for worker in workers for metric in worker["metrics"]}
    fetches = min(events, SECONDS_A_MONTH / CACHE_SECONDS)
    stored_bytes = events * ROW_MONTHS * (2 * ROW_BYTES + MEMORY_ROW_BYTES)
    # X-Ray's default rule records the first request of each second, and one in twenty of the further requests.
    traced = min(events, SECONDS_A_MONTH) + max(events - SECONDS_A_MONTH, 0) / 20
    return Bill(
        events,
        len(metrics),
        (
            Line("Lambda requests", "lambda_requests", 2 * events),
            Line("Lambda GB-seconds", "lambda_duration", gigabyte_seconds),
            # A message is received and deleted by a request of its own.
            Line("SQS: sent, received, deleted", "sqs_requests", events * (calls["SendMessageBatch"] + 2)),
            Line("DynamoDB writes", "dynamodb_writes", events * calls[WRITES]),
            Line("DynamoDB reads", "dynamodb_reads", events * calls.get("GetItem", 0)),
            Line("DynamoDB storage", "dynamodb_storage", stored_bytes / GIGABYTE),
            Line("SNS publishes", "sns_publishes", events * calls["Publish"]),
            Line("SNS emails, to one address", "sns_emails", events * calls["Publish"]),
            Line("logs, taken in", "logs_ingestion", logged_bytes / GIGABYTE),
            Line("logs, kept for 30 days", "logs_storage", logged_bytes * LOG_COMPRESSION / GIGABYTE),
            Line("KMS requests", "kms_requests", KEY_USERS * fetches),
            # A metric is billed for the hours in which it is sent, and one event is in one hour.
            Line("custom metrics", "custom_metrics", len(metrics) * min(events / HOURS_A_MONTH, 1)),
            Line("transfer to Slack", "transfer", events * SLACK_BYTES / GIGABYTE),
        ),
        (
            # Busy pollers make fewer requests, so that this is the most.
            Line("SQS: polling of the empty queue", "sqs_requests", POLLS_A_MONTH),
            Line("Lambda requests: sweeps", "lambda_requests", SWEEPS_A_MONTH),
            Line("Lambda GB-seconds: sweeps", "lambda_duration", SWEEPS_A_MONTH * SWEEP_GIGABYTE_SECONDS),
            Line("DynamoDB reads: sweeps", "dynamodb_reads", SWEEPS_A_MONTH * SWEEP_READS),
            Line("logs of sweeps, taken in", "logs_ingestion", SWEEPS_A_MONTH * PLATFORM_LOG_BYTES / GIGABYTE),
            Line("alarms", "alarms", stack().resources["AWS::CloudWatch::Alarm"]),
        ),
        # Off by default.
        (
            Line("and with `OperationsDashboard`", "dashboards", 1),
            Line("and with `Heartbeat`", "alarms", HEARTBEAT_DESTINATIONS),
            Line("and its metrics", "custom_metrics", HEARTBEAT_DESTINATIONS * HEARTBEATS_A_MONTH / HOURS_A_MONTH),
            # AWS bills the key's first two yearly rotations as a key each, and none after them.
            Line("and with `CustomerManagedKey`, from the third year on", "kms_keys", 3),
            Line("and with `Tracing`", "traces", 2 * traced),
            Line("and with Slack's webhook in Secrets Manager", "secrets", 1),
            Line("and its calls", "secrets_requests", fetches),
        ),
    )
