"""Values in conditions that no notification can have."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from botocore.loaders import create_loader

from notifier.model.sanitize import tidy
from notifier.model.status_change import TEST
from notifier.routes.document import Condition, Document, Route, Silence
from notifier.routes.errors import Problem, quoted, suggestion
from notifier.routes.matching import matches
from notifier.sources.proton.resources import RESOURCES
from notifier.sources.proton.statuses import TABLES

RESOURCE_TYPES: Final = (*sorted(resource.name for resource in RESOURCES.values()), TEST)
STATUSES: Final = tuple(sorted({status for table in TABLES.values() for status in table}))
ACCOUNT_DIGITS: Final = 12
NAMES: Final = frozenset({"environment", "service"})
NAME: Final = re.compile(r"[0-9A-Za-z_*?-]+")


def vain_values(document: Document, *, stack_known: bool) -> Iterator[Problem]:
    """Find values that match nothing; without *stack_known*, the stack may have names of accounts besides."""
    accounts = [name for _, name in document.accounts]
    tables: Mapping[str, Sequence[Route | Silence]] = {"routes": document.routes, "silences": document.silences}
    for kind, entries in tables.items():
        for position, entry in enumerate(entries):
            for key, conditions in (("match", entry.match.every), ("not", entry.match.none)):
                for condition, glob in _globs(conditions):
                    why = _why(condition, glob, accounts, stack_known=stack_known)
                    if why:
                        yield Problem((kind, position, key, condition), f"{quoted(glob)} matches nothing: {why}")


@cache
def regions() -> tuple[str, ...]:
    """List AWS's regions, as far as the installed botocore knows them."""
    described = create_loader().load_data("partitions")["partitions"]
    return tuple(name for each in described for name in each["regions"] if not name.endswith("-global"))


def _globs(conditions: Iterable[Condition]) -> Iterator[tuple[str, str]]:
    return ((condition.key, glob) for condition in conditions for glob in condition.globs)


def _why(key: str, glob: str, accounts: list[str], *, stack_known: bool) -> str:
    if tidy(glob, len(glob)) != glob:
        return "no value has blanks around it or in a row, or anything invisible"
    if key == "account":
        return _no_account(glob, accounts, stack_known=stack_known)
    if key in NAMES:
        return "" if NAME.fullmatch(glob) else "Proton's names have letters, digits, - and _ only"
    return _unlisted(key.replace("_", " "), glob, LISTS[key]()) if key in LISTS else ""


LISTS: Final[Mapping[str, Callable[[], Collection[str]]]] = {
    "region": regions,
    "resource_type": lambda: RESOURCE_TYPES,
    "status": lambda: STATUSES,
}


def _unlisted(kind: str, glob: str, listed: Collection[str]) -> str:
    if any(matches(glob, each) for each in listed):
        return ""
    # Letter case counts, and people write these names with blanks.
    close = next((each for each in listed if matches(_folded(glob), _folded(each))), None)
    return f"no {kind} of this name is known here{suggestion(listed, close or glob)}"


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _no_account(glob: str, names: list[str], *, stack_known: bool) -> str:
    if any(matches(glob, name) for name in names):
        return ""
    if re.fullmatch(r"[0-9*?]+", glob):
        length = len(glob.replace("*", ""))
        fits = length <= ACCOUNT_DIGITS if "*" in glob else length == ACCOUNT_DIGITS
        return "" if fits else f"an account's id has {ACCOUNT_DIGITS} digits, and here are {length}"
    elsewhere = "" if stack_known else " (with --stack, the names in AccountNames count as well)"
    return f"no account has this name under [accounts]{elsewhere}{suggestion(names, glob)}"
