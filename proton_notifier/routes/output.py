"""Print problems and warnings of a document, in a form that editors understand, and decisions."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.channels.destination import Destination
from notifier.model.notification import Notification
from notifier.routes.decisions import RouteOutcome, RoutingDecision
from notifier.routes.document import Document, default_document
from notifier.routes.errors import Problem
from notifier.settings import SEVERITIES, Scope, comma_separated
from proton_notifier.routes.lint import mixed_topics, unmatchable_values, warnings
from proton_notifier.routes.toml_lines import locate

# The built-in destinations of a stack, without their settings.
EMAIL: Final = Destination("email", "sns", ())
SLACK: Final = Destination("slack", "slack", ())
# The defaults when no stack is given.
DEFAULTS: Final = default_document((EMAIL, SLACK), (), SEVERITIES[Scope.PROBLEMS])
# The words for each outcome, and their style in a terminal.
OUTCOMES: Final[Mapping[RouteOutcome, tuple[str, str]]] = {
    RouteOutcome.MATCHED: ("matched", "green"),
    RouteOutcome.MISMATCHED: ("not matched", "dim"),
    RouteOutcome.QUIET: ("matched, in its quiet hours", "yellow"),
    RouteOutcome.SHADOWED: ("skipped, an earlier route is final", "dim"),
}


def stack_defaults(parameters: Mapping[str, str]) -> Document:
    """Make the default document of a stack with *parameters*; its topic exists even without an email address."""
    destinations = (EMAIL, SLACK) if parameters.get("SlackSecretName") else (EMAIL,)
    names = (entry.partition("=") for entry in comma_separated("AccountNames", parameters))
    accounts = tuple((account.strip(), name.strip()) for account, _, name in names)
    return default_document(destinations, accounts, SEVERITIES[Scope.PROBLEMS])


def print_problems(source: str, text: str, problems: tuple[Problem, ...], kind: str = "") -> None:
    """Print the *problems* of *text*, the document from *source*, each after *kind*."""
    for line, problem in locate(text, problems):
        print(printable(f"{source}:{line}: {kind}{problem}"), file=sys.stderr)


def print_warnings(source: str, text: str, document: Document, defaults: Document) -> int:
    """Print the parts of *document* that have no effect; return their number."""
    unmatchable = unmatchable_values(document, stack_known=defaults is not DEFAULTS)
    found = (*warnings(document, defaults, datetime.now(UTC)), *mixed_topics(document), *unmatchable)
    print_problems(source, text, found, "warning: ")
    return len(found)


def printable(text: str) -> str:
    """Replace characters of foreign *text* that are invisible or control a terminal."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def summary(document: Document, defaults: Document, warned: int) -> str:
    """Write the numbers of *warned* warnings and of what *document* adds to *defaults*."""
    numbers = {
        "destination": len(document.destinations) - len(defaults.destinations),
        "route": len(document.routes) if document.routes != defaults.routes else 0,
        "silence": len(document.silences),
    }
    counts = [counted(number, noun) for noun, number in numbers.items() if number]
    if not numbers["route"]:
        counts.append("no routes, so those of the stack apply")
    warning = f", {counted(warned, 'warning')}" if warned else ""
    return f"valid{warning}: {', '.join(counts)}"


def counted(number: int, noun: str) -> str:
    """Write *number* with its *noun*."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_decision(
    console: Console, file: str, notification: Notification, decision: RoutingDecision, unrouted_reason: str
) -> None:
    """Print *decision* with its reasons; *unrouted_reason* says why no rule of the stack matches the event, if so."""
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
    """Describe an *outcome*, with the *key* and *value* that excluded the event, if any."""
    return f"{OUTCOMES[outcome][0]}: {key} is {value or 'not in the event'}" if key else OUTCOMES[outcome][0]


def format_time(at: datetime) -> str:
    """Write a time in the local time zone and in UTC, or only once if they are equal."""
    try:
        local, utc = (f"{each:%Y-%m-%d %H:%M %Z}" for each in (at.astimezone(), at.astimezone(UTC)))
    except (OverflowError, ValueError):
        # In the first and last year, the time in another zone may be out of range.
        return at.isoformat()
    return local if local == utc else f"{local} ({utc})"
