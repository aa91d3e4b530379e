"""Read the text of a routes document."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination, Setting
from notifier.memory.rules import Escalation, Rules
from notifier.model.sanitize import tidy
from notifier.routes.document import Document, Match, Matcher, QuietHours, Route, Silence
from notifier.routes.errors import DocumentError, Path, Problem, one_of, unknown_key
from notifier.routes.fields import seconds
from notifier.routes.schema import DocumentSchema, QuietHoursSchema, RouteSchema, SilenceSchema, schema_problems

# The limit of a Parameter Store value, in bytes.
SIZE_LIMIT: Final = 8_192
# tomllib writes a key as a Python tuple: ('routes', 'match').
KEY_TUPLE: Final = re.compile(r"\('(.*?)',?\)")


def read_document(
    text: str,
    defaults: Document,
    secret_prefix: str | None,
    find_more: Callable[[Destination], Iterable[Problem]] = lambda _destination: (),
) -> Document:
    """Read a document; raise `DocumentError` with all problems.

    The stack's own destinations and accounts in *defaults* are added, and its routes if the document has none.
    Names of secrets must begin with *secret_prefix*, if given, because the stack's role can read no other secrets.
    *find_more* looks for further problems of a destination whose settings are valid.
    """
    text = text.removeprefix("\ufeff")  # a byte order mark, which some editors and shells write
    table = parse(text)
    reserved = frozenset(destination.name for destination in defaults.destinations)
    destinations = table.get("destinations")
    # The schema reports values of other types.
    declared = {
        name: settings
        for name, settings in (destinations.items() if isinstance(destinations, dict) else ())
        if isinstance(settings, dict)
    }
    problems = [
        problem
        for name, settings in declared.items()
        for problem in [*destination_problems(name, settings, reserved, secret_prefix)]
        or find_more(make_destination(name, settings))
    ]
    try:
        valid = DocumentSchema.model_validate(table, context=reserved | declared.keys())
    except ValidationError as error:
        raise DocumentError(text, (*schema_problems(error), *problems)) from error
    if problems:
        raise DocumentError(text, tuple(problems))
    return Document(
        destinations=(*defaults.destinations, *(make_destination(*each) for each in declared.items())),
        accounts=(*defaults.accounts, *valid.accounts.items()),
        routes=tuple(_route(number, route) for number, route in enumerate(valid.routes, 1)) or defaults.routes,
        silences=tuple(
            Silence(_match(silence), silence.until, silence.reason, silence.by) for silence in valid.silences
        ),
        rules=Rules(tuple(sorted(map(seconds, valid.memory.remind))), valid.memory.flapping, valid.memory.inhibit),
    )


def parse(text: str) -> dict[str, Any]:
    """Parse *text*; raise `DocumentError` if it is too long or not TOML."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > SIZE_LIMIT:
        message = f"the text has {size} bytes, and Parameter Store holds at most {SIZE_LIMIT}"
        raise DocumentError(text, (Problem((), message),))
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Thousands of digits or brackets raise other errors than TOMLDecodeError.
        why = KEY_TUPLE.sub(lambda found: found[1].replace("', '", "."), tidy(str(error)))
        raise DocumentError(text, (Problem((), f"this is not TOML: {why}"),)) from error


@cache
def time_zone(name: str) -> ZoneInfo:
    """Read the time zone *name* from the package tzdata; `ZoneInfo` alone would prefer the machine's older data."""
    with files("tzdata").joinpath("zoneinfo", name).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def _route(number: int, route: RouteSchema) -> Route:
    late = route.escalate
    return Route(
        name=route.name or f"route {number}",
        match=_match(route),
        to=tuple(route.to),
        final=route.final,
        mentions=tuple(route.mention.items()),
        quiet_hours=_quiet_hours(route.quiet_hours) if route.quiet_hours else None,
        title=route.title,
        body=route.body,
        escalation=Escalation(seconds(late.after), tuple(late.to), late.mention, route.runbook) if late else None,
        runbook=route.runbook,
    )


def _match(entry: RouteSchema | SilenceSchema) -> Match:
    sides = ([Matcher(key, tuple(globs)) for key, globs in side if globs] for side in (entry.match, entry.unless))
    return Match(*map(tuple, sides))


def _quiet_hours(hours: QuietHoursSchema) -> QuietHours:
    begin, end = time.fromisoformat(hours.begin), time.fromisoformat(hours.end)
    return QuietHours(begin, end, frozenset(hours.days), time_zone(hours.time_zone))


def destination_problems(
    name: str, table: Mapping[str, object], reserved: Collection[str], secret_prefix: str | None
) -> Iterator[Problem]:
    """Find the problems of the destination *name*, which must not be *reserved*.

    No message repeats a value, because it may be a secret in the wrong place.
    """
    path = ("destinations", name)
    if name in reserved:
        yield Problem(path, "is a destination of the stack's own; choose another name")
    settings = _settings(table)
    if settings is None:
        missing = "" if "type" in table else "is missing; it "
        yield Problem((*path, "type"), f"{missing}must be {one_of(sorted(CHANNEL_TYPES), table.get('type'))}")
        return
    allowed = ["type", *(setting.name for setting in settings)]
    yield from (Problem((*path, key), unknown_key(key, allowed)) for key in table if key not in allowed)
    for setting in settings:
        yield from _setting_problems((*path, setting.name), setting, table, secret_prefix)


def make_destination(name: str, table: Mapping[str, object]) -> Destination:
    """Make the destination *name* of a valid *table*."""
    settings = _settings(table) or ()
    values = tuple((setting.name, str(table.get(setting.name, setting.default))) for setting in settings)
    return Destination(name, str(table["type"]), values)


def _settings(table: Mapping[str, object]) -> tuple[Setting, ...] | None:
    kind = table.get("type")
    return tuple(channel_type(kind).settings) if isinstance(kind, str) and kind in CHANNEL_TYPES else None


def _setting_problems(
    path: Path, setting: Setting, table: Mapping[str, object], secret_prefix: str | None
) -> Iterator[Problem]:
    value = table.get(setting.name, setting.default)
    if value is None:
        yield Problem(path, f"is missing; it must be {setting.meaning}")
    elif not (isinstance(value, str) and re.fullmatch(setting.pattern, value)):
        pattern, why = setting.forbidden
        forbidden = why and isinstance(value, str) and re.fullmatch(pattern, value)
        yield Problem(path, why if forbidden else f"must be {setting.meaning}")
    elif setting.secret and secret_prefix and not value.startswith((f"{secret_prefix}/", f"/{secret_prefix}/")):
        must_begin = f"must begin with {secret_prefix}/ or /{secret_prefix}/"
        yield Problem(path, f"{must_begin}: the stack can read no other secrets")
