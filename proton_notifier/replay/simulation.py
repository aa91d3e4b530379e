"""The whole stack in simulated time.

The clock jumps to the next time at which something is due: a step of the schedule, the end of a batching window, a
redelivery, a sweep. So two days of retries take seconds.
"""

import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from operator import attrgetter
from typing import Any, Final

import time_machine

from notifier.delivery import outcomes
from notifier.delivery.delivery import Delivery
from notifier.sources.table import SOURCES
from proton_notifier.common.delivery_log import read
from proton_notifier.fakes.server import FakeServer
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.cloud import EventsResponse, LocalCloud
from proton_notifier.localaws.event_source import BatchResponse, EventSource
from proton_notifier.replay.acts import Act, recorded_acts
from proton_notifier.replay.story import EventReceived, NotDelivered, Notice, TimelineEntry

Show = Callable[[TimelineEntry], object]

# For the same jitter in each run, so that two runs can be compared.
SEED: Final = 1
# The reason of a dead letter that the queue itself moved.
RECEIVES_EXCEEDED: Final = "received as often as the queue allows"
# The sources that are off by default are on here.
EVERY_SOURCE: Final = ",".join(source.option for source in SOURCES if source.option)
# As in the template.
SWEEP_SECONDS: Final = 5 * 60
# The clock may be this much later than the exact time.
TICK_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """A call of *put*, which brings in an event unless it *is_notice*, *at_seconds* after the start."""

    at_seconds: float
    name: str
    put: Callable[[], list[EventsResponse]]
    is_notice: bool = False


