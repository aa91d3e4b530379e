"""`notifier redact`: print events in the same shape, without names, accounts, ids and free text.

Only regions and words of this project's public code and samples are kept.
"""

import ast
import json
import re
import sys
from argparse import Namespace
from functools import cache
from itertools import count
from typing import Final

from proton_notifier import ROOT
from proton_notifier.arguments import EVENTS
from proton_notifier.common.event_files import read_events
from proton_notifier.common.text_files import UnreadableTextError, check_read_once
from proton_notifier.routes.lint import regions

TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.,]+ ?(Z|UTC|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE)
# The value of such a key is AWS's own if it is one word or a detail-type, even one that this version does not know.
KIND: Final = re.compile(r".*(category|eventname|result|state|status|type)", re.IGNORECASE)
KIND_WORD: Final = re.compile(r"[A-Za-z_]{2,60}|[A-Za-z ]{1,60} Change")
# Parts of ids.
ID: Final = re.compile(r"(?=.*\d)([0-9a-f]{4,}|[0-9A-Z]{4,})")
# Counts, and times in seconds or milliseconds, of this decade and the next; an account has twelve digits.
HARMLESS: Final = ((0, 10_000), (1_577_836_800, 2_208_988_800), (1_577_836_800_000, 2_208_988_800_000))
WORD: Final = re.compile(r"\w+")
PATTERN: Final = re.compile(r're\.compile\(\s*r?f?"([^"]+)"')
KEY: Final = re.compile(r'"([\w-]+)\\?": ?')


def run(arguments: Namespace) -> int:
    """Print the events, several as JSON Lines; return 1 if an event cannot be read."""
    try:
        check_read_once(arguments.events)
        entries = [entry for file in arguments.events for entry in read_events(file)]
        redaction = Redaction([entry.event for entry in entries if not entry.error])
        redacted = [redaction.redact(entry.event) for entry in entries if not entry.error]
    except UnreadableTextError as error:
        print(error, file=sys.stderr)
        return 1
    except RecursionError:
        print("an event is nested too deep to be redacted", file=sys.stderr)
        return 1
    for entry in entries:
        if entry.error:
            print(f"{entry.name}: {entry.error}", file=sys.stderr)
    for event in redacted:
        print(json.dumps(event, ensure_ascii=False, indent=2 if len(redacted) == 1 else None))
    return 0 if len(redacted) == len(entries) else 1


class Redaction:
    """Replacement of all words outside the vocabulary; a word has the same replacement in all *events*."""

    def __init__(self, events: list[object]) -> None:
        self._replacements: dict[str, str] = {}
        self._numbers = count(1)
        self._taken = {*WORD.findall(json.dumps(events, ensure_ascii=False))}
        self._parts = re.compile("|".join([*sorted(regions(), key=len, reverse=True), WORD.pattern]))
        self._constants, self._known_words, self._keys = _vocabulary()

    def redact(self, value: object, key: str = "") -> object:
        """Redact a JSON *value* under *key*."""
        match value:
            case dict():
                return {
                    name if name in self._keys else self._words(name): self.redact(inner, name)
                    for name, inner in value.items()
                }
            case list():
                return [self.redact(inner, key) for inner in value]
            case str():
                return self._text(value, key)
            case int() | float() if not any(low <= abs(value) < high for low, high in HARMLESS):
                return int(self._words(str(value))) if isinstance(value, int) else 0.0
        return value

    def _text(self, text: str, key: str) -> str:
        try:
            inside = json.loads(text)
        except (ValueError, RecursionError):
            inside = None
        if isinstance(inside, dict | list):
            return json.dumps(self.redact(inside))
        kind = KIND.fullmatch(key) and KIND_WORD.fullmatch(text)
        return text if kind or text in self._constants or TIME.fullmatch(text) else self._words(text)

    def _words(self, text: str) -> str:
        return self._parts.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        if word in self._known_words or word in self._constants or (len(word) == 1 and word.isdigit()):
            return word
        if word not in self._replacements:
            candidates = (_candidate(word, number) for number in self._numbers)
            self._replacements[word] = next(candidate for candidate in candidates if candidate not in self._taken)
            self._taken.add(self._replacements[word])
        return self._replacements[word]


def _candidate(word: str, number: int) -> str:
    """Make a word of the same form, so that patterns still find it in a text."""
    if word.isdecimal():
        return str(10 ** (len(word) - 1) + number)
    if ID.fullmatch(word):
        return f"X{number:0{len(word) - 1}}" if word.isupper() else f"{number:0{len(word)}x}"
    return f"NAME{number}" if word.isupper() else f"name{number}"


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Collect the texts, words and keys of the code about events; omit prose, which may contain any word."""
    folders = (ROOT / "src/notifier" / name for name in ("delivery", "model", "sources"))
    code = "\n".join(file.read_text("utf-8") for folder in folders for file in folder.rglob("*.py"))
    values = (getattr(node, "value", None) for node in ast.walk(ast.parse(code)))
    constants = frozenset(value for value in values if isinstance(value, str)).union(regions())
    texts = (*(text for text in constants if " " not in text), *PATTERN.findall(code))
    words = frozenset(word for text in texts for word in WORD.findall(text))
    return constants, words, constants.union(*(KEY.findall(file.read_text("utf-8")) for file in EVENTS.rglob("*.json")))
