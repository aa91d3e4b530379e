"""`notifier demo`: the whole stack in this process, fed with sample events."""

import re
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import boto3
from rich.console import Console

from notifier.model.notification import Notification
from proton_notifier.common.event_files import UnreadableEventError, compose_notification, parse_json
from proton_notifier.common.progress import bars
from proton_notifier.common.text_files import UnreadableTextError, read_text
from proton_notifier.demo.feed import bodies, feed
from proton_notifier.demo.listing import LABELS, numbered, show, show_in_full
from proton_notifier.demo.load_test import LEAD as LOAD_LEAD
from proton_notifier.demo.load_test import run_load
from proton_notifier.demo.output import empty, write
from proton_notifier.demo.schedule import LoadError, Step
from proton_notifier.fakes.server import FakeServer
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.fakes.teams import FakeTeams
from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.localaws.stack import STACK
from proton_notifier.replay.simulation import Simulation, simulated
from proton_notifier.replay.timeline import Delivered, TimelineEntry

LEAD: Final = (
    "Each event beside its messages, most urgent first. `notifier demo` sent them through the whole stack in one "
    "process, whose bus gives each event a new id and the present time."
)
# Shown in full at the end: one message says more than a list of titles.
EXAMPLE: Final = "cloud-formation-stack-update-failed-and-is-rolling-back.json"
# A day of a team: a deployment waits for people, fails and is mended. The other samples follow, odd ones last.
DAY: Final = (Path(__file__).parent / "day.txt").read_text("ascii").split()
ODD: Final = re.compile(r"-(with|without)-|-of-a-later-type$")
TEAMS_SECRET: Final = "/proton-notifier/teams"  # noqa: S105 - its name, below the default of SecretPrefix
ROUTES: Final = f"""
[destinations.teams]
type = "teams"
webhook = "{TEAMS_SECRET}"

[[routes]]
to = ["email", "slack", "teams"]
"""


def run(arguments: Namespace) -> int:
    """Send the sample events, or a load made of them, through the stack; return 1 if anything failed."""
    files = sorted(arguments.events.glob("*.json"), key=_place)
    batches = sorted(arguments.events.glob("deliveries/*.json"))
    if not (files or batches):
        print(f"{arguments.events}: there is no folder with event files here", file=sys.stderr)
        return 1
    try:
        empty(arguments.out)
    except OSError as error:
        print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
        return 1
    # With an explicit file, because sys.stdout is a function's log while the function runs.
    console = Console(file=sys.stdout, highlight=False)
    if not (arguments.storm or arguments.slack_down or arguments.rate_limit):
        exhibits = _run_samples(arguments.events, [*files, *batches], console)
        _write(exhibits, LEAD, arguments.out, console)
        return _show_counts(exhibits, console)
    try:
        exhibits, succeeded = run_load(arguments, files, console)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    _write(exhibits, LOAD_LEAD, arguments.out, console)
    return 0 if succeeded else 1


def _place(file: Path) -> tuple[bool, int, str]:
    name = file.stem
    return ODD.search(name) is not None, DAY.index(name) if name in DAY else len(DAY), name


def _run_samples(folder: Path, files: Sequence[Path], console: Console) -> tuple[Exhibit, ...]:
    """Run the events of *files* one after the other, and list the messages of each."""
    console.print(
        "The stack runs in this process: it needs no account, and nothing leaves this machine. Its bus gives each "
        "event a new id and the present time. Its routes send everything; a stack without routes leaves out OK, IN "
        "PROGRESS and INFO.\n"
    )
    fakes = {"slack": FakeSlack(), "teams": FakeTeams()}
    timeline: list[TimelineEntry] = []
    exhibits = []
    with simulated(fakes, timeline.append, AlertScope="everything") as simulation, bars(console) as progress:
        parameters = boto3.client("ssm")
        parameters.put_parameter(Name=TEAMS_SECRET, Value=fakes["teams"].url, Type="SecureString")
        parameters.put_parameter(Name=f"/{STACK}/routes", Value=ROUTES, Type="String")
        bar = progress.add_task("events in", total=len(files))
        for file in files:
            name = file.relative_to(folder).as_posix()
            try:
                event = parse_json(read_text(file))
            except UnreadableTextError as error:
                path, exhibit = "not read", Exhibit(name, None, errors=(str(error),))
            else:
                # The samples are no history of their resources.
                simulation.cloud.forget()
                path, put = feed(event, simulation.cloud)
                simulation.run([Step(0, name, put)])
                messages = (message for entry in timeline if isinstance(entry, Delivered) for message in entry.messages)
                errors = tuple(_take_errors(simulation, fakes))
                exhibit = Exhibit(name, event, _notifications(event), tuple(messages), errors)
                timeline.clear()
            # Refreshed before the lines, because rich draws the bar below them as it was last.
            progress.update(bar, advance=1, refresh=True)
            show(exhibit, path, console)
            exhibits.append(exhibit)
    for exhibit in exhibits:
        if exhibit.name == EXAMPLE:
            show_in_full(exhibit, console)
    return tuple(exhibits)


def _take_errors(simulation: Simulation, fakes: Mapping[str, FakeServer]) -> Iterator[str]:
    """Take the errors since the last event; Teams accepts even a card that it does not show."""
    yield from simulation.cloud.failures
    simulation.cloud.failures.clear()
    for name, fake in fakes.items():
        yield from (f"{name} does not show it: {rejection}" for rejection in fake.rejections)
        fake.rejections.clear()


def _notifications(event: object) -> tuple[Notification, ...]:
    """Compose the notification of *event*, or read those of a batch; return none if that is not possible."""
    try:
        return tuple(compose_notification(parse_json(body)) for body in bodies(event)) or (compose_notification(event),)
    except UnreadableEventError:
        return ()


def _write(exhibits: tuple[Exhibit, ...], lead: str, out: Path, console: Console) -> None:
    page = write(exhibits, lead, out)
    console.print(f"Every message in full is in {out}/, and beside its event in {page}", markup=False, soft_wrap=True)


def _show_counts(exhibits: Sequence[Exhibit], console: Console) -> int:
    numbers = Counter(message.destination for exhibit in exhibits for message in exhibit.messages)
    failures = sum(len(exhibit.errors) for exhibit in exhibits)
    counts = [
        numbered(len(exhibits), "event in", "events in"),
        *(numbered(numbers[name], label.plural.removesuffix("s"), label.plural) for name, label in LABELS.items()),
        numbered(failures, "failure", "failures"),
    ]
    console.print(", ".join(counts), style="bold")
    return 1 if failures else 0
