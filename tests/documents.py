"""Routes documents and notifications of every kind, for tests of what holds for all of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import strategies as st

from notifier.channels.destination import Destination
from notifier.model.notification import Attribute
from notifier.model.status_change import Severity
from notifier.routes.document import default_document
from notifier.routes.schema import MatchSchema
from notifier.settings import SEVERITIES, Scope
from tests.samples import NAMES, event, notification

PREDEFINED: Final = (
    Destination("email", "sns", (("topic", "arn:aws:sns:eu-west-1:123456789012:alerts"),)),
    Destination("slack", "slack", (("webhook", "proton-notifier/slack"),)),
)
OWN: Final = default_document(PREDEFINED, (), SEVERITIES[Scope.PROBLEMS])
KEYS: Final = tuple(MatchSchema.model_fields)

_words = st.sampled_from(["checkout", "invoices", "prod", "production", "123456789012", "eu-west-1", "FAILED"])
_globs = _words | st.text("acdehkoprtu-*?", min_size=1, max_size=12) | st.text(min_size=1, max_size=8)
_lines = st.text("abc def-*?<&", min_size=1, max_size=20).filter(str.strip)
_templates = st.text(st.characters(codec="utf-8", exclude_characters="{"), max_size=20) | st.just("${ name }")
_severities = st.sampled_from([*Severity, "*", "f*", "?????????"])
_names = st.text("abc1-", min_size=1, max_size=6)
_moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
# Local times exist within these years everywhere.
MOMENTS: Final = _moments.filter(lambda moment: 1 < moment.year < 9999)
_clocks = st.times().map(lambda clock: f"{clock:%H:%M}")


def _one_or_more(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | list[str]]:
    return values | st.lists(values, min_size=1, max_size=3)


_matches = st.fixed_dictionaries(
    {}, optional={key: _one_or_more(_severities if key == "severity" else _globs) for key in KEYS}
)
_quiet_hours = st.fixed_dictionaries(
    {
        "time_zone": st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "UTC"]),
        "days": st.lists(st.sampled_from(["mon", "wed", "sun"]), min_size=1, max_size=2),
    },
    optional={"from": _clocks, "to": _clocks},
)
_silences = st.fixed_dictionaries(
    {"match": _matches, "until": _moments, "reason": _lines, "by": _lines}, optional={"not": _matches}
)


def _routes(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"to": st.lists(st.sampled_from(names), min_size=1, max_size=3)},
        optional={
            "name": _lines,
            "match": _matches,
            "not": _matches,
            "final": st.booleans(),
            "mention": st.dictionaries(st.sampled_from(Severity), st.sampled_from(["@here", "S0123ABCD"]), max_size=2),
            "quiet_hours": _quiet_hours,
            "title": _templates,
            "body": _templates,
        },
    )


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a valid document says."""
    declared = draw(st.lists(_names, unique=True, max_size=3))
    names = [*declared, *(destination.name for destination in PREDEFINED)]
    return {
        "destinations": {name: {"type": "slack", "webhook": f"proton-notifier/{name}"} for name in declared},
        "accounts": draw(st.dictionaries(st.just("123456789012"), _lines)),
        "routes": draw(st.lists(_routes(names), min_size=1, max_size=4)),
        "silences": draw(st.lists(_silences, max_size=2)),
    }


@st.composite
def notifications(draw: st.DrawFn) -> Any:  # noqa: ANN401 - hypothesis wants what is drawn, a notification
    """Draw a sample's notification, some of its attributes exchanged or left out."""
    sample = notification(event(draw(st.sampled_from(NAMES))))
    usual = {attribute.name: attribute.value for attribute in sample.attributes}
    others = draw(st.dictionaries(st.sampled_from(KEYS), _words | st.text(max_size=20) | st.none(), max_size=3))
    values = {**usual, **others, "severity": sample.severity}
    attributes = tuple(Attribute(name, value) for name, value in values.items() if value)
    return replace(sample, attributes=attributes, recognised=draw(st.booleans()))


def toml(content: Mapping[str, Any], array: str = "") -> str:
    """Write a document as a person would, its tables under headers; those of the key *array* stand in brackets."""
    lines = []
    for key, value in content.items():
        if isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()):
            for name, table in value.items():
                lines += ["", f"[{key}.{_value(name)}]", *_pairs(table)]
        elif isinstance(value, dict):
            lines += ["", f"[{key}]", *_pairs(value)]
        elif key != array and isinstance(value, list) and all(isinstance(each, dict) for each in value):
            for table in value:
                lines += ["", f"[[{key}]]", *_pairs(table)]
        else:
            # Keys after a header would belong to it.
            lines = [*_pairs({key: value}), *lines]
    return "\n".join([*lines, ""])


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_value(key)} = {_value(value)}" for key, value in table.items()]


def _value(value: object) -> str:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(_pairs(value))} }}"
        case _:
            return str(value)
