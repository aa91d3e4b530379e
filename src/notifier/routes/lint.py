"""What a document says in vain."""

from collections.abc import Iterator
from datetime import datetime

from notifier.routes.document import Condition, Document, Match
from notifier.routes.errors import Flaw, Problem, quoted
from notifier.routes.globs import includes
from notifier.routes.toml_lines import located


def warnings(text: str, document: Document, own: Document, now: datetime) -> tuple[Problem, ...]:
    """Find what *document*, read from *text*, says in vain at the time *now*; the stack's *own* is not judged."""
    return located(text, (*_unreached(document, own), *_over(document, now)))


def _unreached(document: Document, own: Document) -> Iterator[Flaw]:
    """Find the routes that an earlier one leaves nothing to, and the destinations that no other leads to."""
    reached = {destination.name for destination in own.destinations}
    for position, route in enumerate(document.routes):
        earlier = (
            other for other in document.routes[:position] if other.final and _takes_all(other.match, route.match)
        )
        taker = next(earlier, None)
        if taker:
            yield Flaw(("routes", position), f"is never asked: {quoted(taker.name)} is final and takes all of it")
        else:
            reached.update(route.to)
    for destination in document.destinations:
        if destination.name not in reached:
            yield Flaw(("destinations", destination.name), "is reached by no route")


def _over(document: Document, now: datetime) -> Iterator[Flaw]:
    for position, silence in enumerate(document.silences):
        if silence.until <= now:
            yield Flaw(("silences", position), "is over and can go")


def _takes_all(wide: Match, narrow: Match) -> bool:
    """Say whether *wide* surely matches all that *narrow* does."""
    return all(any(_within(given, asked) for given in narrow.every) for asked in wide.every) and all(
        any(_within(given, excluded) for excluded in narrow.none) for given in wide.none
    )


def _within(narrow: Condition, wide: Condition) -> bool:
    return narrow.key == wide.key and all(any(includes(glob, each) for glob in wide.globs) for each in narrow.globs)
