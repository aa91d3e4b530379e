"""`notifier routes`: whether a routes document is sound, and what it does with events."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from cli import verdicts
from cli.preview import UnreadableEventError, notification_of, read_json
from notifier.destinations import Destination
from notifier.routes.decisions import decide, defaults
from notifier.routes.document import Document
from notifier.routes.problems import DocumentError, Problem
from notifier.routes.reach import warnings
from notifier.routes.reading import read
from notifier.scope import SEVERITIES, Scope
from notifier.texts import fault

HELP: Final = "check a routes document, and see what it does with events"
CHECK: Final = "tell what is wrong with a routes document, and where"
TEST: Final = "tell which routes events match, which not and on which key, and where they go"
STANDARD_INPUT: Final = Path("-")
# What every stack has; where they lead is not asked here.
DESTINATIONS: Final = (Destination("email", "sns", ()), Destination("slack", "slack", ()))
STACKS_OWN: Final = defaults(DESTINATIONS, (), SEVERITIES[Scope.PROBLEMS])


class UnreadableDocumentError(Exception):
    """The file is no text; the message says why."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's own commands to *parser*."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check_parser = commands.add_parser("check", help=CHECK, description=CHECK)
    check_parser.set_defaults(task=check)
    test_parser = commands.add_parser("test", help=TEST, description=TEST)
    test_parser.set_defaults(task=test)
    for each in (check_parser, test_parser):
        each.add_argument("document", type=Path, metavar="FILE", help="the document; - for standard input")
    check_parser.add_argument("--stack", metavar="NAME", help="check that this stack can read the secrets, too")
    test_parser.add_argument("events", nargs="+", type=Path, metavar="EVENT.json", help="a file with one event")
    test_parser.add_argument(
        "--at", type=_moment, metavar="TIME", help="decide as at 2026-12-01T08:00:00Z; default: now"
    )
    test_parser.add_argument("--output", choices=["text", "json"], default="text", help="json: one object an event")


def run(arguments: Namespace) -> int:
    """Do what is asked; return 1 if the document or an event cannot be used."""
    file = arguments.document
    try:
        status: int = arguments.task(arguments, _text(file))
    except UnreadableDocumentError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        for problem in error.problems:
            _tell(file, problem)
        return 1
    return status


def check(arguments: Namespace, text: str) -> int:
    """Tell what the document says in vain, and how much it says."""
    document = read(text, STACKS_OWN, arguments.stack, fault)
    for warning in warnings(text, document, STACKS_OWN, datetime.now(UTC)):
        _tell(arguments.document, warning, "warning")
    print(_summary(document))
    return 0


def test(arguments: Namespace, text: str) -> int:
    """Show what becomes of every event; return 1 if any could not be read."""
    document = read(text, STACKS_OWN, None, fault)
    now = arguments.at or datetime.now(UTC)
    console = Console(highlight=False)
    unreadable = 0
    for file in arguments.events:
        try:
            notification = notification_of(read_json(file))
        except UnreadableEventError as error:
            unreadable += 1
            if arguments.output == "json":
                print(json.dumps({"file": str(file), "error": str(error)}))
            else:
                print(f"{file}: {error}", file=sys.stderr)
            continue
        decision = decide(document, notification, now)
        if arguments.output == "json":
            print(json.dumps(verdicts.shown(str(file), notification, decision)))
        else:
            verdicts.show(console, str(file), notification, decision)
    return 1 if unreadable else 0


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if moment.tzinfo is None:
        message = "needs an offset, as in 2026-12-01T08:00:00Z"
        raise ArgumentTypeError(message)
    return moment


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()).decode()
    except OSError as error:
        raise UnreadableDocumentError(error.strerror) from error
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason} at byte {error.start + 1}"
        raise UnreadableDocumentError(message) from error


def _tell(file: Path, problem: Problem, kind: str = "") -> None:
    parts = (f"{file}:{problem.line}", kind, problem.place, problem.message)
    print(": ".join(filter(None, parts)), file=sys.stderr)


def _summary(document: Document) -> str:
    numbers = {
        "destination": len(document.destinations) - len(DESTINATIONS),
        "route": len(document.routes) if document.routes != STACKS_OWN.routes else 0,
        "silence": len(document.silences),
    }
    return ", ".join(f"{number} {thing}{'' if number == 1 else 's'}" for thing, number in numbers.items())