class Simulation:
    """Simulation of schedules on *cloud* with *clock*; *timeline* collects the entries, and *show* gets each one."""

    def __init__(self, cloud: LocalCloud, clock: time_machine.Traveller, show: Show = lambda _entry: None) -> None:
        self.cloud = cloud
        self.timeline: list[TimelineEntry] = []
        # The acts of the present batch.
        self.acts: list[Act] = []
        self._clock = clock
        self._show = show
        self._source = EventSource(cloud.queue("Deliveries"), self._deliver, cloud.batching)
        self._started_at = time.time()
        self._swept_at = 0.0
        self._now = 0.0
        self._log_end = 0
        self._dead_letters: set[tuple[str, str]] = set()

    def run(self, schedule: Iterable[ScheduledStep], extra_seconds: float = 0) -> None:
        """Take the steps of *schedule*, and move the clock until each delivery is sent or dead-lettered.

        Then move the clock by another *extra_seconds*. Sweeps run until then.
        """
        steps = deque(sorted(schedule, key=lambda step: step.at_seconds))
        self._run(steps, self._now)
        self._run(steps, self._now + extra_seconds)
        self._report_dead_letters()

    def _run(self, steps: deque[ScheduledStep], until: float) -> None:
        while (due_at := self._next_at(steps, until)) is not None:
            self._move_to(max(due_at, self._now))
            self._sweep_if_due()
            while steps and steps[0].at_seconds <= self._now:
                self._take(steps.popleft())
            self._source.hand_over_due()
        self._move_to(max(until, self._now))

    def _next_at(self, steps: Sequence[ScheduledStep], until: float) -> float | None:
        """Return the next due time, or None if only notices and later sweeps are left."""
        delivery_at, sweep_at = self._source.next_at(), self._next_sweep_at()
        due_times = [] if delivery_at is None else [delivery_at - self._started_at]
        if steps and (due_times or not all(step.is_notice for step in steps)):
            due_times.append(steps[0].at_seconds)
        if sweep_at is not None and sweep_at - self._started_at <= min(due_times, default=until):
            return sweep_at - self._started_at
        return min(due_times, default=None)

    def _next_sweep_at(self) -> float | None:
        """Return the time of the next sweep that finds something, or None if nothing will be due."""
        due_at = self.cloud.due_at
        if due_at is None:
            return None
        return (
            ceil(max(due_at, self._swept_at + SWEEP_SECONDS, time.time() - TICK_SECONDS) / SWEEP_SECONDS)
            * SWEEP_SECONDS
        )

    def _sweep_if_due(self) -> None:
        sweep_at = self._next_sweep_at()
        if sweep_at is not None and sweep_at <= time.time():
            self._swept_at = sweep_at
            for entry in self._received("sweep", self.cloud.sweep):
                if entry.error:
                    self._report(entry)

    def _received(self, name: str, put: Callable[[], list[EventsResponse]]) -> list[EventReceived]:
        at, failures = datetime.now(UTC), len(self.cloud.failures)
        received = [EventReceived(at, name, response) for response in put()]
        return received + [EventReceived(at, name, None, error) for error in self.cloud.failures[failures:]]

    def _report(self, entry: TimelineEntry) -> None:
        self.timeline.append(entry)
        self._show(entry)

    def _move_to(self, seconds: float) -> None:
        # Rounded up to a millisecond, so that the clock never stops before the time.
        self._now = ceil(seconds * 1_000) / 1_000
        self._clock.move_to(self._started_at + self._now)

    def _take(self, step: ScheduledStep) -> None:
        if step.is_notice:
            self._report(Notice(datetime.now(UTC), step.name))
            step.put()
            return
        for entry in self._received(step.name, step.put) or [EventReceived(datetime.now(UTC), step.name, None)]:
            self._report(entry)

    def _deliver(self, batch: dict[str, Any]) -> BatchResponse:
        response = self.cloud.deliver(batch)
        # Threads add the acts of different destinations in random order.
        for act in sorted(self.acts, key=attrgetter("destination")):
            self._report(act)
        self.acts.clear()
        log = self.cloud.delivery_function.log.getvalue()
        logged = defaultdict[tuple[str, type[outcomes.Outcome], str], list[tuple[str, outcomes.Outcome]]](list)
        for fields, outcome in read(log[self._log_end :]):
            if not isinstance(outcome, outcomes.Sent):
                cause = str(outcome.reason or outcome.why)
                logged[fields.destination, type(outcome), cause].append((fields.correlation_id, outcome))
        self._log_end = len(log)
        at = datetime.now(UTC)
        for (destination, _, cause), lines in sorted(logged.items(), key=lambda group: group[0][0]):
            event_ids = tuple(event_id for event_id, _ in lines)
            seconds = tuple(outcome.seconds for _, outcome in lines if isinstance(outcome, outcomes.Deferred))
            if not seconds:
                self._dead_letters.update((destination, event_id) for event_id in event_ids)
            self._report(NotDelivered(at, destination, event_ids, cause, seconds))
        return response

    def _report_dead_letters(self) -> None:
        """Report the deliveries that the queue dead-lettered without a log line of the function."""
        moved: defaultdict[str, list[str]] = defaultdict(list)
        for body in self.cloud.queue("FailedDeliveries").bodies:
            delivery = Delivery.from_json(body)
            dead_letter = delivery.destination, delivery.notification.event_id
            if dead_letter not in self._dead_letters:
                self._dead_letters.add(dead_letter)
                moved[delivery.destination].append(delivery.notification.event_id)
        for destination, event_ids in moved.items():
            self._report(NotDelivered(datetime.now(UTC), destination, tuple(event_ids), RECEIVES_EXCEEDED))


@contextmanager
def simulated(
    slack: FakeSlack,
    *others: FakeServer,
    start: float | None = None,
    show: Show = lambda _entry: None,
    **parameters: str,
) -> Iterator[Simulation]:
    """Start *slack*, the *others* and the stack with *parameters*, and with a clock that begins at *start*.

    The default is just after the time of the latest sweep, so that two runs have their sweeps at the same times.
    """
    random.seed(SEED)
    latest_sweep = time.time() // SWEEP_SECONDS * SWEEP_SECONDS
    with ExitStack() as running:
        for fake in (slack, *others):
            running.enter_context(fake)
        clock = running.enter_context(time_machine.travel(int(start or latest_sweep + 1), tick=False))
        cloud = running.enter_context(LocalCloud(slack.url, Sources=EVERY_SOURCE, **parameters))
        simulation = Simulation(cloud, clock, show)
        addresses = {"slack-bot": slack.api_url} | {fake.channel: fake.url for fake in others}
        running.enter_context(recorded_acts(addresses, simulation.acts.append))
        yield simulation
