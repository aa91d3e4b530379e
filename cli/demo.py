"""`notifier demo`: the whole stack in this process, fed with sample events."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Final

import boto3
from rich.console import Console
from rich.text import Text

from cli.arrivals import Arrived, feed
from cli.drawing import TEAMS_COLOURS
from cli.gallery.exhibits import Exhibit, Message
from cli.gallery.page import page
from cli.local_cloud import LocalCloud
from cli.local_stack import STACK
from cli.preview import DRAWINGS
from cli.slack_standin import SlackStandIn
from cli.teams_standin import TeamsStandIn

HELP: Final = "deploy the template into a local stand-in for AWS and show what teams would receive"
LEAD: Final = (
    "Each event beside what arrived of it, most urgent first. `notifier demo` sent them through the whole stack in one "
    "process, whose bus gives each event a new id and the present time."
)
EVENTS: Final = Path(__file__).parent.parent / "events"
OUT: Final = Path("build/demo")
PAGE: Final = "index.html"
# Shown in full at the end: one message says more than a list of titles.
EXAMPLE: Final = "service-instance-deployment-failed.json"
# By the type of channel: what one is called, what several are, and what its files end in.
WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "sns": ("email", "emails", "email.txt"),
    "slack": ("Slack", "Slack messages", "slack.json"),
    "teams": ("Teams", "Teams messages", "teams.json"),
}
TEAMS_SECRET: Final = f"/{STACK}/teams"
ROUTES: Final = f"""
[destinations.teams]
type = "teams"
webhook = "{TEAMS_SECRET}"

[[routes]]
to = ["email", "slack", "teams"]
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments to *parser*."""
    parser.add_argument(
        "--events", type=Path, default=EVENTS, metavar="DIR", help="where the event files are; default: events/"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help=f"where the messages go; default: {OUT}/")


def run(arguments: Namespace) -> int:
    """Feed every event file into the local stack; return 1 if anything failed."""
    files = [*sorted(arguments.events.glob("*.json")), *sorted(arguments.events.glob("deliveries/*.json"))]
    if not files:
        print(f"{arguments.events}: there is no folder with event files here", file=sys.stderr)
        return 1
    try:
        _empty(arguments.out)
    except OSError as error:
        print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
        return 1
    console = Console(highlight=False)
    console.print(
        "The stack runs in this process: no account, nothing leaves this machine. Its bus gives each event a new id "
        "and the present time. Its routes tell everything; a stack without any leaves out OK, IN PROGRESS and INFO.\n"
    )
    arrivals = []
    with SlackStandIn() as slack, TeamsStandIn() as teams, LocalCloud(slack.url) as cloud:
        parameters = boto3.client("ssm")
        parameters.put_parameter(Name=TEAMS_SECRET, Value=teams.url, Type="SecureString")
        parameters.put_parameter(Name=f"/{STACK}/routes", Value=ROUTES, Type="String")
        for file in files:
            arrived = feed(file, file.relative_to(arguments.events).as_posix(), {"slack": slack, "teams": teams}, cloud)
            _show(arrived, console)
            _keep(arrived.exhibit, arguments.out)
            arrivals.append(arrived.exhibit)
    (arguments.out / PAGE).write_text(page(tuple(arrivals), LEAD), encoding="utf-8")
    _show_in_full([exhibit for exhibit in arrivals if exhibit.name == EXAMPLE], console)
    numbers = Counter(message.channel for exhibit in arrivals for message in exhibit.messages)
    failures = sum(len(exhibit.problems) for exhibit in arrivals)
    counts = {
        "events in": len(arrivals),
        **{WORDS[channel][1]: numbers[channel] for channel in WORDS},
        "failures": failures,
    }
    console.print(
        f"Every message in full is in {arguments.out}/, and beside its event in {arguments.out / PAGE}",
        markup=False,
        soft_wrap=True,
    )
    console.print(", ".join(f"{count} {name}" for name, count in counts.items()), style="bold")
    return 1 if failures else 0


def _show(arrived: Arrived, console: Console) -> None:
    exhibit = arrived.exhibit
    console.print(Text.assemble((exhibit.name.removesuffix(".json"), "bold"), (f"  {arrived.way}", "dim")))
    for message in exhibit.messages:
        console.print(Text(f"  {WORDS[message.channel][0]}  ") + _headline(message), soft_wrap=True)
    for problem in exhibit.problems:
        console.print(Text(f"  FAILED {problem}", style="bold red"), soft_wrap=True)
    if not (exhibit.messages or exhibit.problems):
        console.print(Text("  nothing: the rule does not match it, or it was sent before", style="dim"))


def _headline(message: Message) -> Text:
    match message.payload:
        case {"Subject": str(subject)}:
            return Text(subject)
        case {"blocks": [{"text": {"text": str(header)}}, *_], "attachments": [{"color": str(colour)}]}:
            return Text(unescape(header), style=colour)
        case {"attachments": [{"content": {"body": [{"inlines": [{"text": str(title), "color": str(colour)}]}, *_]}}]}:
            return Text(title, style=TEAMS_COLOURS[colour])
        case payload:
            return Text(json.dumps(payload))


def _show_in_full(exhibits: list[Exhibit], console: Console) -> None:
    for exhibit in exhibits:
        console.print(f"\n{exhibit.name.removesuffix('.json')} in full:", style="bold")
        for message in exhibit.messages:
            console.print(DRAWINGS[message.channel](message.payload))


def _empty(out: Path) -> None:
    """Make the folder *out*, without the messages of an earlier run."""
    out.mkdir(parents=True, exist_ok=True)
    for _, _, ending in WORDS.values():
        for old in out.glob(f"*.{ending}"):
            old.unlink()


def _keep(exhibit: Exhibit, out: Path) -> None:
    name = exhibit.name.removesuffix(".json").replace("/", ".")
    numbers: Counter[str] = Counter()
    for message in exhibit.messages:
        numbers[message.channel] += 1
        ending = WORDS[message.channel][2]
        payload = message.payload
        text = (
            f"Subject: {payload['Subject']}\n\n{payload['Message']}"
            if "Subject" in payload
            else json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
        )
        (out / f"{name}.{numbers[message.channel]}.{ending}").write_text(text, encoding="utf-8")
