"""Whether a document is sound, in lines that editors understand."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from notifier.channels.destination import Destination
from notifier.routes.document import Document, default_document
from notifier.routes.errors import DocumentError
from notifier.scope import SEVERITIES, Scope
from notifier.settings import comma_separated
from proton_notifier.routes.lint import warnings
from proton_notifier.routes.toml_lines import LocatedProblem, locate
from proton_notifier.routes.unmatchable_values import vain_values

# What a stack can have; where they lead is not asked here.
EMAIL: Final = Destination("email", "sns", ())
SLACK: Final = Destination("slack", "slack", ())
STACKS_OWN: Final = default_document((EMAIL, SLACK), (), SEVERITIES[Scope.PROBLEMS])


def own_routes(parameters: Mapping[str, str]) -> Document:
    """Tell what a stack with these *parameters* has of its own; its topic is there without an address, too."""
    destinations = (EMAIL, SLACK) if parameters.get("SlackSecretName") else (EMAIL,)
    names = (entry.partition("=") for entry in comma_separated("AccountNames", parameters))
    accounts = tuple((account.strip(), name.strip()) for account, _, name in names)
    return default_document(destinations, accounts, SEVERITIES[Scope.PROBLEMS])


def tell_problems(source: str, error: DocumentError) -> None:
    """Tell all that is wrong with the document from *source*."""
    for problem in locate(error.text, error.problems):
        _tell(source, problem)


def tell_warnings(source: str, text: str, document: Document, own: Document) -> None:
    """Tell what *document* says in vain."""
    vain = vain_values(document, stack_known=own is not STACKS_OWN)
    for warning in locate(text, (*warnings(document, own, datetime.now(UTC)), *vain)):
        _tell(source, warning, "warning")


def marked(text: str) -> str:
    """Show foreign *text* on a terminal: what cannot be seen, or acts there, becomes a mark."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def summary(document: Document, own: Document) -> str:
    """Count what *document* says besides what is the stack's *own*."""
    numbers = {
        "destination": len(document.destinations) - len(own.destinations),
        "route": len(document.routes) if document.routes != own.routes else 0,
        "silence": len(document.silences),
    }
    return ", ".join(f"{number} {thing}{'' if number == 1 else 's'}" for thing, number in numbers.items())


def _tell(source: str, problem: LocatedProblem, kind: str = "") -> None:
    parts = (f"{source}:{problem.line}", kind, problem.path, problem.message)
    # Whatever a name in the document or the file's own has in it, a terminal only shows it.
    print(marked(": ".join(filter(None, parts))), file=sys.stderr)
