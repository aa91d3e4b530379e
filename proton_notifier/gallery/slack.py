"""A message to Slack, drawn block by block as Slack draws it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from markupsafe import Markup

from proton_notifier.gallery.mrkdwn import html, link, plain
from proton_notifier.gallery.undrawn import drawn_by, nothing_but

Block = Mapping[str, Any]

MESSAGE: Final = Markup("""\
<div class="slack">
<span class="slack-avatar" aria-hidden="true">P</span>
<div class="slack-message">
<div class="slack-sender">Proton notifier <span class="slack-app">APP</span></div>
{}{}
</div>
</div>
""")
# The colour is an attribute, for the page's policy lets nothing in it bring a style.
ATTACHMENT: Final = Markup("""\
<div class="slack-attachment">
<svg class="slack-bar" aria-hidden="true"><rect width="100%" height="100%" fill="{}"/></svg>
<div class="slack-blocks">{}</div>
</div>
""")


def drawing(payload: Block) -> Markup:
    """Draw a message; its *text* is for pop-ups only, and its *channel* for the API."""
    nothing_but(payload, "attachments", "blocks", "channel", "text")
    return MESSAGE.format(_blocks(payload["blocks"]), _each(_attachment, payload.get("attachments", ())))


def _attachment(attachment: Block) -> Markup:
    nothing_but(attachment, "blocks", "color")
    return ATTACHMENT.format(attachment["color"], _blocks(attachment["blocks"]))


def _blocks(blocks: Iterable[Block]) -> Markup:
    return _each(lambda block: drawn_by(BLOCKS, block["type"])(block), blocks)


def _header(block: Block) -> Markup:
    nothing_but(block, "block_id", "text", "type")
    return Markup('<div class="slack-header">{}</div>').format(_text(block["text"]))


def _section(block: Block) -> Markup:
    nothing_but(block, "block_id", "fields", "text", "type")
    texts = [block["text"]] if "text" in block else []
    fields = (
        [Markup('<div class="slack-fields">{}</div>').format(_each(_field, block["fields"]))]
        if "fields" in block
        else []
    )
    return _each(_paragraph, texts) + Markup().join(fields)


def _paragraph(text: Block) -> Markup:
    return Markup('<div class="slack-section">{}</div>').format(_text(text))


def _field(text: Block) -> Markup:
    return Markup("<div>{}</div>").format(_text(text))


def _context(block: Block) -> Markup:
    nothing_but(block, "block_id", "elements", "type")
    return Markup('<div class="slack-context">{}</div>').format(_each(_field, block["elements"]))


def _actions(block: Block) -> Markup:
    nothing_but(block, "block_id", "elements", "type")
    buttons = _each(lambda element: drawn_by(ELEMENTS, element["type"])(element), block["elements"])
    return Markup('<div class="slack-actions">{}</div>').format(buttons)


def _button(button: Block) -> Markup:
    nothing_but(button, "action_id", "style", "text", "type", "url", "value")
    look = f"slack-button {button.get('style', '')}".strip()
    label = plain(button["text"]["text"])
    if "url" in button:
        return link(button["url"], label, look)
    return Markup('<span class="{}">{}</span>').format(look, label)


def _divider(block: Block) -> Markup:
    nothing_but(block, "block_id", "type")
    return Markup('<hr class="slack-divider">')


def _text(text: Block) -> Markup:
    nothing_but(text, "emoji", "text", "type", "verbatim")
    return drawn_by(TEXTS, text["type"])(text["text"])


def _each(draw: Callable[[Block], Markup], parts: Iterable[Block]) -> Markup:
    return Markup("\n").join(map(draw, parts))


BLOCKS: Final[Mapping[str, Callable[[Block], Markup]]] = {
    "actions": _actions,
    "context": _context,
    "divider": _divider,
    "header": _header,
    "section": _section,
}
ELEMENTS: Final[Mapping[str, Callable[[Block], Markup]]] = {"button": _button}
TEXTS: Final[Mapping[str, Callable[[str], Markup]]] = {
    "mrkdwn": html,
    "plain_text": lambda text: Markup("{}").format(plain(text)),
}
