"""Measure a round: each subject once, and its startup."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from operator import itemgetter
from statistics import mean, median
from typing import Final

from bench.fakes.services import Behaviour, FakeServices, accepted
from bench.results import Result
from bench.subjects.catalog import BASELINE, OURS, Subject, numbered_events
from bench.subjects.runners import Invocations, Setup, SubjectError

LATENCIES: Final = Behaviour(connect_seconds=0.060, slack_seconds=0.100, aws_seconds=0.015)
# Startups vary more than events. No target includes the peers' startups, which are measured once.
STARTUPS: Final = 5

# The maximum events and seconds of each phase: on loopback, with the SDK's CPU time counted, and with latencies.
PHASES: Final = ((200, 4), (100, 3), (40, 5))
# For the CPU time alone.
CPU_PHASES: Final = ((20, 1), (100, 3), (1, 0))


def record_requests() -> Setup:
    """Invoke this project once; return a setup with its requests to Slack and SNS, in the form of boto3's `publish`."""
    with FakeServices() as fake, OURS.start(Setup(), fake) as runner:
        runner.invoke(next(numbered_events("sample")))
    form = fake.sns[0].form
    names = {key.removesuffix("Name"): name for key, name in form.items() if re.fullmatch(r"Message.*\d\.Name", key)}
    attributes = {
        name: {part: form[f"{entry}Value.{part}"] for part in ("DataType", "StringValue")}
        for entry, name in names.items()
    }
    published = {**{name: form[name] for name in ("TopicArn", "Subject", "Message")}, "MessageAttributes": attributes}
    return Setup({"posted": fake.slack[0].body, "published": published})


def measure_round(subjects: Sequence[Subject], setup: Setup, without_bytecode: Setup) -> Result:
    """Measure each of the *subjects* in *setup*, and our startups in *without_bytecode*, too."""
    peers = [subject for subject in subjects if subject not in {BASELINE, OURS}]
    without_memory = replace(setup, variables={"MEMORY_TABLE": ""})
    return {
        "subjects": {subject.name: measure(subject, setup) for subject in subjects},
        "without_memory": measure(OURS, without_memory, CPU_PHASES),
        "startups": {**measure_startups((BASELINE, OURS), setup), **measure_startups(peers, setup, 1)},
        "startups_without_bytecode": measure_startups((BASELINE, OURS), without_bytecode),
    }


def measure_startups(subjects: Sequence[Subject], setup: Setup, times: int = STARTUPS) -> Result:
    """Start *subjects* in turn, each with one event; return the median startup of each worker."""
    samples: dict[str, list[Result]] = defaultdict(list)
    for subject in [*subjects] * times:
        with FakeServices() as fake, subject.start(setup, fake) as runner:
            invocations = runner.invoke(next(numbered_events("startup")))
            _check(subject, fake, [invocations])
            for name, first in invocations.items():
                before_event_ms = sum(runner.startups[name].values())
                sums = {"before_event_ms": before_event_ms, "total_ms": before_event_ms + first.wall_ms}
                samples[name].append({**runner.startups[name], "first_event_ms": first.wall_ms, **sums})
    return {name: sorted(sample, key=itemgetter("total_ms"))[times // 2] for name, sample in samples.items()}


def measure(subject: Subject, setup: Setup, phases: Sequence[tuple[int, float]] = PHASES) -> Result:
    """Start *subject*, and measure it in all *phases*; times and sizes are per event.

    The time of an event ends when the call returns, or with latencies when both channels have the event. Raise
    `SubjectError` if the subject fails or a channel lacks an event.
    """
    loopback_phase, sdk_phase, latencies_phase = phases
    events = numbered_events(subject.name)
    with FakeServices() as fake, subject.start(setup, fake) as runner:
        first = runner.invoke(next(events))
        fake.clear()
        loopback = [*runner.sample(events, *loopback_phase)]
        calls = {name: number / len(loopback) for name, number in fake.calls.items()}
        sdk_counted: list[Invocations] = []
        if subject in {BASELINE, OURS}:
            for worker in runner.workers.values():
                worker.ask({"count_sdk": True})
            sdk_counted = [*runner.sample(events, *sdk_phase)]
        fake.configure(LATENCIES)
        with_latencies: list[Invocations] = []
        delivered_ms: list[float] = []
        for invocations in runner.sample(events, *latencies_phase):
            with_latencies.append(invocations)
            delivered_ms.append(milliseconds_to_both(invocations, fake))
        _check(subject, fake, [first, *loopback, *sdk_counted, *with_latencies])
    workers: dict[str, Result] = {
        name: {
            "cpu_ms": mean(each[name].cpu_ms for each in loopback),
            "cpu_outside_sdk_ms": (
                mean(each[name].cpu_ms - each[name].sdk_cpu_ms for each in sdk_counted) if sdk_counted else None
            ),
            "with_latencies_ms": median(each[name].wall_ms for each in with_latencies),
            "with_latencies_cpu_ms": mean(each[name].cpu_ms for each in with_latencies),
            "peak_megabytes": loopback[-1][name].peak_megabytes,
            "logged_bytes": mean(len(each[name].log) for each in loopback),
            "metrics": sorted(logged_metrics(b"".join(each[name].log for each in (first, *loopback)))),
        }
        for name in first
    }
    return {
        "calls": calls,
        "loopback": _percentiles([sum(invocation.wall_ms for invocation in each.values()) for each in loopback]),
        "with_latencies": _percentiles(delivered_ms),
        "cpu_ms": sum(worker["cpu_ms"] for worker in workers.values()),
        "cpu_outside_sdk_ms": sum(worker["cpu_outside_sdk_ms"] for worker in workers.values()) if sdk_counted else None,
        "workers": workers,
    }


def milliseconds_to_both(invocations: Invocations, fake: FakeServices) -> float:
    """Add up the time of the latest event until both channels had it, without the time between two workers.

    A queue hands a message over while the function that sent it still logs.
    """
    *earlier, last = invocations.values()
    ended_at = max(messages[-1].answered_at for messages in (fake.slack, fake.sns))
    queued = sum(fake.queued[-1].answered_at - each.started_at for each in earlier)
    return (queued + ended_at - last.started_at) * 1000


def logged_metrics(log: bytes) -> frozenset[str]:
    """Find the billed metrics, each a name with dimension values, in *log*, in CloudWatch's embedded metric format."""
    entries = [json.loads(line) for line in log.splitlines() if line.startswith(b"{")]
    return frozenset(
        f"{directive['Namespace']}/{metric['Name']}{{{','.join(f'{name}={entry[name]}' for name in sorted(names))}}}"
        for entry in entries
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", [])
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Find the smallest value that is at least as large as *percent* of all values."""
    return sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]


def _percentiles(sample: Sequence[float]) -> Result:
    return {"p50_ms": percentile(sample, 50), "p99_ms": percentile(sample, 99), "events": len(sample)}


def _check(subject: Subject, fake: FakeServices, sample: Sequence[Invocations]) -> None:
    """Check that each event became a message to Slack and to SNS, and that the fake supported every operation."""
    errors = [invocation.error for invocations in sample for invocation in invocations.values() if invocation.error]
    slack, sns = accepted(fake.slack), accepted(fake.sns)
    if errors or fake.rejections or len(slack) < len(fake.slack) or not slack or len(slack) != len(sns):
        counts = f"Slack accepted {len(slack)} of {len(fake.slack)} messages, SNS {len(sns)}"
        message = f"{subject.name}: {counts}; the errors are {errors}, and the fake does not know {fake.rejections}"
        raise SubjectError(message)
