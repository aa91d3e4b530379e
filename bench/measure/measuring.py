"""The measurement of one subject in one round."""

import time
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, median
from typing import Final

from bench.fakes.services import Behaviour, FakeServices, accepted
from bench.measure.events import numbered_events
from bench.measure.stats import percentile
from bench.results import Percentiles, Startup, SubjectResult, WorkerResult
from bench.subjects.catalog import Setup, Subject
from bench.subjects.processes import Event, Invocation
from bench.subjects.runners import Runner

LATENCIES: Final = Behaviour(connect_seconds=0.060, slack_seconds=0.100, aws_seconds=0.015)

# The invocation of each worker for one event.
Invocations = Mapping[str, Invocation]
# The events and the seconds of a phase; the first limit that is reached ends it.
Phase = tuple[int, float]
# On loopback, with the SDK's CPU time counted, and with latencies.
PHASES: Final[tuple[Phase, Phase, Phase]] = ((200, 4), (100, 3), (40, 5))


class MeasuringError(Exception):
    """A subject did not do the work that is measured."""


def measure(subject: Subject, setup: Setup, phases: tuple[Phase, Phase, Phase] = PHASES) -> SubjectResult:
    """Start *subject*, and measure it in all *phases*.

    Raise `MeasuringError` if the subject fails, or a channel misses an event.
    """
    loopback_phase, sdk_phase, latencies_phase = phases
    events = numbered_events(subject.name)
    with FakeServices() as fake, subject.start(setup, fake) as runner:
        _invoke(runner, events)
        startup_log = {name: worker.usage().logged_bytes for name, worker in runner.workers.items()}
        fake.clear()
        loopback = [*_sample(runner, events, loopback_phase)]
        calls = {name: number / len(loopback) for name, number in fake.calls.items()}
        _check(subject, fake)
        usage = {name: worker.usage() for name, worker in runner.workers.items()}
        fake.clear()
        sdk_counted: list[Invocations] = []
        if subject.counts_sdk:
            for worker in runner.workers.values():
                worker.count_sdk()
            sdk_counted = [*_sample(runner, events, sdk_phase)]
        fake.configure(LATENCIES)
        fake.clear()
        with_latencies: list[Invocations] = []
        delivered_ms: list[float] = []
        for invocations in _sample(runner, events, latencies_phase):
            _check(subject, fake)
            with_latencies.append(invocations)
            delivered_ms.append(_delivered_ms(invocations, fake))
            fake.clear()
    workers = {
        name: WorkerResult(
            mean(each[name].cpu_ms for each in loopback),
            mean(each[name].cpu_ms - each[name].sdk_cpu_ms for each in sdk_counted) if sdk_counted else None,
            median(each[name].wall_ms for each in with_latencies),
            mean(each[name].cpu_ms for each in with_latencies),
            usage[name].peak_megabytes,
            (usage[name].logged_bytes - startup_log[name]) / len(loopback),
            tuple(sorted(usage[name].metrics)),
        )
        for name in runner.workers
    }
    returned_ms = [sum(invocation.wall_ms for invocation in each.values()) for each in loopback]
    return SubjectResult(calls, _percentiles(returned_ms), _percentiles(delivered_ms), workers)


def measure_startup(subject: Subject, setup: Setup) -> Mapping[str, Startup]:
    """Start *subject*, and hand over one event."""
    with FakeServices() as fake, subject.start(setup, fake) as runner:
        first = _invoke(runner, numbered_events("startup"))
        return {
            name: Startup(**worker.startup, first_event_ms=first[name].wall_ms)
            for name, worker in runner.workers.items()
        }


def _sample(runner: Runner, events: Iterator[Event], phase: Phase) -> Iterator[Invocations]:
    limit, seconds = phase
    deadline = time.monotonic() + seconds
    for number in range(limit):
        if number and time.monotonic() >= deadline:
            return
        yield _invoke(runner, events)


def _invoke(runner: Runner, events: Iterator[Event]) -> Invocations:
    invocations = runner.invoke(next(events))
    for name, invocation in invocations.items():
        if invocation.error:
            message = f"{name} failed: {invocation.error}"
            raise MeasuringError(message)
    return invocations


def _percentiles(sample: Sequence[float]) -> Percentiles:
    return Percentiles(percentile(sample, 50), percentile(sample, 99), len(sample))


def _delivered_ms(invocations: Invocations, fake: FakeServices) -> float:
    """Compute the time until the later channel had the event, without the time between two workers."""
    *earlier, last = invocations.values()
    answered_at = max(message.answered_at for message in (*fake.slack, *fake.sns))
    return sum(invocation.wall_ms for invocation in earlier) + (answered_at - last.started_at) * 1000


def _check(subject: Subject, fake: FakeServices) -> None:
    """Check that each event became a message to Slack and one to SNS, and that the fake knew every operation."""
    slack, sns = accepted(fake.slack), accepted(fake.sns)
    if fake.rejections or len(slack) < len(fake.slack) or not slack or len(slack) != len(sns):
        message = (
            f"{subject.name}: Slack accepted {len(slack)} of {len(fake.slack)} messages, SNS {len(sns)}; the fake does "
            f"not know {fake.rejections}"
        )
        raise MeasuringError(message)
