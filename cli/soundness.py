"""Whether a document is sound, in lines that editors understand."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from notifier.destinations import Destination
from notifier.routes.decisions import defaults
from notifier.routes.document import Document
from notifier.routes.problems import DocumentError, Problem
from notifier.routes.reach import warnings
from notifier.scope import SEVERITIES, Scope

STANDARD_INPUT: Final = Path("-")
# What a stack can have; where they lead is not asked here.
EMAIL: Final = Destination("email", "sns", ())
SLACK: Final = Destination("slack", "slack", ())
STACKS_OWN: Final = defaults((EMAIL, SLACK), (), SEVERITIES[Scope.PROBLEMS])


class UnreadableDocumentError(Exception):
    """The file is no text; the message says why."""


def document_text(file: Path) -> str:
    """Read *file*, or standard input; raise `UnreadableDocumentError` if that is no text."""
    try:
        return (sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()).decode()
    except OSError as error:
        raise UnreadableDocumentError(error.strerror) from error
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason} at byte {error.start + 1}"
        raise UnreadableDocumentError(message) from error


def own_routes(parameters: Mapping[str, str]) -> Document:
    """Tell what a stack with these *parameters* has of its own; its topic is there without an address, too."""
    destinations = (EMAIL, SLACK) if parameters.get("SlackSecretName") else (EMAIL,)
    return defaults(destinations, (), SEVERITIES[Scope.PROBLEMS])


def tell_problems(source: str, error: DocumentError) -> None:
    """Tell all that is wrong with the document from *source*."""
    for problem in error.problems:
        _tell(source, problem)


def tell_warnings(source: str, text: str, document: Document, own: Document) -> None:
    """Tell what *document* says in vain."""
    for warning in warnings(text, document, own, datetime.now(UTC)):
        _tell(source, warning, "warning")


def summary(document: Document, own: Document) -> str:
    """Count what *document* says besides what is the stack's *own*."""
    numbers = {
        "destination": len(document.destinations) - len(own.destinations),
        "route": len(document.routes) if document.routes != own.routes else 0,
        "silence": len(document.silences),
    }
    return ", ".join(f"{number} {thing}{'' if number == 1 else 's'}" for thing, number in numbers.items())


def _tell(source: str, problem: Problem, kind: str = "") -> None:
    parts = (f"{source}:{problem.line}", kind, problem.place, problem.message)
    print(": ".join(filter(None, parts)), file=sys.stderr)
