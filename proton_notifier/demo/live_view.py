"""The terminal's view of a load while it runs."""

import time
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from notifier.channels.icons import ICONS
from notifier.model.status_change import Severity
from proton_notifier.common.progress import bars
from proton_notifier.common.times import format_elapsed
from proton_notifier.demo.day import NAMES, show_line
from proton_notifier.demo.summary import numbered
from proton_notifier.replay.timeline import DeadLettered, Deferred, Delivered, EventReceived, Notice, TimelineEntry

REDRAWN_SECONDS: Final = 0.1
PLACE_WIDTH: Final = 5


class LiveView:
    """Lists the timeline's entries, above bars where *console* is a terminal; *events* is how many are to come.

    Of several entries of one kind in a row, it lists the first and counts the others.
    """

    def __init__(self, console: Console, events: int) -> None:
        self._console = console
        self._deliveries = 0
        self._drawn_at = 0.0
        self._kind = "", ""
        self._others: list[Text] = []
        self._bars = bars(console)
        self._events_bar = self._bars.add_task("events in", total=events)
        self._deliveries_bar = self._bars.add_task("deliveries settled", total=0)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._show_others()
        self._bars.stop()

    def show(self, entry: TimelineEntry) -> None:
        """Show *entry*, and advance the bars."""
        self._advance(entry)
        place, text, style = _words(entry)
        is_new = (place, style) != self._kind
        # Refreshed before the lines, because rich draws the bars below them as they were last.
        if is_new or time.monotonic() - self._drawn_at > REDRAWN_SECONDS:
            self._bars.refresh()
            self._drawn_at = time.monotonic()
        name = f"{NAMES.get(place, place):{PLACE_WIDTH}}  " if place else ""
        line = Text.assemble((f"{format_elapsed(entry.at_seconds)}  ", "dim"), (name, "bold"), (text, style))
        if not is_new:
            self._others.append(line)
            return
        self._show_others()
        self._kind = place, style
        show_line(self._console, line)

    def _show_others(self) -> None:
        if self._others:
            *more, last = self._others
            show_line(self._console, Text(f"{'':10}... and {len(more) + 1} others", "dim") if more else last)
            self._others.clear()

    def _advance(self, entry: TimelineEntry) -> None:
        match entry:
            case EventReceived(summary=summary):
                self._deliveries += len(summary["destinations"]) if summary else 0
                self._bars.update(self._events_bar, advance=1)
                self._bars.update(self._deliveries_bar, total=self._deliveries)
            case Delivered() | DeadLettered():
                self._bars.update(self._deliveries_bar, advance=len(entry.event_ids))


def _words(entry: TimelineEntry) -> tuple[str, str, str]:
    """Return the place of *entry*, what happened there, and the style, which differs from that of another kind."""
    match entry:
        case Notice(text=text):
            return "", text, "bold"
        case EventReceived():
            return "event", *_event_words(entry)
        case Delivered(act=act):
            return act.destination, f"{ICONS[act.severity]} {act.title}", ""
        case Deferred(seconds=seconds):
            span = f"{min(seconds)}" if min(seconds) == max(seconds) else f"{min(seconds)} to {max(seconds)}"
            how, style = f"deferred for {span} s", "yellow"
        case DeadLettered():
            how, style = "dead-lettered", "bold red"
    deliveries = numbered(len(entry.event_ids), "delivery", "deliveries")
    return entry.destination, f"{deliveries} {how}: {entry.reason}", style


def _event_words(entry: EventReceived) -> tuple[str, str]:
    if entry.summary:
        return f"{ICONS[Severity(entry.summary['severity'])]} {entry.summary['title']}", ""
    if entry.error:
        return f"{entry.name}: FAILED {entry.error}", "bold red"
    return f"{entry.name}: the rule does not match it", "dim"
