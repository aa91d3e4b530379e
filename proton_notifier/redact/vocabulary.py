"""The vocabulary that stays in a redacted event: the words of this project's public code and samples, and regions."""

import ast
import re
from functools import cache
from typing import Final

from proton_notifier import ROOT
from proton_notifier.arguments import EVENTS
from proton_notifier.routes.lint import regions

WORD: Final = re.compile(r"\w+")
PATTERN: Final = re.compile(r're\.compile\(\s*r?f?"([^"]+)"')
KEY: Final = re.compile(r'"([\w-]+)\\?": ?')


@cache
def constants() -> frozenset[str]:
    """Collect the texts of the code, such as statuses and detail-types, and the regions."""
    values = (getattr(node, "value", None) for node in ast.walk(ast.parse(_code())))
    return frozenset(value for value in values if isinstance(value, str)).union(regions())


@cache
def words() -> frozenset[str]:
    """Collect the parts of names in the code, and the words that it searches for; prose may have anybody's words."""
    texts = (*(text for text in constants() if " " not in text), *PATTERN.findall(_code()))
    return frozenset(word for text in texts for word in WORD.findall(text))


@cache
def keys() -> frozenset[str]:
    """Collect the keys of the code and of the sample events."""
    return constants().union(*(KEY.findall(file.read_text("utf-8")) for file in EVENTS.rglob("*.json")))


@cache
def _code() -> str:
    """Read the code about events and deliveries."""
    folders = (ROOT / "src/notifier" / name for name in ("delivery", "model", "sources"))
    return "\n".join(file.read_text("utf-8") for folder in folders for file in folder.rglob("*.py"))
