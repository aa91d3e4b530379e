"""`notifier demo` with a storm of events, an outage of Slack, or its rate limit."""

import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from notifier.model.status_change import Severity
from proton_notifier.common.event_files import compose_notification, read_events
from proton_notifier.demo.live_view import LiveView, screen_console
from proton_notifier.demo.summary import conclusion, errors, format_elapsed, table, tally
from proton_notifier.fakes.server import FakeServer
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.localaws.cloud import EventsResponse, LocalCloud
from proton_notifier.replay.acts import Act
from proton_notifier.replay.history import stamped
from proton_notifier.replay.simulation import ScheduledStep, simulated
from proton_notifier.replay.story import TimelineEntry

LEAD: Final = (
    "Each message that was accepted, most urgent first, with its events. `notifier demo` sent them through "
    "the whole stack in one process, in simulated time, which begins with the first event."
)
# Slack's limit for a webhook: docs.slack.dev, rate limits.
RATE_LIMIT_SECONDS: Final = 1
# Longer than a once deferred message needs: two batching windows, and the second that Slack asks for.
PAIR_SECONDS: Final = 15
# The services of a storm, each as often as it fails.
SERVICES: Final = ("checkout", "invoices", "checkout", "orders", "checkout", "invoices")


def run_load(arguments: Namespace, files: Sequence[Path]) -> int:
    """Play the events of *files*, or a storm made of them, and write the page of the messages; return 1 on errors."""
    samples = [(file.stem, entry) for file in files for entry in read_events(file)]
    unreadable = (f"{entry.name}: {entry.error}" for _, entry in samples if entry.error)
    named = [(name, entry.event) for name, entry in samples if isinstance(entry.event, dict) and not entry.error]
    events = failures((event for _, event in named), arguments.storm)
    none = "no event file has a failure from which a storm can be made" if arguments.storm and not events else ""
    if error := next(unreadable, none):
        print(error, file=sys.stderr)
        return 1
    console = screen_console()
    console.print("Time is simulated: the clock jumps to the next time at which something happens.")
    if arguments.rate_limit and not events:
        console.print(f"Two events come in every {PAIR_SECONDS} seconds; Slack takes one message a second.")
    console.print()
    slack = FakeSlack(seconds_between=RATE_LIMIT_SECONDS if arguments.rate_limit else 0)
    with (
        LiveView(console, len(events or named)) as view,
        simulated(slack, show=view.show, AlertScope="everything") as simulation,
    ):
        if events:
            steps = storm(events, simulation.cloud)
        else:
            seconds = [
                number // 2 * PAIR_SECONDS + number % 2 if arguments.rate_limit else number
                for number in range(len(named))
            ]
            steps = [_step(at, *sample, simulation.cloud) for at, sample in zip(seconds, named, strict=True)]
        if arguments.slack_down:
            steps = [*_outage(slack, arguments.slack_down.total_seconds()), *steps]
        simulation.run(steps)
    timeline = simulation.timeline
    tallies = tally(timeline)
    error_counts = errors(timeline, tallies, all_match=bool(events))
    console.print()
    if tallies:
        console.print(table(tallies))
    console.print(conclusion(error_counts, tallies))
    out = arguments.out / "index.html"
    out.write_text(page(tuple(_exhibits(timeline)), LEAD), encoding="utf-8")
    console.print(f"Every message beside its events: {out}", markup=False, soft_wrap=True)
    return 1 if error_counts else 0


def failures(samples: Iterable[dict[str, Any]], number: int) -> tuple[dict[str, Any], ...]:
    """Repeat the failures among *samples*, if any, until there are *number*, each of another resource.

    If some resources belong to a service, only their failures are repeated, in several services.
    """
    found = [sample for sample in samples if _is_failure(sample)]
    found = [sample for sample in found if "serviceName" in sample["detail"]] or found
    repeated = enumerate(islice(zip(cycle(found), cycle(SERVICES), strict=False), number), start=1)
    return tuple(_renamed(*each, f"{position:0{len(str(number))}}") for position, each in repeated)


def storm(events: Sequence[dict[str, Any]], cloud: LocalCloud) -> list[ScheduledStep]:
    """Let all of *events* arrive within a second."""
    return [_step(number / len(events), "the storm", event, cloud) for number, event in enumerate(events)]


def _outage(slack: FakeServer, seconds: float) -> list[ScheduledStep]:
    """Let *slack* be down for the first *seconds*."""

    def switch(*, is_down: bool) -> list[EventsResponse]:
        slack.is_down = is_down
        return []

    return [
        ScheduledStep(0, "Slack goes down", partial(switch, is_down=True), is_notice=True),
        ScheduledStep(seconds, "Slack is up again", partial(switch, is_down=False), is_notice=True),
    ]


def _step(at_seconds: float, name: str, event: dict[str, Any], cloud: LocalCloud) -> ScheduledStep:
    return ScheduledStep(at_seconds, name, lambda: cloud.put_event(stamped(event, datetime.now(UTC))))


def _is_failure(sample: dict[str, Any]) -> bool:
    """Check whether *sample* is a failure of a resource that can be renamed."""
    notification = compose_notification(sample)
    match sample:
        case {"resources": [str(), *_], "detail": {"name": str(name)}}:
            # A resource without a key is identified by its ARN.
            return notification.severity is Severity.FAILURE and name in (notification.key or name)
        case _:
            return False


def _renamed(sample: dict[str, Any], service: str, suffix: str) -> dict[str, Any]:
    arns = [f"{arn}-{suffix}" for arn in sample["resources"]]
    detail = {**sample["detail"], "name": f"{sample['detail']['name']}-{suffix}"}
    if "serviceName" in detail:
        arns = [arn.replace(f"/{detail['serviceName']}/", f"/{service}/") for arn in arns]
        detail["serviceName"] = service
    return {**sample, "resources": arns, "detail": detail}


def _exhibits(timeline: Sequence[TimelineEntry]) -> Iterator[Exhibit]:
    """Make an exhibit of the messages about the same events at all destinations."""
    messages: defaultdict[frozenset[str], list[Act]] = defaultdict(list)
    for entry in timeline:
        if isinstance(entry, Act):
            messages[frozenset(entry.event_ids)].append(entry)
    for number, acts in enumerate(messages.values(), 1):
        arrived = {act.destination: format_elapsed((act.at - timeline[0].at).total_seconds()) for act in acts}
        events = [{"event": name, "arrived": arrived} for name in acts[0].event_ids]
        shown = tuple(Message(act.channel, act.payload, act.destination) for act in acts)
        yield Exhibit(f"message {number}", events, acts[0].notifications, shown)
