"""`notifier demo` with a storm of events, or a Slack that is down or slow."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import time_machine
from rich.console import Console

from proton_notifier.common.times import clock
from proton_notifier.demo.live_view import LiveView
from proton_notifier.demo.load import flood
from proton_notifier.demo.schedule import PAIR_SECONDS, one_a_second, two_at_a_time, within_a_second
from proton_notifier.demo.simulation import Rehearsal
from proton_notifier.demo.summary import conclusion, faults, table
from proton_notifier.demo.tally import accounts
from proton_notifier.demo.timeline import Arrived, Happening
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.localaws.cloud import LocalCloud

LEAD: Final = (
    "Each message that arrived, most urgent first, with the events of which it tells. `notifier demo` sent them "
    "through the whole stack in one process, in simulated time, which begins with the first event."
)
# Slack's limit for a webhook: docs.slack.dev, rate limits.
RATE_LIMIT_SECONDS: Final = 1
# The backoff's jitter is the same each time, so that two runs can be compared.
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Strain:
    """A storm of so many events, if any, for how long Slack is down, and whether it takes one message a second."""

    storm: int
    slack_down_seconds: float
    rate_limit: bool

    def __bool__(self) -> bool:
        return bool(self.storm or self.slack_down_seconds or self.rate_limit)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What arrived under strain, and whether all that came in was told once or lies where a person looks for it."""

    exhibits: tuple[Exhibit, ...]
    is_settled: bool


def endure(strain: Strain, samples: Mapping[str, object], console: Console) -> Outcome:
    """Let *samples*, by name, or a storm made of them, come in under *strain*, and show what happens.

    Raise `NoFailureError` if there is nothing to make a storm of.
    """
    events = flood(samples.values(), strain.storm)
    console.print(
        "The stack runs in this process: no account, nothing leaves this machine.\n"
        "Time is simulated: nobody waits for the batching window, for Slack or for a retry. The clock on the left "
        "moves on to when something happens.\n"
    )
    if strain.rate_limit and not events:
        console.print(
            f"Every {PAIR_SECONDS} seconds two events come in: two messages at once, and Slack takes one a second. "
            "Three would be one digest.\n"
        )
    happenings: list[Happening] = []
    random.seed(SEED)
    with (
        FakeSlack(seconds_between=RATE_LIMIT_SECONDS if strain.rate_limit else 0) as slack,
        time_machine.travel(int(time.time()), tick=False) as clock_hand,
        LocalCloud(slack.url, AlertScope="everything") as cloud,
    ):
        if events:
            entries = within_a_second(events, cloud)
        else:
            entries = (two_at_a_time if strain.rate_limit else one_a_second)(samples, cloud)
        with LiveView(console, len(events or entries)) as view:

            def tell(happening: Happening) -> None:
                happenings.append(happening)
                view.tell(happening)

            Rehearsal(cloud, slack, clock_hand, tell).run(entries, strain.slack_down_seconds)
    reckoned = accounts(happenings)
    wrong = faults(happenings, reckoned, all_match=bool(events))
    console.print()
    if reckoned:
        console.print(table(reckoned))
    console.print(conclusion(wrong, reckoned))
    arrivals = [happening for happening in happenings if isinstance(happening, Arrived)]
    # The page opens on what Slack shows.
    arrivals.sort(key=lambda arrived: arrived.destination != "slack")
    exhibits = tuple(_exhibit(number, arrived) for number, arrived in enumerate(arrivals, start=1))
    return Outcome(exhibits, is_settled=not wrong)


def _exhibit(number: int, arrived: Arrived) -> Exhibit:
    shown = {
        "arrived": clock(arrived.at_seconds),
        "destination": arrived.destination,
        "events": {notification.event_id: notification.title for notification in arrived.told},
    }
    return Exhibit(f"{number:03}-{arrived.destination}.json", shown, arrived.told, arrived.messages)
