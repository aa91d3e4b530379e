"""What the terminal shows while a rehearsal runs."""

import time
from collections.abc import Sequence
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from notifier.channels.errors import Reason
from notifier.channels.icons import ICONS
from notifier.model.status_change import Severity
from proton_notifier.common.progress import bars
from proton_notifier.common.times import clock
from proton_notifier.demo.listing import NAMES, headline, numbered
from proton_notifier.demo.timeline import Arrived, DeadLettered, Deferred, Entered, Happening, Turn

# Of more events than a screen or two holds, only the first and the last are listed.
LISTED_LIMIT: Final = 100
REDRAWN_SECONDS: Final = 0.1
WHO_WIDTH: Final = 5


class LiveView:
    """Lists what happens, above bars where *console* is a terminal; *events* is how many are to come."""

    def __init__(self, console: Console, events: int) -> None:
        self._console = console
        self._events = events
        self._number = 0
        self._bars = bars(console)
        self._in = self._bars.add_task("events in", total=events)
        self._settled = self._bars.add_task("deliveries settled", total=0)
        self._due = 0
        self._drawn_at = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._bars.stop()

    def tell(self, happening: Happening) -> None:
        """Show what happened."""
        self._advance(happening)
        lines = self._lines(happening)
        # Before a line is printed, for the bars are drawn anew below it as they were last.
        if lines or time.monotonic() - self._drawn_at > REDRAWN_SECONDS:
            self._bars.refresh()
            self._drawn_at = time.monotonic()
        for line in lines:
            self._print(Text(f"{clock(happening.at_seconds)}  ", style="dim") + line)

    def _lines(self, happening: Happening) -> Sequence[Text]:
        match happening:
            case Turn(words=words):
                return [Text(words, style="bold")]
            case Entered():
                return self._entered(happening)
            case Arrived(destination=destination, messages=messages):
                return [_who(destination) + headline(each) for each in messages]
            case Deferred(destination=destination, event_ids=event_ids, why=why, seconds=seconds):
                back = f"{min(seconds)}" if min(seconds) == max(seconds) else f"{min(seconds)} to {max(seconds)}"
                number = numbered(len(event_ids), "delivery", "deliveries")
                words = f"does not take {number}, back in {back} s: {why}"
                if why == Reason.RATE_LIMITED:
                    words = f"answers 429: {number} put off, back in {back} s"
                return [_who(destination) + Text(words, style="yellow")]
            case DeadLettered(destination=destination, event_ids=event_ids, why=why):
                words = f"given up on {numbered(len(event_ids), 'delivery', 'deliveries')}: {why}"
                return [_who(destination) + Text(words, style="bold red")]

    def _entered(self, entered: Entered) -> Sequence[Text]:
        self._number += 1
        if entered.problem:
            return [_in(f"{entered.name}: FAILED {entered.problem}", "bold red")]
        if entered.summary is None:
            return [_in(f"{entered.name}: the rule does not match it", "dim")]
        severity = Severity(entered.summary["severity"])
        to = ", ".join(NAMES[name] for name in entered.summary["destinations"]) or "nobody"
        line = _in(f"→ {to}  {ICONS[severity]} {entered.summary['title']}")
        if self._events <= LISTED_LIMIT or self._number == 1:
            return [line]
        return [_in(f"... and {self._events - 2} others ..."), line] if self._number == self._events else []

    def _advance(self, happening: Happening) -> None:
        match happening:
            case Entered(summary=summary):
                self._due += len(summary["destinations"]) if summary else 0
                self._bars.update(self._in, advance=1)
                self._bars.update(self._settled, total=self._due)
            case Arrived(event_ids=event_ids) | DeadLettered(event_ids=event_ids):
                self._bars.update(self._settled, advance=len(event_ids))

    def _print(self, line: Text) -> None:
        """Print one line, which a terminal cuts where it is full and a file never."""
        if self._console.is_terminal:
            self._console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            self._console.print(line, soft_wrap=True)


def _in(words: str, style: str = "") -> Text:
    return Text(f"{'event':{WHO_WIDTH}}  {words}", style=style)


def _who(destination: str) -> Text:
    return Text(f"{NAMES[destination]:{WHO_WIDTH}}  ", style="bold")
