"""The terminal's view of a simulation while it runs."""

import time
from collections.abc import Sequence
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from notifier.channels.icons import ICONS
from notifier.model.status_change import Severity
from proton_notifier.common.progress import bars
from proton_notifier.common.terminal import headline
from proton_notifier.common.times import format_elapsed
from proton_notifier.demo.listing import LABELS, numbered
from proton_notifier.replay.timeline import DeadLettered, Deferred, Delivered, EventReceived, Notice, TimelineEntry

# Of more events than a screen or two holds, only the first and the last are listed.
LISTED_LIMIT: Final = 100
REDRAWN_SECONDS: Final = 0.1
NAME_WIDTH: Final = 5


class LiveView:
    """Lists the timeline's entries, above bars where *console* is a terminal; *events* is how many are to come."""

    def __init__(self, console: Console, events: int) -> None:
        self._console = console
        self._events = events
        self._received = 0
        self._deliveries = 0
        self._drawn_at = 0.0
        self._bars = bars(console)
        self._events_bar = self._bars.add_task("events in", total=events)
        self._deliveries_bar = self._bars.add_task("deliveries settled", total=0)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._bars.stop()

    def show(self, entry: TimelineEntry) -> None:
        """Show *entry*, and advance the bars."""
        self._advance(entry)
        lines = self._lines(entry)
        # Refreshed before the lines, because rich draws the bars below them as they were last.
        if lines or time.monotonic() - self._drawn_at > REDRAWN_SECONDS:
            self._bars.refresh()
            self._drawn_at = time.monotonic()
        for line in lines:
            timed = Text(f"{format_elapsed(entry.at_seconds)}  ", style="dim") + line
            # A terminal cuts a line where it is full, a file never.
            if self._console.is_terminal:
                self._console.print(timed, no_wrap=True, overflow="ellipsis")
            else:
                self._console.print(timed, soft_wrap=True)

    def _advance(self, entry: TimelineEntry) -> None:
        match entry:
            case EventReceived(summary=summary):
                self._received += 1
                self._deliveries += len(summary["destinations"]) if summary else 0
                self._bars.update(self._events_bar, advance=1)
                self._bars.update(self._deliveries_bar, total=self._deliveries)
            case Delivered(event_ids=event_ids) | DeadLettered(event_ids=event_ids):
                self._bars.update(self._deliveries_bar, advance=len(event_ids))

    def _lines(self, entry: TimelineEntry) -> Sequence[Text]:
        match entry:
            case Notice(text=text):
                return [Text(text, style="bold")]
            case EventReceived():
                return self._event_lines(entry)
            case Delivered():
                name = _line(entry.destination)
                return [name + headline(message.channel, message.payload) for message in entry.messages]
            case Deferred(seconds=seconds):
                span = f"{min(seconds)}" if min(seconds) == max(seconds) else f"{min(seconds)} to {max(seconds)}"
                text = f"{_deliveries(entry)} deferred for {span} s: {entry.reason}"
                return [_line(entry.destination, text, "yellow")]
            case DeadLettered():
                return [_line(entry.destination, f"{_deliveries(entry)} dead-lettered: {entry.reason}", "bold red")]

    def _event_lines(self, entry: EventReceived) -> Sequence[Text]:
        if entry.error:
            return [_line("event", f"{entry.name}: FAILED {entry.error}", "bold red")]
        if entry.summary is None:
            return [_line("event", f"{entry.name}: the rule does not match it", "dim")]
        destinations = ", ".join(LABELS[name].name for name in entry.summary["destinations"]) or "nobody"
        icon = ICONS[Severity(entry.summary["severity"])]
        line = _line("event", f"→ {destinations}  {icon} {entry.summary['title']}")
        if self._events <= LISTED_LIMIT or self._received == 1:
            return [line]
        if self._received < self._events:
            return []
        return [_line("event", f"... and {self._events - 2} others ..."), line]


def _line(name: str, text: str = "", style: str = "") -> Text:
    label = LABELS[name].name if name in LABELS else name
    return Text.assemble((f"{label:{NAME_WIDTH}}  ", "bold" if name in LABELS else style), (text, style))


def _deliveries(entry: Deferred | DeadLettered) -> str:
    return numbered(len(entry.event_ids), "delivery", "deliveries")
