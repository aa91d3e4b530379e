"""What a routes document decided, for a terminal and for programs."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.notifications import Notification
from notifier.routes.decisions import Decision, Outcome, Recipient, Verdict

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


def show(console: Console, file: str, notification: Notification, decision: Decision) -> None:
    """Print what happens to *notification*, which was read from *file*, and why."""
    console.print(Text(f"\n{file}", style="bold"), soft_wrap=True)
    console.print(Text(f"{notification.title} ({notification.severity})"))
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
    silence = decision.silenced_by
    return {
        "file": file,
        "id": notification.event_id,
        "severity": notification.severity,
        "title": notification.title,
        "silenced_by": silence and {"until": silence.until.isoformat(), "reason": silence.reason, "by": silence.by},
        "routes": [
            {
                "name": verdict.route.name,
                "outcome": verdict.outcome,
                "key": verdict.mismatch.key if verdict.mismatch else None,
                "value": verdict.mismatch.value if verdict.mismatch else None,
            }
            for verdict in decision.verdicts
        ],
        "recipients": [
            {"destination": recipient.destination, "route": recipient.route.name, "mention": recipient.mention}
            for recipient in decision.recipients
        ],
    }


def _verdict(verdict: Verdict) -> str:
    words = WORDS[verdict.outcome]
    if verdict.mismatch is None:
        return words
    return f"{words}: {verdict.mismatch.key} is {verdict.mismatch.value or 'not in the event'}"


def _recipient(recipient: Recipient) -> str:
    mention = f", mentions {recipient.mention}" if recipient.mention else ""
    return f"by {recipient.route.name}{mention}"
