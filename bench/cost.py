"""The monthly cost of the stack, from measured durations and the price table.

The assumptions are pessimistic: each event is an alert, comes alone (without digests), and becomes both an email and a
Slack message.
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

# Events a month, and the share of cold starts: all at about one event an hour, 1 % or fewer in a steady stream.
VOLUMES: Final[Mapping[int, float]] = {1_000: 1.0, 100_000: 0.01, 1_000_000: 0.003, 10_000_000: 0.001}
SECONDS_A_MONTH: Final = 30 * 24 * 60 * 60
HOURS_A_MONTH: Final = 30 * 24
# Each of the template's destinations has an alarm on its heartbeats, and a metric in the hour of each heartbeat.
HEARTBEAT_DESTINATIONS: Final = 2
HEARTBEATS_A_MONTH: Final = 30
# A function with this much memory has one full processor:
# docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html.
PROCESSOR_MEGABYTES: Final = 1_769
# Because the mapping has a maximum concurrency, five processes poll an idle queue instead of two:
# docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html. Each waits for 20 seconds, the maximum of SQS.
POLLS_A_MONTH: Final = 5 * SECONDS_A_MONTH / 20
# The lines START, END, REPORT and XRAY of an invocation, with the 26 bytes that CloudWatch adds to each line.
PLATFORM_LOG_BYTES: Final = 550
LOG_COMPRESSION: Final = 0.15
ROW_BYTES: Final = 350  # an id, a state and two times, with DynamoDB's overhead of 100
MEMORY_ROW_BYTES: Final = 1_500  # compressed, with its key in the index; each event is of another resource
ROW_MONTHS: Final = 2
# The sweep queries the eight shards of the index every five minutes; an empty response is half a read unit.
SWEEPS_A_MONTH: Final = SECONDS_A_MONTH / (5 * 60)
SWEEP_GIGABYTE_SECONDS: Final = 0.25 * 0.25  # 256 MB, for eight calls one after the other
SWEEP_READS: Final = 8 * 0.5
# A message, its headers, and Slack's TLS handshake for a new connection.
SLACK_BYTES: Final = 6_000
# KMS is used every five minutes: by SNS for a data key, and by the delivery function to decrypt the secret.
CACHE_SECONDS: Final = 5 * 60
KEY_USERS: Final = 2
GIGABYTE: Final = 10**9


@cache
def prices() -> Mapping[str, Any]:
    """Read the AWS prices of one region on one date."""
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))


def dollars(price: str, amount: float) -> float:
    """Compute the dollars for *amount* units at *price*."""
    return amount * float(prices()[price]["dollars"]) / float(prices()[price]["per"])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: *amount* units at the price *price*."""

    service: str
    price: str
    amount: float


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of a month with *events*: lines that grow with the events, fixed lines, and lines of options."""

    events: int
    metrics: int
    variable: tuple[Line, ...]
    fixed: tuple[Line, ...]
    options: tuple[Line, ...]

    @property
    def sums(self) -> Mapping[str, float]:
        """The sums of the lines, without options."""
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
    """Make the bill for *events*, of which the share *cold* has cold starts."""
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
            # Each message has its own requests to receive and to delete it.
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
            # This is the maximum, because busy pollers make fewer requests.
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
            # AWS bills each of the key's first two yearly rotations as another key.
            Line("and with `CustomerManagedKey`, from the third year on", "kms_keys", 3),
            Line("and with `Tracing`", "traces", 2 * traced),
            Line("and with Slack's webhook in Secrets Manager", "secrets", 1),
            Line("and its calls", "secrets_requests", fetches),
        ),
    )
