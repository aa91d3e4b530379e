"""Explain the decision of a routes document on a terminal."""

from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.model.notification import Notification
from notifier.routes.decisions import Decision, RouteOutcome

# The words for each outcome, and their style in a terminal.
OUTCOMES: Final[Mapping[RouteOutcome, tuple[str, str]]] = {
    RouteOutcome.MATCHED: ("matched", "green"),
    RouteOutcome.MISMATCHED: ("not matched", "dim"),
    RouteOutcome.QUIET: ("matched, in its quiet hours", "yellow"),
    RouteOutcome.SHADOWED: ("skipped, an earlier route is final", "dim"),
}


def print_decision(
    console: Console, file: str, notification: Notification, decision: Decision, unrouted_reason: str
) -> None:
    """Print *decision* with its reasons; *unrouted_reason* says why no rule of the stack lets the event in, if so."""
    console.print(Text(f"\n{file}", style="bold"), soft_wrap=True)
    console.print(Text(f"{notification.title} ({notification.severity})"))
    if unrouted_reason:
        console.print(Text(unrouted_reason, style="yellow"))
    table = Table.grid(padding=(0, 2))
    if silence := decision.silenced_by:
        until = f"{silence.until:%Y-%m-%d %H:%M %Z}, by {silence.by}: {silence.reason}"
        table.add_row("  silenced until", Text(until, style="yellow"))
    for result in decision.results:
        text = outcome_text(result.outcome, result.key, result.value)
        table.add_row(Text(f"  {result.route.name}"), Text(text, style=OUTCOMES[result.outcome][1]))
    for recipient in decision.recipients:
        mention = f", mentions {recipient.mention}" if recipient.mention else ""
        table.add_row(Text(f"→ {recipient.destination}", style="bold"), Text(f"by {recipient.route.name}{mention}"))
    if not decision.recipients:
        table.add_row(Text("→ nobody", style="bold"), "")
    console.print(table)


def outcome_text(outcome: RouteOutcome, key: str | None, value: str | None) -> str:
    """Describe an *outcome*, and the *key* and *value* that excluded the event, if any did."""
    return f"{OUTCOMES[outcome][0]}: {key} is {value or 'not in the event'}" if key else OUTCOMES[outcome][0]
