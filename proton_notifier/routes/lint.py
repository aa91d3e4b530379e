"""Lint: unreachable routes, unused destinations, expired silences, values that no notification can have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Final

from botocore.loaders import create_loader

from notifier.model.sanitize import tidy
from notifier.model.status_change import TEST, Severity
from notifier.routes.document import Document, Match, Matcher, Route, Silence, matches
from notifier.routes.errors import Problem, quoted, suggestion
from notifier.sources.table import SOURCES, Purpose

ACCOUNT_DIGITS: Final = 12
# Statuses of Health and of stack instances, whose meanings are looked up by an outcome instead.
OTHER_STATUSES: Final = frozenset({"CURRENT", "OUTDATED", "closed", "open", "upcoming"})
NAME: Final = re.compile(r"[0-9A-Za-z_*?-]+")


def warnings(document: Document, defaults: Document, now: datetime) -> Iterator[Problem]:
    """Find unreachable routes, unused destinations except *defaults*, settings without effect, and expired silences."""
    used = {destination.name for destination in defaults.destinations}
    for position, route in enumerate(document.routes):
        final = _final_before(route, document.routes[:position])
        if final is None or final.match.has_severity:
            used.update(route.to, route.escalation.destinations if route.escalation else ())
        if final:
            reached = "is reached by unknown events only" if final.match.has_severity else "is unreachable"
            reason = f"{quoted(final.name)} is final and matches everything that this route matches"
            yield Problem(("routes", position), f"{reached}: {reason}")
        texts = {"title": route.title, "body": route.body}
        empty = (key for key, text in texts.items() if text is not None and not tidy(text))
        yield from (Problem(("routes", position, key), "is empty, so that the usual text is sent") for key in empty)
    for destination in document.destinations:
        if destination.name not in used:
            yield Problem(("destinations", destination.name), "is used by no route")
    for position, silence in enumerate(document.silences):
        if silence.until <= now:
            yield Problem(("silences", position), "is over and can be deleted")
    if document.rules.inhibit and not any(_takes_failures(route.match) for route in document.routes):
        yield Problem(("memory", "inhibit"), "holds nothing back, as no route takes failures")


def mixed_topics(document: Document) -> Iterator[Problem]:
    """Find destinations whose topic has another format in an earlier destination."""
    formats: dict[str, tuple[str, str]] = {}
    for destination in document.destinations:
        if "topic" in dict(destination.settings):
            wanted = destination.setting("format", "text")
            name, first = formats.setdefault(destination.setting("topic"), (destination.name, wanted))
            if first != wanted:
                message = f"its topic is that of {name} with the format {first}, so that subscribers get both"
                yield Problem(("destinations", destination.name, "format"), message)


def _final_before(route: Route, earlier: tuple[Route, ...]) -> Route | None:
    """Find a final route that hides *route*; one with a severity is the second choice, as it passes unknown events."""
    final = (each for each in earlier if each.final and _match_includes(each.match, route.match))
    return min(final, key=lambda each: each.match.has_severity, default=None)


def _takes_failures(match: Match) -> bool:
    every = [matcher.globs for matcher in match.every if matcher.key == "severity"]
    none = [glob for matcher in match.none if matcher.key == "severity" for glob in matcher.globs]
    found = all(any(matches(glob, Severity.FAILURE) for glob in globs) for globs in every)
    return found and not any(matches(glob, Severity.FAILURE) for glob in none)


def includes(wide: str, narrow: str) -> bool:
    """Check whether the glob *wide* certainly matches all that *narrow* matches; false may be wrong, true never is."""
    # Taken as text, the wildcards of *narrow* match only wildcards of *wide*; a ? would wrongly match a *.
    return wide == narrow or ("?" not in wide and matches(wide, narrow))


def _match_includes(wide: Match, narrow: Match) -> bool:
    """Check whether *wide* certainly matches all that *narrow* matches."""
    return all(any(_is_within(inner, outer) for inner in narrow.every) for outer in wide.every) and all(
        any(_is_within(inner, outer) for outer in narrow.none) for inner in wide.none
    )


def _is_within(narrow: Matcher, wide: Matcher) -> bool:
    return narrow.key == wide.key and all(any(includes(glob, each) for glob in wide.globs) for each in narrow.globs)


def unmatchable_values(document: Document, *, stack_known: bool) -> Iterator[Problem]:
    """Find globs that match nothing, and matchers in `not` that exclude everything in `match`.

    Unless *stack_known*, the stack may have more account names.
    """
    accounts = [name for _, name in document.accounts]
    tables: Mapping[str, Sequence[Route | Silence]] = {"routes": document.routes, "silences": document.silences}
    matchers = (
        ((table, position, group, matcher.key), matcher, entry.match.every if group == "not" else ())
        for table, entries in tables.items()
        for position, entry in enumerate(entries)
        for group, matchers in (("match", entry.match.every), ("not", entry.match.none))
        for matcher in matchers
    )
    for path, matcher, wanted in matchers:
        if any(_is_within(each, matcher) for each in wanted):
            yield Problem(path, f"excludes all that match.{matcher.key} takes")
        for glob in matcher.globs:
            if reason := _reason(matcher.key, glob, accounts, stack_known=stack_known):
                yield Problem(path, f"{quoted(glob)} matches nothing: {reason}")


def _reason(key: str, glob: str, accounts: list[str], *, stack_known: bool) -> str:
    """Return the reason why no value of *key* can match *glob*; empty if one can."""
    if tidy(glob, len(glob)) != glob:
        return "no value begins or ends with a blank, or has two blanks in a row or invisible characters"
    if key == "account":
        return _account_reason(glob, accounts, stack_known=stack_known)
    if key in {"environment", "service"}:
        return "" if NAME.fullmatch(glob) else "Proton's names have letters, digits, - and _ only"
    names = known_values().get(key)
    if names is None or any(matches(glob, name) for name in names):
        return ""
    # Suggest a name that differs only in case, blanks and hyphens, which string distance would miss.
    close = next((name for name in names if matches(_folded(glob), _folded(name))), glob)
    return f"no {key.replace('_', ' ')} of this name is known here{suggestion(names, close)}"


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _account_reason(glob: str, names: list[str], *, stack_known: bool) -> str:
    if any(matches(glob, name) for name in names):
        return ""
    if re.fullmatch(r"[0-9*?]+", glob):
        length = len(glob.replace("*", ""))
        fits = length <= ACCOUNT_DIGITS if "*" in glob else length == ACCOUNT_DIGITS
        return "" if fits else f"an account's id has {ACCOUNT_DIGITS} digits, not {length}"
    elsewhere = "" if stack_known else " (with --stack, the names in AccountNames count as well)"
    return f"no account has this name under [accounts]{elsewhere}{suggestion(names, glob)}"


@cache
def known_values() -> Mapping[str, tuple[str, ...]]:
    """List the known values by key."""
    modules = [import_module(source.module) for source in SOURCES]
    rows = [row for module in modules for row in getattr(module, "EVENT_TYPES", {}).values()]
    types = {*(row.resource_type for row in rows), TEST}
    statuses = {status for row in rows for status in row.meanings}
    return {
        "region": regions(),
        "resource_type": tuple(sorted(types)),
        "source": tuple(source.name for source in SOURCES if source.purpose in {Purpose.STATUS, Purpose.TEST}),
        "status": tuple(sorted({status for status in statuses if " " not in status} | OTHER_STATUSES)),
    }


@cache
def regions() -> tuple[str, ...]:
    """List the AWS regions in the installed botocore."""
    partitions = create_loader().load_data("partitions")["partitions"]
    return tuple(name for each in partitions for name in each["regions"] if not name.endswith("-global"))
