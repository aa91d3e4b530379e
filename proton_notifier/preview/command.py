"""`notifier preview`: what would be said about an event, without AWS."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console
from rich.panel import Panel

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination
from notifier.delivery.dispatch import dispatch
from notifier.model.notification import Notification
from notifier.routes.decisions import decide
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from notifier.routes.templates import template_error
from proton_notifier.common.event_files import FileEvent, events_of
from proton_notifier.common.rules import drop_reason
from proton_notifier.common.terminal import email_drawing, json_drawing, slack_drawing, teams_drawing
from proton_notifier.common.text_files import STANDARD_INPUT, UnreadableTextError, check_read_once, text_of
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.routes.check import STACKS_OWN, tell_problems

LEAD: Final = (
    "Each event beside what it becomes, most urgent first. Nothing was sent: this is what `notifier preview` says."
)
# Channels for machines have none; what they send is shown as it is.
DRAWINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], Panel]]] = {
    "slack": slack_drawing,
    "sns": email_drawing,
    "teams": teams_drawing,
}


def run(arguments: Namespace) -> int:
    """Show every file; return 1 if any could not be read, the routes not be used, or nothing be written."""
    show = {"html": _show_html, "json": _show_json, "text": _show_text}[arguments.output]
    channels = [arguments.channel] if arguments.channel else sorted(CHANNEL_TYPES)
    try:
        check_read_once([*arguments.events, arguments.routes])
        document = (
            read_document(text_of(arguments.routes), STACKS_OWN, None, template_error) if arguments.routes else None
        )
    except UnreadableTextError as error:
        print(f"{arguments.routes or STANDARD_INPUT}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        tell_problems(str(arguments.routes), error)
        return 1
    exhibits = tuple(_exhibit(entry, channels, document) for file in arguments.events for entry in events_of(file))
    if arguments.out is None:
        show(exhibits)
    elif any(exhibit.notifications for exhibit in exhibits):
        with redirect_stdout(StringIO()) as written:
            show(exhibits)
        try:
            _write(written.getvalue(), arguments.out)
        except OSError as error:
            print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
            return 1
    else:
        _show_errors(exhibits)  # An earlier page is worth more than one of nothing.
    return 1 if any(exhibit.errors for exhibit in exhibits) else 0


def _write(text: str, file: Path) -> None:
    """Write *text* to *file*, whose earlier page stays if there is no room for all of it."""
    if not file.is_file():  # a new one, or a device or pipe, in whose place there must be no file
        file.write_text(text, encoding="utf-8", errors="replace")
        return
    page = file.resolve()
    with TemporaryDirectory(dir=page.parent) as beside:
        _write(text, Path(beside, page.name))
        Path(beside, page.name).replace(page)


def _exhibit(entry: FileEvent, channels: list[str], document: Document | None) -> Exhibit:
    notification = entry.notification
    if notification is None:
        return Exhibit(entry.name, entry.event, errors=(entry.error,))
    if reason := drop_reason(entry.event):
        print(f"{entry.name}: {reason}", file=sys.stderr)
    messages = (
        _routed(notification, channels, document)
        if document
        else (Message(channel, payload(channel, notification)) for channel in channels)
    )
    return Exhibit(entry.name, entry.event, (notification,), tuple(messages))


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


def _show_html(exhibits: tuple[Exhibit, ...]) -> None:
    _show_errors(exhibits)
    print(page(exhibits, LEAD), end="")


def _show_json(exhibits: tuple[Exhibit, ...]) -> None:
    for exhibit in exhibits:
        for error in exhibit.errors:
            print(json.dumps({"file": exhibit.name, "error": error}))
        for notification in exhibit.notifications:
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
    _show_errors(exhibits)
    console = Console(highlight=False)
    for exhibit in exhibits:
        for notification in exhibit.notifications:
            console.print(f"\n{exhibit.name}: {notification.severity}", style="bold", markup=False)
        for message in exhibit.messages:
            if message.destination:
                console.print(message.destination, style="dim", markup=False)
            draw = DRAWINGS.get(message.channel)
            console.print(draw(message.payload) if draw else json_drawing(message.channel, message.payload))


def _show_errors(exhibits: tuple[Exhibit, ...]) -> None:
    for exhibit in exhibits:
        for error in exhibit.errors:
            print(f"{exhibit.name}: {error}", file=sys.stderr)
