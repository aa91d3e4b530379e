"""A document's text as what it says."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from notifier.model.sanitize import tidy
from notifier.routes import destinations as declarations
from notifier.routes import schema as written
from notifier.routes.document import Condition, Document, Match, Route, Silence
from notifier.routes.errors import DocumentError, Problem
from notifier.routes.fields import Surroundings
from notifier.routes.quiet_hours import QuietHours
from notifier.routes.schema import WrittenDocument, WrittenMatch, WrittenQuietHours, WrittenRoute, WrittenSilence

# Parameter Store holds no longer value.
SIZE_LIMIT: Final = 8_192


def read(
    text: str,
    own: Document,
    secret_prefix: str | None,
    template_fault: Callable[[str], str | None] = lambda _template: None,
) -> Document:
    """Read a document; raise `DocumentError` with all problems that are found.

    *own* is what the stack does without one: its destinations and accounts are there as well, and its routes where the
    document has none. Secrets have to begin with *secret_prefix*, as the stack's role can read no others;
    without one they may be anything. *template_fault* says what is wrong with a title or body, if anything is.
    """
    text = text.removeprefix("\ufeff")  # a byte order mark, which some editors and shells write
    raw = parse(text)
    taken = frozenset(destination.name for destination in own.destinations)
    tables = _tables(raw)
    rules = declarations.Rules(taken, secret_prefix)
    found = [problem for name, table in tables.items() for problem in declarations.problems(name, table, rules)]
    try:
        whole = WrittenDocument.model_validate(raw, context=Surroundings(taken | tables.keys(), template_fault))
    except ValidationError as error:
        found = [*written.problems(error), *found]
        raise DocumentError(text, tuple(found)) from error
    if found:
        raise DocumentError(text, tuple(found))
    declared = (declarations.destination(name, table) for name, table in tables.items())
    return Document(
        destinations=(*own.destinations, *declared),
        accounts=(*own.accounts, *whole.accounts.items()),
        routes=tuple(_route(position, route) for position, route in enumerate(whole.routes, 1)) or own.routes,
        silences=tuple(map(_silence, whole.silences)),
    )


def parse(text: str) -> dict[str, Any]:
    """Parse *text*; raise `DocumentError` if it is too long or no TOML."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > SIZE_LIMIT:
        message = f"the text has {size} bytes, of which Parameter Store holds {SIZE_LIMIT}"
        raise DocumentError(text, (Problem((), message),))
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits and thousands of brackets raise other errors than TOMLDecodeError.
        raise DocumentError(text, (Problem((), f"this is not TOML: {tidy(str(error))}"),)) from error


def _tables(raw: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    """Find what is at least shaped like a destination."""
    destinations = raw.get("destinations")
    named = destinations.items() if isinstance(destinations, dict) else ()
    return {name: table for name, table in named if isinstance(table, dict)}


def _route(position: int, route: WrittenRoute) -> Route:
    return Route(
        name=route.name or f"route {position}",
        match=_match(route.match, route.unless),
        to=tuple(route.to),
        final=route.final,
        mentions=tuple(route.mention.items()),
        quiet_hours=_quiet_hours(route.quiet_hours) if route.quiet_hours else None,
        title=route.title,
        body=route.body,
    )


def _silence(silence: WrittenSilence) -> Silence:
    return Silence(_match(silence.match, silence.unless), silence.until, silence.reason, silence.by)


def _match(every: WrittenMatch, none: WrittenMatch) -> Match:
    return Match(_conditions(every), _conditions(none))


def _conditions(asked: WrittenMatch) -> tuple[Condition, ...]:
    return tuple(Condition(key, tuple(globs)) for key, globs in asked if globs)


def _quiet_hours(hours: WrittenQuietHours) -> QuietHours:
    begin, end = time.fromisoformat(hours.begin), time.fromisoformat(hours.end)
    return QuietHours(begin, end, frozenset(hours.days), time_zone(hours.time_zone))


@cache
def time_zone(name: str) -> ZoneInfo:
    """Read the rules of the package tzdata; `ZoneInfo` by itself would take the machine's, which may be older."""
    with files("tzdata").joinpath("zoneinfo", name).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
