"""The rules of a stack: the events that they match, without AWS. The template has the rules themselves."""

from typing import Final

from notifier.routes.errors import quoted
from notifier.sources.table import HEARTBEAT_SOURCE, PROTON, ROUTES_SOURCE, TEST_SOURCE

DETAIL_TYPE: Final = "AWS Proton "
NO_RULE: Final = "no rule of the stack matches it"


def drop_reason(event: object) -> str:
    """Explain why a deployed stack would drop *event*; return nothing if it would not."""
    if not isinstance(event, dict) or "detail-type" not in event:
        return ""  # A delivery needs no rule.
    sources, types = (_texts(event.get(key)) for key in ("source", "detail-type"))
    if {TEST_SOURCE, HEARTBEAT_SOURCE} & {*sources}:
        return ""
    if ROUTES_SOURCE in sources:
        return "it becomes no message: a stack only learns from it that its routes changed"
    if PROTON.name not in sources:
        return f"{NO_RULE}: its source is {_listed(sources)}, not {PROTON.name}"
    if not any(text.startswith(DETAIL_TYPE) for text in types):
        return f"{NO_RULE}: its detail-type {_listed(types)} does not begin with {DETAIL_TYPE.strip()}"
    return ""


def _texts(value: object) -> list[str]:
    """List the texts of *value*; of a list, any entry may match, as in EventBridge."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _listed(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts)) or "no text"
