"""`notifier demo`: the whole stack in this process, fed with sample events."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from cli.drawing import email_drawing, slack_drawing
from cli.local_cloud import Email, LocalCloud
from cli.preview import UnreadableEventError, read_json
from cli.slack_standin import SlackStandIn

HELP: Final = "deploy the template into a local stand-in for AWS and show what teams would receive"
EVENTS: Final = Path(__file__).parent.parent / "events"
OUT: Final = Path("build/demo")
# Shown in full at the end: one message says more than a list of titles.
EXAMPLE: Final = "service-instance-deployment-failed"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of one file: the *way* it took into the stack, and what arrived or failed."""

    file: Path
    way: str
    emails: tuple[Email, ...]
    payloads: tuple[Mapping[str, Any], ...]
    failures: tuple[str, ...]


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
        "and the present time. AlertScope is everything; the default, problems, leaves out OK, IN PROGRESS and INFO.\n"
    )
    arrivals = []
    with SlackStandIn() as slack, LocalCloud(slack.url, AlertScope="everything") as cloud:
        for file in files:
            arrived = _feed(file, slack, cloud)
            _show(arrived, console)
            _keep(arrived, arguments.out)
            arrivals.append(arrived)
    for arrived in arrivals:
        if arrived.file.stem == EXAMPLE:
            _show_in_full(arrived, console)
    counts = {
        "events in": len(arrivals),
        "emails": sum(len(arrived.emails) for arrived in arrivals),
        "Slack messages": sum(len(arrived.payloads) for arrived in arrivals),
        "failures": sum(len(arrived.failures) for arrived in arrivals),
    }
    console.print(f"Every message in full is in {arguments.out}/", markup=False)
    console.print(", ".join(f"{count} {name}" for name, count in counts.items()), style="bold")
    return 1 if counts["failures"] else 0


def _feed(file: Path, slack: SlackStandIn, cloud: LocalCloud) -> Arrived:
    failed = len(cloud.failures)
    posted = len(slack.messages)
    try:
        way, enter = _entrance(read_json(file), cloud)
    except UnreadableEventError as error:
        return Arrived(file, "not read", (), (), (str(error),))
    enter()
    return Arrived(file, way, tuple(cloud.emails()), tuple(slack.messages[posted:]), tuple(cloud.failures[failed:]))


def _entrance(event: object, cloud: LocalCloud) -> tuple[str, Callable[[], object]]:
    """Choose how *event* gets into the stack: over the bus if it could come from there."""
    match event:
        case {"Records": [*records]} if all(isinstance(record, dict) and "body" in record for record in records):
            return "from the queue between the functions", lambda: cloud.enqueue(
                *(str(record["body"]) for record in records)
            )
        case {
            "source": str(source),
            "detail-type": str(kind),
            "detail": dict(detail),
            "resources": [*arns],
            "id": _,
        }:
            return "over the event bus", lambda: cloud.put(source, kind, detail, arns)
        case _:
            return "straight to the function, for its envelope is incomplete", lambda: cloud.invoke(event)


def _show(arrived: Arrived, console: Console) -> None:
    console.print(Text.assemble((arrived.file.stem, "bold"), (f"  {arrived.way}", "dim")))
    for email in arrived.emails:
        console.print(Text(f"  email  {email.subject}"), soft_wrap=True)
    for payload in arrived.payloads:
        header = Text(unescape(payload["blocks"][0]["text"]["text"]), style=payload["attachments"][0]["color"])
        console.print(Text("  Slack  ") + header, soft_wrap=True)
    for failure in arrived.failures:
        console.print(Text(f"  FAILED {failure}", style="bold red"), soft_wrap=True)
    if not (arrived.emails or arrived.payloads or arrived.failures):
        console.print(Text("  nothing: the rule does not match it, or it was sent before", style="dim"))


def _show_in_full(arrived: Arrived, console: Console) -> None:
    console.print(f"\n{arrived.file.stem} in full:", style="bold")
    for payload in arrived.payloads:
        console.print(slack_drawing(payload))
    for email in arrived.emails:
        console.print(email_drawing({"Subject": email.subject, "Message": email.body}))


def _empty(out: Path) -> None:
    """Make the folder *out*, without the messages of an earlier run."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("*.email.txt"), *out.glob("*.slack.json")):
        old.unlink()


def _keep(arrived: Arrived, out: Path) -> None:
    name = arrived.file.stem if arrived.file.parent.name != "deliveries" else f"deliveries.{arrived.file.stem}"
    for number, email in enumerate(arrived.emails, 1):
        text = f"Subject: {email.subject}\n\n{email.body}"
        (out / f"{name}.{number}.email.txt").write_text(text, encoding="utf-8")
    for number, payload in enumerate(arrived.payloads, 1):
        text = json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
        (out / f"{name}.{number}.slack.json").write_text(text, encoding="utf-8")
