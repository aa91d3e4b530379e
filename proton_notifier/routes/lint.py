"""Lint: unreachable routes, unused destinations, expired silences."""

from collections.abc import Iterator
from datetime import datetime

from notifier.routes.document import Condition, Document, Match
from notifier.routes.errors import Problem, quoted
from notifier.routes.matching import matches


def warnings(document: Document, defaults: Document, now: datetime) -> Iterator[Problem]:
    """Find unreachable routes, unused destinations, and silences that are over at the time *now*.

    The destinations of *defaults* may be unused.
    """
    used = {destination.name for destination in defaults.destinations}
    for position, route in enumerate(document.routes):
        earlier = (
            other for other in document.routes[:position] if other.final and _match_includes(other.match, route.match)
        )
        if final := next(earlier, None):
            yield Problem(
                ("routes", position),
                f"is unreachable: {quoted(final.name)} is final and matches everything that it matches",
            )
        else:
            used.update(route.to)
    for destination in document.destinations:
        if destination.name not in used:
            yield Problem(("destinations", destination.name), "is used by no route")
    for position, silence in enumerate(document.silences):
        if silence.until <= now:
            yield Problem(("silences", position), "is over and can be deleted")


def includes(wide: str, narrow: str) -> bool:
    """Tell if the glob *wide* surely matches all that *narrow* does; false may be wrong, true never is."""
    # Read as text, the wildcards of *narrow* can only be matched by those of *wide*, and a ? would match their *.
    return wide == narrow or ("?" not in wide and matches(wide, narrow))


def _match_includes(wide: Match, narrow: Match) -> bool:
    """Tell if *wide* surely matches all that *narrow* does."""
    return all(any(_is_within(inner, outer) for inner in narrow.every) for outer in wide.every) and all(
        any(_is_within(inner, outer) for outer in narrow.none) for inner in wide.none
    )


def _is_within(narrow: Condition, wide: Condition) -> bool:
    return narrow.key == wide.key and all(any(includes(glob, each) for glob in wide.globs) for each in narrow.globs)
