"""The measurement of one subject in one round."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Final

from bench.fakes.control import Behaviour, Requests
from bench.measure.stats import percentile
from bench.results import Part, Start, SubjectResult, Times
from bench.subjects.catalog import Setup, Subject
from bench.subjects.processes import Invocation
from bench.subjects.runners import Event, Runner

LATENCIES: Final = Behaviour(connect_seconds=0.060, slack_seconds=0.100, aws_seconds=0.015)


@dataclass(frozen=True, slots=True)
class Phase:
    """The limits of a phase, in *events* and in *seconds*: whichever comes first ends it."""

    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Phases:
    """The phases of a measurement: on loopback, with the SDK's CPU counted, and with latencies."""

    loopback: Phase = Phase(200, 4)
    counted: Phase = Phase(100, 3)
    simulated: Phase = Phase(40, 5)


class MeasuringError(Exception):
    """A subject did not do the work that is measured."""


def measure(subject: Subject, setup: Setup, events: Iterator[Event], phases: Phases) -> SubjectResult:
    """Start *subject* and hand over *events*; raise `MeasuringError` if it fails or a channel misses an event."""
    setup.stand_in.reset()
    with subject.start(setup) as runner:
        starts = _starts(runner, events)
        logged = {name: usage.logged_bytes for name, usage in runner.usage().items()}
        setup.stand_in.clear_requests()
        loopback = [*_invocations(runner, events, phases.loopback)]
        on_loopback = setup.stand_in.requests()
        _check(subject, on_loopback)
        usage = runner.usage()
        setup.stand_in.clear_requests()
        counted = [*_invocations(runner, events, phases.counted)] if runner.count_sdk() else []
        setup.stand_in.configure(LATENCIES)
        until_ms: list[float] = []
        simulated: list[Mapping[str, Invocation]] = []
        for invocations in _invocations(runner, events, phases.simulated, setup.stand_in.clear_requests):
            requests = setup.stand_in.requests()
            _check(subject, requests)
            until_ms.append(_until_ms(invocations, requests))
            simulated.append(invocations)
    return SubjectResult(
        {name: number / len(loopback) for name, number in on_loopback.calls.items()},
        _times([sum(part.wall_ms for part in each.values()) for each in loopback]),
        _times(until_ms),
        {
            name: Part(
                start,
                mean(each[name].cpu_ms for each in loopback),
                mean(each[name].cpu_ms - each[name].sdk_cpu_ms for each in counted) if counted else None,
                median(each[name].wall_ms for each in simulated),
                mean(each[name].cpu_ms for each in simulated),
                usage[name].peak_megabytes,
                (usage[name].logged_bytes - logged[name]) / len(loopback),
                tuple(sorted(usage[name].metrics)),
            )
            for name, start in starts.items()
        },
    )


def measure_start(subject: Subject, setup: Setup, events: Iterator[Event]) -> Mapping[str, Start]:
    """Start *subject* and hand over one event."""
    setup.stand_in.reset()
    with subject.start(setup) as runner:
        return _starts(runner, events)


def _starts(runner: Runner, events: Iterator[Event]) -> dict[str, Start]:
    startups, first = runner.startups(), _invoke(runner, events)
    return {name: Start(**asdict(startup), first_ms=first[name].wall_ms) for name, startup in startups.items()}


def _invocations(
    runner: Runner, events: Iterator[Event], phase: Phase, before_each: Callable[[], None] = lambda: None
) -> Iterator[Mapping[str, Invocation]]:
    deadline = time.monotonic() + phase.seconds
    for number in range(phase.events):
        if number and time.monotonic() >= deadline:
            return
        before_each()
        yield _invoke(runner, events)


def _invoke(runner: Runner, events: Iterator[Event]) -> Mapping[str, Invocation]:
    invocations = runner.invoke(next(events))
    for name, invocation in invocations.items():
        if invocation.error:
            message = f"{name} failed: {invocation.error}"
            raise MeasuringError(message)
    return invocations


def _times(took_ms: list[float]) -> Times:
    return Times(percentile(took_ms, 50), percentile(took_ms, 99), len(took_ms))


def _until_ms(invocations: Mapping[str, Invocation], requests: Requests) -> float:
    """Compute the time until the later channel had the event, without the time between two parts."""
    *earlier, last = invocations.values()
    answered_at = max(at for at, _ in (*requests.slack_accepted, *requests.sns_accepted))
    return sum(part.wall_ms for part in earlier) + (answered_at - last.started_at) * 1000


def _check(subject: Subject, requests: Requests) -> None:
    refused = len(requests.slack) - len(requests.slack_accepted)
    if requests.unknown or refused or not requests.slack or len(requests.slack) != len(requests.sns):
        message = (
            f"{subject.name}: Slack accepted {len(requests.slack_accepted)} and refused {refused}, SNS accepted "
            f"{len(requests.sns_accepted)}; the stand-in does not know {requests.unknown}"
        )
        raise MeasuringError(message)
