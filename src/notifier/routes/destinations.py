"""The destinations that a document declares."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.destination import Destination, Setting
from notifier.routes.errors import Path, Problem, one_of, unknown_key


@dataclass(frozen=True, slots=True)
class Rules:
    """What a document may not declare: names that are *taken*, and secrets that do not begin with *secret_prefix*."""

    taken: frozenset[str]
    secret_prefix: str | None


def problems(name: str, table: Mapping[str, object], rules: Rules) -> Iterator[Problem]:
    """Find what is wrong with the destination *name*; no value is repeated, for it may be a secret put in its place."""
    path = ("destinations", name)
    if name in rules.taken:
        yield Problem(path, "is a destination of the stack's own; choose another name")
    settings = _settings(table)
    if settings is None:
        yield Problem((*path, "type"), f"must be {one_of(sorted(CHANNEL_TYPES), table.get('type'))}")
        return
    allowed = ["type", *settings]
    yield from (Problem((*path, key), unknown_key(key, allowed)) for key in table if key not in allowed)
    for setting in settings.values():
        yield from _setting_problems((*path, setting.name), setting, table, rules.secret_prefix)


def destination(name: str, table: Mapping[str, object]) -> Destination:
    """Make the destination *name* of a *table* without problems."""
    settings = _settings(table) or {}
    values = ((setting.name, table.get(setting.name, setting.default)) for setting in settings.values())
    return Destination(name, str(table["type"]), tuple((key, str(value)) for key, value in values))


def _settings(table: Mapping[str, object]) -> Mapping[str, Setting] | None:
    kind = table.get("type")
    if not isinstance(kind, str) or kind not in CHANNEL_TYPES:
        return None
    return {setting.name: setting for setting in channel_type(kind).settings}


def _setting_problems(
    path: Path, setting: Setting, table: Mapping[str, object], prefix: str | None
) -> Iterator[Problem]:
    value = table.get(setting.name, setting.default)
    if value is None:
        yield Problem(path, f"is missing; it must be {setting.meaning}")
    elif not (isinstance(value, str) and re.fullmatch(setting.pattern, value)):
        pattern, why = setting.forbidden
        forbidden = why and isinstance(value, str) and re.fullmatch(pattern, value)
        yield Problem(path, why if forbidden else f"must be {setting.meaning}")
    elif setting.secret and prefix and not value.startswith((f"{prefix}/", f"/{prefix}/")):
        yield Problem(path, f"must begin with {prefix}/ or /{prefix}/: the stack can read no other secrets")
