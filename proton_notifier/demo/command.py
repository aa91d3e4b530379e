"""`notifier demo`: the whole stack in this process, fed with sample events."""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import boto3
from rich.console import Console

from proton_notifier.common.event_files import parse
from proton_notifier.common.progress import bars
from proton_notifier.common.text_files import UnreadableTextError, text_of
from proton_notifier.demo.feed import feed
from proton_notifier.demo.listing import WORDS, numbered, show, show_in_full
from proton_notifier.demo.load import NoFailureError
from proton_notifier.demo.load_test import LEAD as STRAIN_LEAD
from proton_notifier.demo.load_test import Strain, endure
from proton_notifier.demo.output import empty, keep
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.fakes.teams import FakeTeams
from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.localaws.stack import STACK

LEAD: Final = (
    "Each event beside what arrived of it, most urgent first. `notifier demo` sent them through the whole stack in one "
    "process, whose bus gives each event a new id and the present time."
)
# Shown in full at the end: one message says more than a list of titles.
EXAMPLE: Final = "service-instance-deployment-failed.json"
TEAMS_SECRET: Final = "/proton-notifier/teams"  # noqa: S105 - its name, below the default of SecretPrefix
ROUTES: Final = f"""
[destinations.teams]
type = "teams"
webhook = "{TEAMS_SECRET}"

[[routes]]
to = ["email", "slack", "teams"]
"""


def run(arguments: Namespace) -> int:
    """Feed every event file, or a flood of them, into the local stack; return 1 if anything failed."""
    files = sorted(arguments.events.glob("*.json"))
    batches = sorted(arguments.events.glob("deliveries/*.json"))
    if not (files or batches):
        print(f"{arguments.events}: there is no folder with event files here", file=sys.stderr)
        return 1
    try:
        empty(arguments.out)
    except OSError as error:
        print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
        return 1
    # Given, so that what it prints never becomes a function's log.
    console = Console(file=sys.stdout, highlight=False)
    strain = Strain(arguments.storm, arguments.slack_down.total_seconds(), arguments.rate_limit)
    if strain:
        return _endure(strain, files, arguments.out, console)
    exhibits = _each(arguments.events, [*files, *batches], console)
    show_in_full([exhibit for exhibit in exhibits if exhibit.name == EXAMPLE], console)
    _tell_where(keep(exhibits, LEAD, arguments.out), arguments.out, console)
    return _count(exhibits, console)


def _endure(strain: Strain, files: Sequence[Path], out: Path, console: Console) -> int:
    samples = {}
    for file in files:
        try:
            samples[file.stem] = parse(text_of(file))
        except UnreadableTextError as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 1
    try:
        outcome = endure(strain, samples, console)
    except NoFailureError:
        print("no event file tells of a failure, of which a storm could be made", file=sys.stderr)
        return 1
    _tell_where(keep(outcome.exhibits, STRAIN_LEAD, out), out, console)
    return 0 if outcome.is_settled else 1


def _each(folder: Path, files: Sequence[Path], console: Console) -> tuple[Exhibit, ...]:
    """Let each of *files* take its way before the next, and list what arrives."""
    console.print(
        "The stack runs in this process: no account, nothing leaves this machine. Its bus gives each event a new id "
        "and the present time. Its routes tell everything; a stack without any leaves out OK, IN PROGRESS and INFO.\n"
    )
    exhibits = []
    with (
        FakeSlack() as slack,
        FakeTeams() as teams,
        LocalCloud(slack.url) as cloud,
        bars(console) as progress,
    ):
        parameters = boto3.client("ssm")
        parameters.put_parameter(Name=TEAMS_SECRET, Value=teams.url, Type="SecureString")
        parameters.put_parameter(Name=f"/{STACK}/routes", Value=ROUTES, Type="String")
        listed = progress.add_task("events in", total=len(files))
        for file in files:
            arrived = feed(file, file.relative_to(folder).as_posix(), {"slack": slack, "teams": teams}, cloud)
            # Before the lines, for the bar is drawn anew below them as it was last.
            progress.update(listed, advance=1, refresh=True)
            show(arrived, console)
            exhibits.append(arrived.exhibit)
    return tuple(exhibits)


def _tell_where(page: Path, out: Path, console: Console) -> None:
    console.print(f"Every message in full is in {out}/, and beside its event in {page}", markup=False, soft_wrap=True)


def _count(exhibits: Sequence[Exhibit], console: Console) -> int:
    numbers = Counter(message.channel for exhibit in exhibits for message in exhibit.messages)
    failures = sum(len(exhibit.errors) for exhibit in exhibits)
    counts = [
        numbered(len(exhibits), "event in", "events in"),
        *(numbered(numbers[channel], several.removesuffix("s"), several) for channel, (_, several) in WORDS.items()),
        numbered(failures, "failure", "failures"),
    ]
    console.print(", ".join(counts), style="bold")
    return 1 if failures else 0
