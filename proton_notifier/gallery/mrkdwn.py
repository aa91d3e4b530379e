"""Render Slack's mrkdwn as HTML; only Slack's own markup becomes elements."""

import re
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

# Slack reads these marks as markup only where they enclose words.
SPAN: Final = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<control>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<strong>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<em>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
# docs.slack.dev, formatting text for app surfaces. Only Slack knows the name behind a mention's id, so the id is shown.
CONTROL: Final = re.compile(
    r"!date\^\d{1,11}\^[^^|]+(?:\^[^|]*)?\|(?P<fallback>.+)"
    r"|(?:!subteam\^|@|!(?=(?:here|channel|everyone)(?:\||$)))(?P<mention>\w+)(?:\|.*)?"
    r"|(?P<link>https://[^|\s]+)(?:\|(?P<label>.+))?"
)
ADDRESS: Final = re.compile(r"(https://[^\s<>\"]*[^\s<>\".,;:)])")
ENTITIES: Final[Mapping[str, str]] = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
ENTITY: Final = re.compile("|".join(ENTITIES))


def html(text: str) -> Markup:
    """Draw *text* as Slack shows it."""
    drawn, end = Markup(), 0
    for span in SPAN.finditer(text):
        drawn += plain(text[end : span.start()]) + _span(span)
        end = span.end()
    return drawn + plain(text[end:])


def plain(text: str) -> str:
    """Replace Slack's three entities; the result is plain text."""
    return ENTITY.sub(lambda entity: ENTITIES[entity[0]], text)


def link(address: str, label: str, look: str = "link") -> Markup:
    """Write a link without a referrer, or only the *label* if *address* is not https."""
    if not address.startswith("https://"):
        return Markup("{}").format(label)
    return Markup('<a class="{}" href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(
        look, address, label
    )


def linked(text: str) -> Markup:
    """Draw plain *text* as an email program does, with links for URLs."""
    parts = ADDRESS.split(text)
    return Markup().join(link(part, part) if number % 2 else part for number, part in enumerate(parts))


def _span(span: re.Match[str]) -> Markup:
    match span.lastgroup:
        case "code":
            return Markup("<code>{}</code>").format(plain(span["code"]))
        case "control":
            return _control(span)
        case name:
            element = Markup(name)  # noqa: S704 - the name of a group above
            return Markup("<{0}>{1}</{0}>").format(element, html(span[str(name)]))


def _control(span: re.Match[str]) -> Markup:
    control = CONTROL.fullmatch(span["control"])
    if control is None:
        return Markup("{}").format(plain(span[0]))
    if control["fallback"]:  # Slack shows the reader's own time; the page has one clock, UTC
        return Markup("{}").format(plain(control["fallback"]))
    if control["mention"]:
        return Markup('<span class="mention">@{}</span>').format(control["mention"])
    address = plain(control["link"])
    return link(address, plain(control["label"] or "") or address)
