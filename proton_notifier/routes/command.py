"""`notifier routes`: whether a routes document is sound, what it does with events, and which one is live."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from rich.console import Console

from notifier.routes.decisions import decide
from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from notifier.routes.templates import template_error
from proton_notifier.common.deployed_stack import DeployedStack
from proton_notifier.common.event_files import read_events
from proton_notifier.common.rules import drop_reason
from proton_notifier.common.text_files import UnreadableTextError, check_read_once, read_text
from proton_notifier.routes.check import STACKS_OWN, marked, own_routes, summary, tell_problems, tell_warnings
from proton_notifier.routes.destination_checks import check_settings, reach
from proton_notifier.routes.explain import decision_json, print_decision
from proton_notifier.routes.live_document import deployed_parameters, opened


def run(arguments: Namespace, stack: DeployedStack | None = None) -> int:
    """Do what is asked; return 1 if the document or an event cannot be used, or the stack not be reached."""
    try:
        status = TASKS[arguments.task](arguments, stack)
    except UnreadableTextError as error:
        print(f"{arguments.document}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        tell_problems(arguments.document, error)
        return 1
    return status


def check(arguments: Namespace, stack: DeployedStack | None) -> int:
    """Tell what the document says in vain, and how much it says."""
    text = read_text(arguments.document)
    own, prefix, within = STACKS_OWN, None, None
    if stack:
        deployed_with = deployed_parameters(stack)
        own, prefix, within = own_routes(deployed_with), deployed_with["SecretPrefix"], reach(stack)
    document = read_document(text, own, prefix, template_error)
    check_settings(text, document, own, within)
    tell_warnings(arguments.document, text, document, own)
    print(summary(document, own))
    return 0


def test(arguments: Namespace, _stack: None) -> int:
    """Show what becomes of every event; return 1 if any could not be read."""
    check_read_once([arguments.document, *arguments.events])
    document = read_document(read_text(arguments.document), STACKS_OWN, None, template_error)
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
        decision, note = decide(document, entry.notification, now), drop_reason(entry.event)
        if arguments.output == "json":
            shown = decision_json(entry.name, entry.notification, decision)
            print(json.dumps({**shown, "note": note} if note else shown))
        else:
            print_decision(console, entry.name, entry.notification, decision, note)
    return 1 if unreadable else 0


def show(_arguments: Namespace, stack: DeployedStack) -> int:
    """Print the live document to the letter, and about it where it is in nobody's way; return 1 if it is broken."""
    live = opened(stack)
    if not live.version.number:
        print(f"{live.parameter.name}: no document; the stack's own routes apply", file=sys.stderr)
        return 0
    print(f"{live.parameter.name}: {live.version}", file=sys.stderr)
    if sys.stdout.isatty():
        print(marked(live.version.text), end="")
    else:
        sys.stdout.buffer.write(live.version.text.encode())
        sys.stdout.flush()
    try:
        live.read(live.version.text)
    except DocumentError as error:
        tell_problems(live.parameter.name, error)
        return 1
    return 0


def push(arguments: Namespace, stack: DeployedStack) -> int:
    """Make the document the live one."""
    text = read_text(arguments.document)
    live = opened(stack)
    check_settings(text, live.read(text), live.own, reach(stack))
    live.change(arguments.document, text, without_asking=arguments.yes)
    return 0


TASKS: Final[Mapping[str, Callable[..., int]]] = {"check": check, "test": test, "show": show, "push": push}
