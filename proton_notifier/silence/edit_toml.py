"""The silences in a document's text: what is changed there leaves all else to the letter."""

import json
import re
import tomllib
from datetime import datetime
from typing import Final

from notifier.routes.document import Condition, Silence
from notifier.routes.loader import parse
from proton_notifier.routes.toml_lines import Statements

UNTIL: Final = re.compile(r"(until[\"']?\s*=\s*)[0-9Tt:.+Zz -]*[0-9Zz]")


class ByHandError(Exception):
    """A text is written in a way that only a person can edit; the message says what to write."""


def added(text: str, silence: Silence) -> str:
    """Append *silence* to *text*, which is TOML; raise `ByHandError` if its silences are a list in brackets."""
    pairs = _pairs(silence)
    end = "" if text.endswith("\n") or not text else "\n"
    longer = "\n".join([f"{text}{end}\n[[silences]]" if text else "[[silences]]", *pairs, ""])
    if "silences" in parse(text) and not _is_toml(longer):
        message = f"its silences are a list in brackets; write into it by hand: {{ {', '.join(pairs)} }}"
        raise ByHandError(message)
    return longer


def expired(text: str, position: int, now: datetime) -> str:
    """End the silence at *position* of *text*, a sound document; raise `ByHandError` if its time is not found."""
    wanted = parse(text)
    wanted["silences"][position]["until"] = now
    lines = text.split("\n")
    number = Statements(text).span(("silences", position, "until"))[0] + 1
    lines[number - 1] = UNTIL.sub(rf"\g<1>{_time(now)}", lines[number - 1], count=1)
    edited = "\n".join(lines)
    if not _is_toml(edited) or parse(edited) != wanted:
        message = f"line {number} cannot be rewritten; write there, or below, by hand: until = {_time(now)}"
        raise ByHandError(message)
    return edited


def _pairs(silence: Silence) -> list[str]:
    tables = {"match": silence.match.every, "not": silence.match.none}
    return [
        *(f"{key} = {_table(conditions)}" for key, conditions in tables.items() if conditions or key == "match"),
        f"until = {_time(silence.until)}",
        f"reason = {_text(silence.reason)}",
        f"by = {_text(silence.by)}",
    ]


def _table(conditions: tuple[Condition, ...]) -> str:
    return f"{{ {', '.join(f'{condition.key} = {_globs(condition.globs)}' for condition in conditions)} }}"


def _globs(globs: tuple[str, ...]) -> str:
    texts = [_text(glob) for glob in globs]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL; Parameter Store takes no two braces in a row.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("{{", "{\\u007b")


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
