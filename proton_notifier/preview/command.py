"""`notifier preview`: show the messages that events become, without AWS."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination
from notifier.delivery.dispatch import dispatch
from notifier.model.notification import Notification
from notifier.routes.decisions import decide
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from proton_notifier.common.event_files import FileEvent, read_events
from proton_notifier.common.rules import drop_reason
from proton_notifier.common.terminal import draw
from proton_notifier.common.text_files import STANDARD_INPUT, UnreadableTextError, check_read_once, read_text
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.page import page
from proton_notifier.routes.output import DEFAULTS, print_problems

LEAD: Final = "Each event beside its messages, most urgent first. `notifier preview` wrote this page; nothing was sent."


def run(arguments: Namespace) -> int:
    """Show the messages of all events; return 1 if an event, the routes or the output cause an error."""
    channels = [arguments.channel] if arguments.channel else sorted(CHANNEL_TYPES)
    try:
        check_read_once([*arguments.events, arguments.routes])
        text = read_text(arguments.routes) if arguments.routes else ""
        document = read_document(text, DEFAULTS, None) if arguments.routes else None
    except UnreadableTextError as error:
        print(f"{arguments.routes or STANDARD_INPUT}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        print_problems(str(arguments.routes), error)
        return 1
    account_names = dict(document.accounts) if document else {}
    exhibits = tuple(
        _exhibit(entry, channels, document) for file in arguments.events for entry in read_events(file, account_names)
    )
    # Without a message, nothing is written: an earlier page stays.
    writable = arguments.out is None or any(exhibit.notifications for exhibit in exhibits)
    if arguments.output != "json" or not writable:
        for exhibit in exhibits:
            for line in exhibit.errors:
                print(f"{exhibit.name}: {line}", file=sys.stderr)
    show = {"html": _show_html, "json": _show_json, "text": _show_text}[arguments.output]
    if arguments.out is None:
        show(exhibits)
    elif writable:
        with redirect_stdout(StringIO()) as output:
            show(exhibits)
        try:
            _write(output.getvalue(), arguments.out)
        except OSError as error:
            print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
            return 1
    return 1 if any(exhibit.errors for exhibit in exhibits) else 0


def _write(text: str, file: Path) -> None:
    """Write *text* to *file*, and keep its earlier content if there is no room for *text*."""
    if not file.is_file():  # A device or a pipe must not be replaced.
        file.write_text(text, encoding="utf-8", errors="replace")
        return
    target = file.resolve()
    with TemporaryDirectory(dir=target.parent) as folder:
        _write(text, Path(folder, target.name))
        Path(folder, target.name).replace(target)


def _exhibit(entry: FileEvent, channels: list[str], document: Document | None) -> Exhibit:
    notification = entry.notification
    if notification is None:
        return Exhibit(entry.name, entry.event, errors=(entry.error,))
    if reason := drop_reason(entry.event):
        print(f"{entry.name}: {reason}", file=sys.stderr)
    messages = (
        _routed_messages(notification, channels, document)
        if document
        else (Message(channel, payload(channel, notification)) for channel in channels)
    )
    return Exhibit(entry.name, entry.event, (notification,), tuple(messages))


def _routed_messages(notification: Notification, channels: list[str], document: Document) -> Iterator[Message]:
    """Write the message for each destination to which *document* routes the event now."""
    destinations = {destination.name: destination for destination in document.destinations}
    for delivery in dispatch(notification, decide(document, notification, datetime.now(UTC))):
        destination = destinations[delivery.destination]
        channel = destination.channel
        if channel in channels:
            message = channel_type(channel).message((delivery.notification,), destination)
            yield Message(channel, message, destination.name)


def payload(channel: str, *notifications: Notification) -> Mapping[str, Any]:
    """Write the payload for a destination of the type *channel*; a setting without default has its description."""
    loaded = channel_type(channel)
    settings = tuple((setting.name, setting.default or setting.meaning) for setting in loaded.settings)
    return loaded.message(notifications, Destination(channel, channel, settings))


def _show_html(exhibits: tuple[Exhibit, ...]) -> None:
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
    console = Console(highlight=False)
    for exhibit in exhibits:
        for notification in exhibit.notifications:
            console.print(f"\n{exhibit.name}: {notification.severity}", style="bold", markup=False)
        for message in exhibit.messages:
            if message.destination:
                console.print(message.destination, style="dim", markup=False)
            console.print(draw(message.channel, message.payload))
