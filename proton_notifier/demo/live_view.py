"""The output in a terminal: lines that fit, and the view of a running load."""

import sys
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from notifier.channels.digest import ICONS
from notifier.model.status_change import Severity
from proton_notifier.demo.summary import format_elapsed, numbered
from proton_notifier.replay.acts import Act
from proton_notifier.replay.story import EventReceived, NotDelivered, Notice, TimelineEntry

USUAL_WIDTH: Final = 80
# By channel type, which is also the name of the stack's own Slack.
NAMES: Final = {"slack": "Slack", "slack-bot": "Slack", "sns": "email", "teams": "Teams"}
REDRAWN_SECONDS: Final = 0.1
PLACE_WIDTH: Final = 5


class LiveView(Progress):
    """List of the timeline's entries, above a progress bar if *console* is a terminal; *events* is the total.

    Of successive entries of one kind, the first is listed and the others are counted.
    """

    def __init__(self, console: Console, events: int) -> None:
        # No thread may redraw the bar: while a function of the local cloud runs, standard output is its log.
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            auto_refresh=False,
            console=console,
            disable=not console.is_terminal,
            redirect_stderr=False,
            redirect_stdout=False,
            transient=True,
        )
        self._received = self.add_task("events in", total=events)
        self._drawn_at = 0.0
        self._first: TimelineEntry | None = None
        self._kind = "", ""
        self._others: list[Text] = []

    def stop(self) -> None:
        """Show the entries that are not listed yet, and remove the bar."""
        self._show_others()
        super().stop()

    def show(self, entry: TimelineEntry) -> None:
        """Show *entry*, and advance the bar."""
        self._first = self._first or entry
        if isinstance(entry, EventReceived):
            self.update(self._received, advance=1)
        place, text, style = _words(entry)
        is_new = (place, style) != self._kind
        # Refreshed before the lines, because rich then draws the bar below them unchanged.
        if is_new or time.monotonic() - self._drawn_at > REDRAWN_SECONDS:
            self.refresh()
            self._drawn_at = time.monotonic()
        name = f"{NAMES.get(place, place):{PLACE_WIDTH}}  " if place else ""
        elapsed = format_elapsed((entry.at - self._first.at).total_seconds())
        line = Text.assemble((f"{elapsed}  ", "dim"), (name, "bold"), (text, style))
        if not is_new:
            self._others.append(line)
            return
        self._show_others()
        self._kind = place, style
        show_line(self.console, line)

    def _show_others(self) -> None:
        if self._others:
            *more, last = self._others
            show_line(self.console, Text(f"{'':10}... and {len(more) + 1} others", "dim") if more else last)
            self._others.clear()


def _words(entry: TimelineEntry) -> tuple[str, str, str]:
    """Return the place of *entry*, its description, and its style, which differs between kinds of entries."""
    match entry:
        case Notice(text=text):
            return "", text, "bold"
        case EventReceived(response={"severity": severity, "title": title}):
            return "event", f"{ICONS[Severity(severity)]} {title}", ""
        case EventReceived(error=""):
            return "event", f"{entry.name}: the rule does not match it", "dim"
        case EventReceived():
            return "event", f"{entry.name}: FAILED {entry.error}", "bold red"
        case Act():
            return entry.destination, f"{ICONS[entry.severity]} {entry.title}", ""
        case NotDelivered(seconds=()):
            how, style = "dead-lettered", "bold red"
        case NotDelivered(seconds=seconds):
            span = f"{min(seconds)}" if min(seconds) == max(seconds) else f"{min(seconds)} to {max(seconds)}"
            how, style = f"deferred for {span} s", "yellow"
    deliveries = numbered(len(entry.event_ids), "delivery", "deliveries")
    return entry.destination, f"{deliveries} {how}: {entry.reason}", style


def screen_console() -> Console:
    """Make a console for the present sys.stdout, which is replaced by a log while a function runs."""
    return Console(file=sys.stdout, highlight=False)


def show_line(console: Console, line: Text) -> None:
    """Print *line*; a terminal cuts it at its width, but a narrow terminal wraps it."""
    if console.is_terminal and console.width >= USUAL_WIDTH:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=not console.is_terminal)
