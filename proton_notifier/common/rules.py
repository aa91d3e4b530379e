"""Whether a rule of the stack lets an event in."""

from typing import Final

from notifier.routes.errors import quoted
from notifier.sources.table import HEARTBEAT_SOURCE, PROTON, ROUTES_SOURCE, TEST_SOURCE

DETAIL_TYPE: Final = "AWS Proton "
NO_RULE: Final = "no rule of the stack lets it in"


def kept_out(event: object) -> str:
    """Say why the deployed stack would not tell of *event*; nothing if it would. The template has the rules."""
    if not isinstance(event, dict) or "detail-type" not in event:
        return ""  # a delivery, which is past the rules
    sources, types = (_texts(event.get(key)) for key in ("source", "detail-type"))
    if {TEST_SOURCE, HEARTBEAT_SOURCE} & {*sources}:
        return ""
    if ROUTES_SOURCE in sources:
        return "nobody is told of it: of Parameter Store, a stack only hears that its routes changed"
    if PROTON.name not in sources:
        return f"{NO_RULE}: its source is {_listed(sources)}, not {PROTON.name}"
    if not any(each.startswith(DETAIL_TYPE) for each in types):
        return f"{NO_RULE}: its detail-type {_listed(types)} does not begin with {DETAIL_TYPE.strip()}"
    return ""


def _texts(value: object) -> list[str]:
    """Take a list for its entries, any of which may match, as EventBridge does."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _listed(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts)) or "no text"
