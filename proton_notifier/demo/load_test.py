"""`notifier demo` with a storm of events, an outage of Slack, or its rate limit."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from proton_notifier.common.event_files import parse_json
from proton_notifier.common.text_files import UnreadableTextError, read_text
from proton_notifier.common.times import format_elapsed
from proton_notifier.demo.live_view import LiveView
from proton_notifier.demo.schedule import PAIR_SECONDS, LoadError, failures, outage, sequence, storm
from proton_notifier.demo.summary import conclusion, errors, table, tally
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.replay.simulation import simulated
from proton_notifier.replay.timeline import Delivered, TimelineEntry

LEAD: Final = (
    "Each message that a destination accepted, most urgent first, with its events. `notifier demo` sent them through "
    "the whole stack in one process, in simulated time, which begins with the first event."
)
# Slack's limit for a webhook: docs.slack.dev, rate limits.
RATE_LIMIT_SECONDS: Final = 1


def run_load(arguments: Namespace, files: Sequence[Path], console: Console) -> tuple[tuple[Exhibit, ...], bool]:
    """Run the events of *files*, or a storm made of them; return the messages, and whether it succeeded.

    Raise `LoadError` if the files do not give the load.
    """
    samples = {file.stem: _sample(file) for file in files}
    events = failures(samples.values(), arguments.storm)
    console.print(
        "The stack runs in this process: it needs no account, and nothing leaves this machine.\n"
        "Time is simulated: batching windows, Slack and retries need no waiting. The clock on the left "
        "moves on to the next thing that happens.\n"
    )
    if arguments.rate_limit and not events:
        console.print(
            f"Every {PAIR_SECONDS} seconds two events come in: two messages at once, and Slack takes one a second. "
            "Three would be one digest.\n"
        )
    timeline: list[TimelineEntry] = []
    slack = FakeSlack(seconds_between=RATE_LIMIT_SECONDS if arguments.rate_limit else 0)
    with (
        LiveView(console, len(events or samples)) as view,
        simulated({"slack": slack}, timeline.append, view.show, AlertScope="everything") as simulation,
    ):
        if events:
            steps = storm(events, simulation.cloud)
        else:
            steps = sequence(samples, simulation.cloud, in_pairs=arguments.rate_limit)
        if arguments.slack_down:
            steps = [*outage(slack, arguments.slack_down.total_seconds()), *steps]
        simulation.run(steps)
    tallies = tally(timeline)
    error_counts = errors(timeline, tallies, all_match=bool(events))
    console.print()
    if tallies:
        console.print(table(tallies))
    console.print(conclusion(error_counts, tallies))
    delivered = [entry for entry in timeline if isinstance(entry, Delivered)]
    # The page opens on the Slack view.
    delivered.sort(key=lambda entry: entry.destination != "slack")
    return tuple(_exhibit(number, entry) for number, entry in enumerate(delivered, start=1)), not error_counts


def _sample(file: Path) -> object:
    try:
        return parse_json(read_text(file))
    except UnreadableTextError as error:
        message = f"{file}: {error}"
        raise LoadError(message) from error


def _exhibit(number: int, entry: Delivered) -> Exhibit:
    event = {
        "arrived": format_elapsed(entry.at_seconds),
        "destination": entry.destination,
        "events": {notification.event_id: notification.title for notification in entry.notifications},
    }
    return Exhibit(f"{number:03}-{entry.destination}.json", event, entry.notifications, entry.messages)
