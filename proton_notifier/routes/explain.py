"""What a routes document decided, for a terminal and for programs."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.model.notification import Notification
from notifier.routes.decisions import Decision, Outcome, Recipient, Verdict, as_json

WORDS: Final[Mapping[Outcome, str]] = {
    Outcome.MATCHED: "matched",
    Outcome.MISMATCHED: "not matched",
    Outcome.QUIET: "matched, in its quiet hours",
    Outcome.SHADOWED: "not asked, an earlier route is final",
}
STYLES: Final[Mapping[Outcome, str]] = {
    Outcome.MATCHED: "green",
    Outcome.MISMATCHED: "dim",
    Outcome.QUIET: "yellow",
    Outcome.SHADOWED: "dim",
}


def show(console: Console, file: str, notification: Notification, decision: Decision, note: str) -> None:
    """Print what happens to *notification*, which was read from *file*, and why; *note* is why it never would."""
    console.print(Text(f"\n{file}", style="bold"), soft_wrap=True)
    console.print(Text(f"{notification.title} ({notification.severity})"))
    if note:
        console.print(Text(note, style="yellow"))
    table = Table.grid(padding=(0, 2))
    if decision.silenced_by:
        silence = decision.silenced_by
        told = f"{silence.until:%Y-%m-%d %H:%M %Z}, by {silence.by}: {silence.reason}"
        table.add_row("  silenced until", Text(told, style="yellow"))
    for verdict in decision.verdicts:
        table.add_row(Text(f"  {verdict.route.name}"), Text(_verdict(verdict), style=STYLES[verdict.outcome]))
    for recipient in decision.recipients:
        table.add_row(Text(f"→ {recipient.destination}", style="bold"), Text(_recipient(recipient)))
    if not decision.recipients:
        table.add_row(Text("→ nobody", style="bold"), "")
    console.print(table)


def shown(file: str, notification: Notification, decision: Decision) -> Mapping[str, Any]:
    """Say the same as one JSON object."""
    return {
        "file": file,
        "id": notification.event_id,
        "severity": notification.severity,
        "title": notification.title,
        **as_json(decision),
    }


def worded(outcome: Outcome, key: str | None, value: str | None) -> str:
    """Say what became of an event at a route, and which *key* with which *value* kept it out, if one did."""
    return f"{WORDS[outcome]}: {key} is {value or 'not in the event'}" if key else WORDS[outcome]


def _verdict(verdict: Verdict) -> str:
    unmet = verdict.mismatch
    return worded(verdict.outcome, unmet.key, unmet.value) if unmet else worded(verdict.outcome, None, None)


def _recipient(recipient: Recipient) -> str:
    mention = f", mentions {recipient.mention}" if recipient.mention else ""
    return f"by {recipient.route.name}{mention}"
