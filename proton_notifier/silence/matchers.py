"""What a silence is to match, as a person types and reads it."""

from argparse import ArgumentTypeError
from collections.abc import Iterable

from notifier.model.sanitize import tidy
from notifier.routes.document import KEYS, Condition, Match


def text(typed: str) -> str:
    """Refuse bytes that are no text."""
    try:
        typed.encode()
    except UnicodeEncodeError as error:
        message = "is not UTF-8"
        raise ArgumentTypeError(message) from error
    return typed


def condition(typed: str) -> Condition:
    """Read KEY=GLOB."""
    key, _, glob = text(typed).partition("=")
    if not glob or key not in KEYS:
        message = f"must be KEY=GLOB, as in service=checkout; KEY is one of {', '.join(KEYS)}"
        raise ArgumentTypeError(message)
    return Condition(key, (glob,))


def merged(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Join what is said of one key."""
    globs: dict[str, tuple[str, ...]] = {}
    for each in conditions:
        globs[each.key] = (*globs.get(each.key, ()), *each.globs)
    return tuple(Condition(key, joined) for key, joined in globs.items())


def shown(match: Match) -> str:
    """Write *match* as one line."""
    every, none = (_listed(conditions) for conditions in (match.every, match.none))
    return (every or "everything") + (f"; not {none}" if none else "")


def _listed(conditions: tuple[Condition, ...]) -> str:
    return ", ".join(f"{each.key} {' or '.join(map(tidy, each.globs))}" for each in conditions)
