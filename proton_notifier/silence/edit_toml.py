"""Edits of the silences in a document's text, which keep its comments and layout."""

import json
from datetime import datetime
from io import StringIO
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Array

from notifier.routes.document import Condition, Silence
from notifier.routes.errors import Path
from notifier.routes.loader import parse
from proton_notifier.routes.toml_lines import Statements


def add_silence(text: str, silence: Silence) -> str:
    """Append *silence* to *text*: as a table, or as an inline table where the silences are an array."""
    pairs = _pairs(silence)
    if "silences" in parse(text):
        before, statement, after = _statement(text, ("silences",))
        if isinstance(statement["silences"], Array):
            statement["silences"].append(tomlkit.value(f"{{ {', '.join(pairs)} }}"))
            return before + statement.as_string() + after
    separator = "\n" if text.endswith("\n") else "\n\n" if text else ""
    return "\n".join([f"{text}{separator}[[silences]]", *pairs, ""])


def expire_silence(text: str, position: int, now: datetime) -> str:
    """Set the end of the silence at *position* of *text*, a valid document, to *now*."""
    before, statement, after = _statement(text, ("silences", position, "until"))
    # Below a [[silences]] header the statement is one key; elsewhere it is the whole array.
    silence: Any = statement["silences"][position] if "silences" in statement else statement
    silence["until"] = now
    return before + statement.as_string() + after


def _statement(text: str, path: Path) -> tuple[str, TOMLDocument, str]:
    """Parse the statement that sets the value at *path*, and return it between the text before and after it.

    tomlkit moves tables that stand between those of an array, so it must not get the whole text.
    """
    first, end = Statements(text).span(path)
    lines = [*StringIO(text, newline="\n")]
    return "".join(lines[:first]), tomlkit.parse("".join(lines[first:end])), "".join(lines[end:])


def _pairs(silence: Silence) -> list[str]:
    tables = {"match": silence.match.every, "not": silence.match.none}
    return [
        *(f"{key} = {_table(conditions)}" for key, conditions in tables.items() if conditions or key == "match"),
        f"until = {silence.until.isoformat(timespec='seconds').replace('+00:00', 'Z')}",
        f"reason = {_string(silence.reason)}",
        f"by = {_string(silence.by)}",
    ]


def _table(conditions: tuple[Condition, ...]) -> str:
    return f"{{ {', '.join(f'{condition.key} = {_globs(condition.globs)}' for condition in conditions)} }}"


def _globs(globs: tuple[str, ...]) -> str:
    strings = [_string(glob) for glob in globs]
    return strings[0] if len(strings) == 1 else f"[{', '.join(strings)}]"


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL; Parameter Store takes no two braces in a row.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("{{", "{\\u007b")
