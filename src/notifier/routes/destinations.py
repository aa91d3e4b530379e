"""The destinations that a document declares."""

import re
from collections.abc import Collection, Iterator, Mapping

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination, Setting
from notifier.routes.errors import Path, Problem, one_of, unknown_key


def destination_problems(
    name: str, table: Mapping[str, object], reserved: Collection[str], secret_prefix: str | None
) -> Iterator[Problem]:
    """Find the problems of the destination *name*, whose name may not be *reserved*.

    No message repeats a value, which may be a secret in the wrong place.
    """
    path = ("destinations", name)
    if name in reserved:
        yield Problem(path, "is a destination of the stack's own; choose another name")
    settings = _settings(table)
    if settings is None:
        yield Problem((*path, "type"), f"must be {one_of(sorted(CHANNEL_TYPES), table.get('type'))}")
        return
    allowed = ["type", *(setting.name for setting in settings)]
    yield from (Problem((*path, key), unknown_key(key, allowed)) for key in table if key not in allowed)
    for setting in settings:
        yield from _setting_problems((*path, setting.name), setting, table, secret_prefix)


def make_destination(name: str, table: Mapping[str, object]) -> Destination:
    """Make the destination *name* of a *table* without problems."""
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
