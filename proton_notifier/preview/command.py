"""`notifier preview`: show the messages about events, without AWS."""

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from html import unescape
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination
from notifier.delivery.delivery import dispatch
from notifier.model.notification import Notification
from notifier.routes.decisions import decide_routes
from notifier.routes.document import Document
from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from proton_notifier.common.event_files import FileEvent, read_events
from proton_notifier.common.rules import drop_reason
from proton_notifier.common.text_files import STANDARD_INPUT, UnreadableTextError, check_read_once, read_text
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.gallery.mrkdwn import SPAN
from proton_notifier.gallery.page import page
from proton_notifier.routes.output import DEFAULTS, print_problems

LEAD: Final = "Each event beside its messages, most urgent first. `notifier preview` wrote this page; nothing was sent."
DATE: Final = re.compile(r"<!date\^[^|]*\|([^>]*)>")
LINK: Final = re.compile(r"<([^|>]*)\|([^>]*)>")
# The colours of Teams' light theme.
TEAMS_COLOURS: Final = {
    "accent": "#6264a7",
    "attention": "#c4314b",
    "default": "#252423",
    "good": "#237b4b",
    "warning": "#c4570d",
}


def run(arguments: Namespace) -> int:
    """Show the messages of all events; return 1 after an error of an event, the routes or the output."""
    channels = [arguments.channel] if arguments.channel else sorted(CHANNEL_TYPES)
    try:
        check_read_once([*arguments.events, arguments.routes])
        text = read_text(arguments.routes) if arguments.routes else ""
        document = read_document(text, DEFAULTS, None) if arguments.routes else None
    except UnreadableTextError as error:
        print(f"{arguments.routes or STANDARD_INPUT}: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        print_problems(str(arguments.routes), error.text, error.problems)
        return 1
    account_names = dict(document.accounts) if document else {}
    exhibits = tuple(
        _exhibit(entry, channels, document) for file in arguments.events for entry in read_events(file, account_names)
    )
    # Without a message, the file is not written, so that an earlier page stays.
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
    """Write *text* to *file*; keep the earlier content if writing fails."""
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
    if document is None:
        messages = tuple(Message(channel, payload(channel, notification)) for channel in channels)
        return Exhibit(entry.name, entry.event, (notification,), messages)
    destinations = {each.name: each for each in document.destinations if each.channel in channels}
    deliveries = dispatch(notification, decide_routes(document, notification, datetime.now(UTC)))
    routed = ((each.notification, destinations.get(each.destination)) for each in deliveries)
    messages = tuple(
        Message(to.channel, channel_type(to.channel).message((shown,), to), to.name) for shown, to in routed if to
    )
    return Exhibit(entry.name, entry.event, (notification,), messages)


def payload(channel: str, *notifications: Notification) -> Mapping[str, Any]:
    """Write the payload for a destination of the type *channel*, whose settings are defaults or descriptions."""
    loaded = channel_type(channel)
    settings = tuple((setting.name, setting.default or setting.meaning) for setting in loaded.settings)
    return loaded.message(notifications, Destination(channel, channel, settings))


def _show_html(exhibits: tuple[Exhibit, ...]) -> None:
    print(page(exhibits, LEAD), end="")


def _show_json(exhibits: tuple[Exhibit, ...]) -> None:
    for exhibit in exhibits:
        for error in exhibit.errors:
            print(json.dumps({"file": exhibit.name, "error": error}))
        for shown in exhibit.notifications:
            event = {"file": exhibit.name, "id": shown.event_id, "resource_type": shown.resource_type}
            messages = {message.destination or message.channel: message.payload for message in exhibit.messages}
            print(json.dumps({**event, "severity": shown.severity, "title": shown.title, "messages": messages}))


def _show_text(exhibits: tuple[Exhibit, ...]) -> None:
    # An event's text must not be read as rich's markup.
    console = Console(highlight=False, markup=False, emoji=False)
    for exhibit in exhibits:
        for notification in exhibit.notifications:
            console.print(f"\n{exhibit.name}: {notification.severity}", style="bold")
            if not exhibit.messages:
                console.print("no message", style="dim")
        for message in exhibit.messages:
            if message.destination:
                console.print(message.destination, style="dim")
            console.print(draw(message.channel, message.payload))


def draw(channel: str, payload: Mapping[str, Any]) -> Panel:
    """Draw a message of *channel* in a frame of its colour; draw messages for programs as JSON."""
    name, colour = channel, ""
    match channel:
        case "slack":
            name, attachment = "Slack", payload["attachments"][0]
            header, *blocks = payload["blocks"]
            heading, colour = _readable(header["text"]["text"]), attachment["color"]
            lines = [line for block in (*blocks, *attachment["blocks"]) for line in (*_lines(block), "")]
        case "sns":
            name, heading, lines = "Email", payload["Subject"], [payload["Message"]]
        case "teams":
            name, card = "Teams", payload["attachments"][0]["content"]
            heading, *lines = ("".join(run["text"] for run in block["inlines"]) for block in card["body"])
            lines += [f"{action['title']}: {action['url']}" for action in card["actions"]]
            colour = TEAMS_COLOURS[card["body"][0]["inlines"][0]["color"]]
        case _:
            heading, lines = "", [json.dumps(payload, indent=2, ensure_ascii=False)]
    text = "\n".join(lines).rstrip()
    drawn = Text(heading, style="bold") + Text(f"\n\n{text}") if heading else text
    return Panel(drawn, title=name, title_align="left", border_style=colour or "dim")


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    for text in block.get("fields", []):
        yield _readable(text["text"].replace("\n", ": ", 1))
    for text in block.get("elements") or filter(None, [block.get("text")]):
        yield _readable(text["text"])


def _readable(text: str) -> str:
    text = LINK.sub(r"\2: \1", DATE.sub(r"\1", text))
    return unescape(SPAN.sub(lambda span: span["strong"] or span[0], text).replace("`", ""))
