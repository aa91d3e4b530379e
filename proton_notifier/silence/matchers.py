"""The conditions of a silence, as a person types and reads them."""

from argparse import ArgumentTypeError
from collections.abc import Iterable

from notifier.model.sanitize import tidy
from notifier.routes.document import KEYS, Condition, Match


def parse_text(typed: str) -> str:
    """Return *typed* as it is; refuse bytes that are not UTF-8."""
    try:
        typed.encode()
    except UnicodeEncodeError as error:
        message = "is not UTF-8"
        raise ArgumentTypeError(message) from error
    return typed


def parse_condition(typed: str) -> Condition:
    """Read KEY=GLOB."""
    key, _, glob = parse_text(typed).partition("=")
    if not glob or key not in KEYS:
        message = f"must be KEY=GLOB, as in service=checkout; KEY is one of {', '.join(KEYS)}"
        raise ArgumentTypeError(message)
    return Condition(key, (glob,))


def merge_conditions(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Join the globs of each key, as a document has each key once."""
    globs: dict[str, tuple[str, ...]] = {}
    for condition in conditions:
        globs[condition.key] = (*globs.get(condition.key, ()), *condition.globs)
    return tuple(Condition(key, joined) for key, joined in globs.items())


def format_match(match: Match) -> str:
    """Write *match* as one line."""
    every, none = (_format_conditions(conditions) for conditions in (match.every, match.none))
    return (every or "everything") + (f"; not {none}" if none else "")


def _format_conditions(conditions: tuple[Condition, ...]) -> str:
    return ", ".join(f"{condition.key} {' or '.join(map(tidy, condition.globs))}" for condition in conditions)
