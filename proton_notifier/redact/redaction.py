"""Events without names, accounts, ids and free text, in the same shape."""

import json
import re
from itertools import count
from typing import Final

from proton_notifier.redact.vocabulary import WORD, constants, keys, words
from proton_notifier.routes.lint import regions

TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.,]+ ?(Z|UTC|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE)
# Under such a key, one word, or a detail-type, is AWS's own, also if this version does not know it.
KIND: Final = re.compile(r".*(category|eventname|result|state|status|type)", re.IGNORECASE)
KIND_WORD: Final = re.compile(r"[A-Za-z_]{2,60}|[A-Za-z ]{1,60} Change")
# Parts of ids.
ID: Final = re.compile(r"(?=.*\d)([0-9a-f]{4,}|[0-9A-Z]{4,})")
# Counts, and times in seconds or milliseconds, of this decade and the next; an account has twelve digits.
HARMLESS: Final = ((0, 10_000), (1_577_836_800, 2_208_988_800), (1_577_836_800_000, 2_208_988_800_000))


class Redaction:
    """Replaces each word that is not in the vocabulary, the same word by the same one in all *events*."""

    def __init__(self, events: list[object]) -> None:
        self._replacements: dict[str, str] = {}
        self._numbers = count(1)
        self._taken = {*WORD.findall(json.dumps(events, ensure_ascii=False))}
        self._parts = re.compile("|".join([*sorted(regions(), key=len, reverse=True), WORD.pattern]))

    def redact(self, value: object, key: str = "") -> object:
        """Redact a JSON *value* under *key*."""
        match value:
            case dict():
                return {name if name in keys() else self._words(name): self.redact(value[name], name) for name in value}
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
        return text if kind or text in constants() or TIME.fullmatch(text) else self._words(text)

    def _words(self, text: str) -> str:
        return self._parts.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        if word in words() or word in constants() or (len(word) == 1 and word.isdigit()):
            return word
        if word not in self._replacements:
            candidates = (_candidate(word, number) for number in self._numbers)
            self._replacements[word] = next(candidate for candidate in candidates if candidate not in self._taken)
            self._taken.add(self._replacements[word])
        return self._replacements[word]


def _candidate(word: str, number: int) -> str:
    """Make a word of the same kind, so that what is read out of a text by its form is still found."""
    if word.isdecimal():
        return str(10 ** (len(word) - 1) + number)
    if ID.fullmatch(word):
        return f"X{number:0{len(word) - 1}}" if word.isupper() else f"{number:0{len(word)}x}"
    return f"NAME{number}" if word.isupper() else f"name{number}"
