"""Measuring one subject in one round."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import mean, median
from typing import Final

from bench.fakes.control import Arrivals, Conduct
from bench.measure.stats import percentile
from bench.results import Measured, Part, Start, Times
from bench.subjects.catalog import Place, Subject
from bench.subjects.processes import Told
from bench.subjects.runners import Event, Runner

LATENCIES: Final = Conduct(connect_seconds=0.060, slack_seconds=0.100, aws_seconds=0.015)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many events a phase has, and how many *seconds* it may take; what comes first ends it."""

    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Paces:
    """The phases of a measurement: on loopback, with the SDK's CPU counted, and with latencies."""

    loopback: Pace = Pace(200, 4)
    counted: Pace = Pace(100, 3)
    simulated: Pace = Pace(40, 5)


class MeasuringError(Exception):
    """A subject did not do what is measured."""


def measure(subject: Subject, place: Place, events: Iterator[Event], paces: Paces) -> Measured:
    """Start *subject* and tell it *events*; raise `MeasuringError` if it fails or one of the channels is not told."""
    place.stand_in.reset()
    with subject.start(place) as runner:
        starts = runner.starts()
        first = _checked(runner, events)
        logged = {name: usage.logged_bytes for name, usage in runner.usage().items()}
        place.stand_in.forget()
        loopback = _told(runner, events, paces.loopback)
        on_loopback = place.stand_in.arrivals()
        _all_arrived(subject, on_loopback)
        usage = runner.usage()
        place.stand_in.forget()
        counted = _told(runner, events, paces.counted) if runner.count_sdk() else []
        place.stand_in.behave(LATENCIES)
        until_ms: list[float] = []
        simulated: list[Mapping[str, Told]] = []
        for told in _telling(runner, events, paces.simulated, place.stand_in.forget):
            arrived = place.stand_in.arrivals()
            _all_arrived(subject, arrived)
            until_ms.append(_until(told, arrived))
            simulated.append(told)
    return Measured(
        {name: number / len(loopback) for name, number in on_loopback.calls.items()},
        _times([sum(part.wall_ms for part in each.values()) for each in loopback]),
        _times(until_ms),
        {
            name: Part(
                Start(starts[name].load_ms, starts[name].connect_ms, first[name].wall_ms),
                mean(told[name].cpu_ms for told in loopback),
                mean(told[name].cpu_ms - told[name].sdk_cpu_ms for told in counted) if counted else None,
                median(told[name].wall_ms for told in simulated),
                mean(told[name].cpu_ms for told in simulated),
                usage[name].peak_megabytes,
                (usage[name].logged_bytes - logged[name]) / len(loopback),
                tuple(sorted(usage[name].metrics)),
            )
            for name in starts
        },
    )


def measure_start(subject: Subject, place: Place, events: Iterator[Event]) -> Mapping[str, Start]:
    """Start *subject* and tell it one event."""
    place.stand_in.reset()
    with subject.start(place) as runner:
        first = _checked(runner, events)
        return {
            name: Start(start.load_ms, start.connect_ms, first[name].wall_ms) for name, start in runner.starts().items()
        }


def _told(runner: Runner, events: Iterator[Event], pace: Pace) -> list[Mapping[str, Told]]:
    return [*_telling(runner, events, pace, lambda: None)]


def _telling(
    runner: Runner, events: Iterator[Event], pace: Pace, before_each: Callable[[], None]
) -> Iterator[Mapping[str, Told]]:
    deadline = time.monotonic() + pace.seconds
    for number in range(pace.events):
        if number and time.monotonic() >= deadline:
            return
        before_each()
        yield _checked(runner, events)


def _checked(runner: Runner, events: Iterator[Event]) -> Mapping[str, Told]:
    told = runner.tell(next(events))
    for name, part in told.items():
        if part.error:
            message = f"{name} failed: {part.error}"
            raise MeasuringError(message)
    return told


def _times(took_ms: list[float]) -> Times:
    return Times(percentile(took_ms, 50), percentile(took_ms, 99), len(took_ms))


def _until(told: Mapping[str, Told], arrived: Arrivals) -> float:
    """Say after how many milliseconds the later channel had an event; what is between the parts does not count."""
    *earlier, last = told.values()
    moment = max(moment for moment, _ in (*arrived.slack_taken, *arrived.sns_taken))
    return sum(part.wall_ms for part in earlier) + (moment - last.started_at) * 1000


def _all_arrived(subject: Subject, arrived: Arrivals) -> None:
    refused = len(arrived.slack) - len(arrived.slack_taken)
    if arrived.unknown or refused or not arrived.slack or len(arrived.slack) != len(arrived.sns):
        message = (
            f"{subject.name}: Slack took {len(arrived.slack_taken)} and refused {refused}, SNS took "
            f"{len(arrived.sns_taken)}; the stand-in does not know {arrived.unknown}"
        )
        raise MeasuringError(message)
