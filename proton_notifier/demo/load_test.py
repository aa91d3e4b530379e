"""`notifier demo` with a storm of events, an outage of Slack, or its rate limit."""

import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from proton_notifier.common.event_files import compose_notification, parse_json
from proton_notifier.common.text_files import UnreadableTextError, read_text
from proton_notifier.common.times import format_elapsed
from proton_notifier.demo.day import screen_console
from proton_notifier.demo.live_view import LiveView
from proton_notifier.demo.schedule import PAIR_SECONDS, LoadError, failures, outage, sequence, storm
from proton_notifier.demo.summary import conclusion, errors, table, tally
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.replay.acts import Act
from proton_notifier.replay.simulation import simulated
from proton_notifier.replay.story import Entry

LEAD: Final = (
    "Each message that was accepted, most urgent first, with its events. `notifier demo` sent them through "
    "the whole stack in one process, in simulated time, which begins with the first event."
)
# Slack's limit for a webhook: docs.slack.dev, rate limits.
RATE_LIMIT_SECONDS: Final = 1


def run_load(arguments: Namespace, files: Sequence[Path]) -> int:
    """Run the events of *files*, or a storm made of them, and write the page of the messages; return 1 on errors."""
    try:
        samples = {file.stem: _sample(file) for file in files}
        events = failures(samples.values(), arguments.storm)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    console = screen_console()
    console.print("Time is simulated: the clock moves on to the next thing that happens.")
    if arguments.rate_limit and not events:
        console.print(f"Two events come in every {PAIR_SECONDS} seconds; Slack takes one message a second.")
    console.print()
    slack = FakeSlack(seconds_between=RATE_LIMIT_SECONDS if arguments.rate_limit else 0)
    with (
        LiveView(console, len(events or samples)) as view,
        simulated(slack, show=view.show, AlertScope="everything") as simulation,
    ):
        if events:
            steps = storm(events, simulation.cloud)
        else:
            steps = sequence(samples, simulation.cloud, in_pairs=arguments.rate_limit)
        if arguments.slack_down:
            steps = [*outage(slack, arguments.slack_down.total_seconds()), *steps]
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


def _sample(file: Path) -> dict[str, Any]:
    try:
        event: Any = parse_json(read_text(file))
        compose_notification(event)
    except UnreadableTextError as error:
        message = f"{file}: {error}"
        raise LoadError(message) from error
    return dict(event)


def _exhibits(timeline: Sequence[Entry]) -> Iterator[Exhibit]:
    """Show the messages about the same events, at whatever destinations, side by side."""
    messages: defaultdict[frozenset[str], list[Act]] = defaultdict(list)
    for entry in timeline:
        if isinstance(entry, Act):
            messages[frozenset(entry.event_ids)].append(entry)
    for number, acts in enumerate(messages.values(), 1):
        arrived = {act.destination: format_elapsed((act.at - timeline[0].at).total_seconds()) for act in acts}
        events = [{"event": name, "arrived": arrived} for name in acts[0].event_ids]
        shown = tuple(Message(act.channel, act.payload, act.destination) for act in acts)
        yield Exhibit(f"message {number}", events, acts[0].notifications, shown)
