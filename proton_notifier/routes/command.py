"""`notifier routes`: check a routes document, try it out on events, and show or replace the live document."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from rich.console import Console

from notifier.routes.decisions import as_json, decide_routes
from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from proton_notifier.common.deployed_stack import DeployedStack
from proton_notifier.common.event_files import read_events
from proton_notifier.common.rules import drop_reason
from proton_notifier.common.text_files import UnreadableTextError, check_read_once, read_text
from proton_notifier.routes.destination_checks import StackAccess, read_checked
from proton_notifier.routes.json_schema import json_schema
from proton_notifier.routes.live_document import LiveDocument
from proton_notifier.routes.output import (
    DEFAULTS,
    counted,
    print_decision,
    print_problems,
    print_warnings,
    printable,
    summary,
)


def run(arguments: Namespace, stack: DeployedStack | None = None) -> int:
    """Run the task; return 1 if the document or an event cannot be used."""
    try:
        return TASKS[arguments.task](arguments, stack)
    except UnreadableTextError as error:
        print(f"{arguments.document}: {error}", file=sys.stderr)
    except DocumentError as error:
        print_problems(arguments.document, error.text, error.problems)
        print(f"not valid: {counted(len(error.problems), 'problem')}", file=sys.stderr)
    return 1


def check(arguments: Namespace, stack: DeployedStack | None) -> int:
    """Print warnings and a summary of the document."""
    text, access = read_text(arguments.document), StackAccess(stack) if stack else None
    document, defaults = read_checked(text, access), access.defaults if access else DEFAULTS
    warned = print_warnings(arguments.document, text, document, defaults)
    print(summary(document, defaults, warned))
    return 0


def test(arguments: Namespace, _stack: None) -> int:
    """Print the decision about each event; return 1 if an event cannot be read."""
    check_read_once([arguments.document, *arguments.events])
    document = read_document(read_text(arguments.document), DEFAULTS, None)
    now = arguments.at or datetime.now(UTC)
    console = Console(highlight=False)
    unreadable = 0
    for entry in (entry for file in arguments.events for entry in read_events(file)):
        if entry.notification is None:
            unreadable += 1
            if arguments.output == "json":
                print(json.dumps({"file": entry.name, "error": entry.error}))
            else:
                print(f"{entry.name}: {entry.error}", file=sys.stderr)
            continue
        decision, note = decide_routes(document, entry.notification, now), drop_reason(entry.event)
        if arguments.output == "json":
            shown = entry.notification
            event = {"file": entry.name, "id": shown.event_id, "severity": shown.severity, "title": shown.title}
            print(json.dumps({**event, **as_json(decision), **({"note": note} if note else {})}))
        else:
            print_decision(console, entry.name, entry.notification, decision, note)
    return 1 if unreadable else 0


def show(_arguments: Namespace, stack: DeployedStack) -> int:
    """Print the unchanged live document, and its version on standard error; return 1 if it is broken."""
    live = LiveDocument(stack)
    if not live.version.number:
        print(f"{live.parameter.name}: no document; the stack's own routes apply", file=sys.stderr)
        return 0
    print(f"{live.parameter.name}: {live.version}", file=sys.stderr)
    if sys.stdout.isatty():
        print(printable(live.version.text), end="")
    else:
        sys.stdout.buffer.write(live.version.text.encode())
        sys.stdout.flush()
    try:
        live.read(live.version.text)
    except DocumentError as error:
        print_problems(live.parameter.name, error.text, error.problems)
        return 1
    return 0


def push(arguments: Namespace, stack: DeployedStack) -> int:
    """Replace the live document."""
    text = read_text(arguments.document)
    live = LiveDocument(stack)
    read_checked(text, live.access)
    live.replace(arguments.document, text, without_asking=arguments.yes)
    return 0


def schema(_arguments: Namespace, _stack: None) -> int:
    """Print the JSON Schema."""
    print(json.dumps(json_schema(), indent=2))
    return 0


TASKS: Mapping[str, Callable[..., int]] = {"check": check, "push": push, "schema": schema, "show": show, "test": test}
