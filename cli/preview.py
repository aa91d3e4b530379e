"""`notifier preview`: what would be said about an event, without AWS."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from rich.console import Console
from rich.panel import Panel

from cli.drawing import email_drawing, json_drawing, slack_drawing, teams_drawing
from cli.gallery.exhibits import Exhibit, Message
from cli.gallery.page import page
from cli.soundness import STACKS_OWN, UnreadableDocumentError, document_text, tell_problems
from handlers.sources import read
from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.destinations import Destination
from notifier.dispatch import dispatch
from notifier.notifications import Notification, compose
from notifier.proton.events import ProtonEvent
from notifier.routes.decisions import decide
from notifier.routes.document import Document
from notifier.routes.problems import DocumentError
from notifier.routes.reading import read as read_routes
from notifier.texts import fault

LEAD: Final = (
    "Each event beside what it becomes, most urgent first. Nothing was sent: this is what `notifier preview` says."
)
# Channels for machines have none; what they send is shown as it is.
DRAWINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], Panel]]] = {
    "slack": slack_drawing,
    "sns": email_drawing,
    "teams": teams_drawing,
}


class UnreadableEventError(Exception):
    """What should be an event is none; the message says what is wrong and where."""


def run(arguments: Namespace) -> int:
    """Show every file; return 1 if any could not be read, the routes not be used, or nothing be written."""
    show = {"html": _show_html, "json": _show_json, "text": _show_text}[arguments.output]
    channels = [arguments.channel] if arguments.channel else sorted(CHANNEL_TYPES)
    try:
        document = read_routes(document_text(arguments.routes), STACKS_OWN, None, fault) if arguments.routes else None
    except UnreadableDocumentError as error:
        print(f"{arguments.routes}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        tell_problems(str(arguments.routes), error)
        return 1
    exhibits = tuple(_exhibit(file, channels, document) for file in arguments.files)
    if arguments.out is None:
        show(exhibits)
    elif any(exhibit.told for exhibit in exhibits):
        with redirect_stdout(StringIO()) as written:
            show(exhibits)
        try:
            arguments.out.write_text(written.getvalue(), encoding="utf-8", errors="replace")
        except OSError as error:
            print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
            return 1
    else:
        _show_problems(exhibits)  # An earlier page is worth more than one of nothing.
    return 1 if any(exhibit.problems for exhibit in exhibits) else 0


def _exhibit(file: Path, channels: list[str], document: Document | None) -> Exhibit:
    event = None
    try:
        event = read_json(file)
        notification = notification_of(event)
    except UnreadableEventError as error:
        return Exhibit(str(file), event, problems=(str(error),))
    messages = (
        _routed(notification, channels, document)
        if document
        else (Message(channel, payload(channel, notification)) for channel in channels)
    )
    return Exhibit(str(file), event, (notification,), tuple(messages))


def _routed(notification: Notification, channels: list[str], document: Document) -> Iterator[Message]:
    """Write what each destination would get that *document* leads to now."""
    destinations = {destination.name: destination for destination in document.destinations}
    for delivery in dispatch(notification, decide(document, notification, datetime.now(UTC))):
        place = destinations[delivery.destination]
        if place.channel in channels:
            yield Message(
                place.channel, channel_type(place.channel).message((delivery.notification,), place), place.name
            )


def payload(channel: str, notification: Notification) -> Mapping[str, Any]:
    """Write what a destination of the type *channel* would get; what has no default is described."""
    loaded = channel_type(channel)
    settings = tuple((each.name, each.default or each.meaning) for each in loaded.settings)
    return loaded.message((notification,), Destination(channel, channel, settings))


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
        return compose(*read(ProtonEvent.model_validate(raw)), {})
    except ValidationError as error:
        message = f"not an EventBridge event: {problems(error)}"
        raise UnreadableEventError(message) from error


def problems(error: ValidationError) -> str:
    """Name what is wrong, and where, without the values."""
    named = ((".".join(map(str, wrong["loc"])), wrong["msg"]) for wrong in error.errors())
    return "; ".join(f"{place}: {problem}" if place else problem for place, problem in named)


def _show_html(exhibits: tuple[Exhibit, ...]) -> None:
    _show_problems(exhibits)
    print(page(exhibits, LEAD), end="")


def _show_json(exhibits: tuple[Exhibit, ...]) -> None:
    for exhibit in exhibits:
        for problem in exhibit.problems:
            print(json.dumps({"file": exhibit.name, "error": problem}))
        for notification in exhibit.told:
            shown = {
                "file": exhibit.name,
                "id": notification.event_id,
                "resource_type": notification.resource_type,
                "severity": notification.severity,
                "title": notification.title,
                "messages": {message.destination or message.channel: message.payload for message in exhibit.messages},
            }
            print(json.dumps(shown))


def _show_text(exhibits: tuple[Exhibit, ...]) -> None:
    _show_problems(exhibits)
    console = Console(highlight=False)
    for exhibit in exhibits:
        for notification in exhibit.told:
            console.print(f"\n{exhibit.name}: {notification.severity}", style="bold", markup=False)
        for message in exhibit.messages:
            if message.destination:
                console.print(message.destination, style="dim", markup=False)
            draw = DRAWINGS.get(message.channel)
            console.print(draw(message.payload) if draw else json_drawing(message.channel, message.payload))


def _show_problems(exhibits: tuple[Exhibit, ...]) -> None:
    for exhibit in exhibits:
        for problem in exhibit.problems:
            print(f"{exhibit.name}: {problem}", file=sys.stderr)
