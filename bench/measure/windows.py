"""Measure batching windows in simulated time: the wait of a single event, and the messages of a storm."""

import time
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from statistics import median
from typing import Final

from bench.results import Result
from bench.subjects.catalog import numbered_events
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.replay.acts import Act
from proton_notifier.replay.simulation import ScheduledStep, simulated

WINDOWS_SECONDS: Final = (1, 2, 5)
CALM_EVENTS: Final = 12
CALM_SECONDS: Final = 300
# A shared pipeline breaks: one failure every quarter of a second, for one minute.
STORM_EVENTS: Final = 240
STORM_SECONDS: Final = 0.25


def measure_window(window_seconds: int) -> Result:
    """Play a calm hour and a storm to a stack with a batching window of *window_seconds*."""
    calm = slack_messages(window_seconds, CALM_EVENTS, CALM_SECONDS)
    waits = [
        (message.at - event_at).total_seconds()
        for message in calm
        if (event_at := message.notifications[0].occurred_at)
    ]
    return {
        "window_seconds": window_seconds,
        "calm_seconds": median(waits),
        "storm_messages": len(slack_messages(window_seconds, STORM_EVENTS, STORM_SECONDS)),
    }


def slack_messages(window_seconds: int, events: int, gap_seconds: float) -> list[Act]:
    """Play *events*, with *gap_seconds* between them; return the messages to Slack."""
    with simulated(FakeSlack(seconds_between=1), BatchingWindowSeconds=str(window_seconds)) as simulation:
        schedule = []
        for number, event in enumerate(islice(numbered_events("window"), events)):
            at_seconds = number * gap_seconds
            # With the sample's own time, months ago, a reminder would be due.
            happened_at = datetime.fromtimestamp(time.time() + at_seconds, UTC)
            timed = {**event, "time": f"{happened_at:%Y-%m-%dT%H:%M:%SZ}"}
            schedule.append(ScheduledStep(at_seconds, "", partial(simulation.cloud.put_event, timed)))
        simulation.run(schedule)
    return [entry for entry in simulation.timeline if isinstance(entry, Act) and entry.destination == "slack"]
