"""`notifier preview`: what would be said about an event, without AWS."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from rich.console import Console
from rich.panel import Panel

from cli.drawing import email_drawing, json_drawing, slack_drawing, teams_drawing
from handlers.sources import read
from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.destinations import Destination
from notifier.notifications import Notification, compose
from notifier.proton.events import ProtonEvent

HELP: Final = "show what would be said about events, without AWS"
# Channels for machines have none; what they send is shown as it is.
DRAWINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], Panel]]] = {
    "slack": slack_drawing,
    "sns": email_drawing,
    "teams": teams_drawing,
}


class UnreadableEventError(Exception):
    """What should be an event is none; the message says what is wrong and where."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments to *parser*."""
    parser.add_argument("files", nargs="+", type=Path, metavar="EVENT.json", help="a file with one event")
    parser.add_argument("--channel", choices=sorted(CHANNEL_TYPES), help="show this channel only")
    parser.add_argument("--output", choices=["text", "json"], default="text", help="json: one object a line")


def run(arguments: Namespace) -> int:
    """Show every file; return 1 if any could not be read."""
    show = {"json": _show_json, "text": _show_text}[arguments.output]
    channels = [arguments.channel] if arguments.channel else sorted(CHANNEL_TYPES)
    unreadable = 0
    for file in arguments.files:
        try:
            notification = notification_of(read_json(file))
        except UnreadableEventError as error:
            unreadable += 1
            if arguments.output == "json":
                print(json.dumps({"file": str(file), "error": str(error)}))
            else:
                print(f"{file}: {error}", file=sys.stderr)
            continue
        show(file, notification, {channel: message(channel, notification) for channel in channels})
    return 1 if unreadable else 0


def message(channel: str, notification: Notification) -> Mapping[str, Any]:
    """Write what a destination of the type *channel* would get that is configured with defaults only."""
    loaded = channel_type(channel)
    defaults = tuple((each.name, each.default) for each in loaded.settings if each.default is not None)
    return loaded.message((notification,), Destination(channel, channel, defaults))


def read_json(file: Path) -> object:
    """Read a JSON file; raise `UnreadableEventError` if it is none."""
    try:
        return parse(file.read_bytes())
    except OSError as error:
        raise UnreadableEventError(error.strerror) from error


def parse(text: str | bytes) -> object:
    """Parse JSON; raise `UnreadableEventError` if *text* is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"not JSON: {error}"
        raise UnreadableEventError(message) from error


def notification_of(raw: object) -> Notification:
    """Compose what would be said of the event *raw*; raise `UnreadableEventError` if it is none."""
    if not isinstance(raw, dict):
        message = "not an EventBridge event: it is no JSON object"
        raise UnreadableEventError(message)
    try:
        event = ProtonEvent.model_validate(raw)
    except ValidationError as error:
        message = f"not an EventBridge event: {problems(error)}"
        raise UnreadableEventError(message) from error
    return compose(*read(event), {})


def problems(error: ValidationError) -> str:
    """Name what is wrong, and where, without the values."""
    named = ((".".join(map(str, wrong["loc"])), wrong["msg"]) for wrong in error.errors())
    return "; ".join(f"{place}: {problem}" if place else problem for place, problem in named)


def _show_json(file: Path, notification: Notification, messages: Mapping[str, Any]) -> None:
    shown = {
        "file": str(file),
        "id": notification.event_id,
        "resource_type": notification.resource_type,
        "severity": notification.severity,
        "title": notification.title,
        "messages": messages,
    }
    print(json.dumps(shown))


def _show_text(file: Path, notification: Notification, messages: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"\n{file}: {notification.severity}", style="bold", markup=False)
    for channel, written in messages.items():
        draw = DRAWINGS.get(channel)
        console.print(draw(written) if draw else json_drawing(channel, written))
