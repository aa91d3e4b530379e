"""Slack's mrkdwn as HTML: what its own markup means is drawn, everything else stays text."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

# Slack takes these marks for markup only where they enclose words.
SPAN: Final = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<control>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<strong>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<em>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
# docs.slack.dev, formatting text for app surfaces. What a mention's name is, only Slack knows; the id stands for it.
CONTROL: Final = re.compile(
    r"!date\^(?P<date>\d{1,11}\^[^^|]+)(?:\^[^|]*)?\|(?P<fallback>.+)"
    r"|!subteam\^(?P<group>\w+)(?:\|.*)?"
    r"|!(?P<everyone>here|channel|everyone)(?:\|.*)?"
    r"|@(?P<user>\w+)(?:\|.*)?"
    r"|(?P<link>https://[^|\s]+)(?:\|(?P<label>.+))?"
)
ENTITIES: Final[Mapping[str, str]] = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
ENTITY: Final = re.compile("|".join(ENTITIES))


def html(text: str) -> Markup:
    """Draw *text* as Slack shows it."""
    drawn, end = Markup(), 0
    for span in SPAN.finditer(text):
        drawn += plain(text[end : span.start()]) + SPANS[str(span.lastgroup)](span)
        end = span.end()
    return drawn + plain(text[end:])


def plain(text: str) -> str:
    """Read the only three entities that Slack knows; what comes of it still is text."""
    return ENTITY.sub(lambda entity: ENTITIES[entity[0]], text)


def _code(span: re.Match[str]) -> Markup:
    return Markup("<code>{}</code>").format(plain(span["code"]))


def _emphasis(span: re.Match[str]) -> Markup:
    element = Markup(span.lastgroup)  # noqa: S704 - the name of a group above
    return Markup("<{0}>{1}</{0}>").format(element, html(span[str(span.lastgroup)]))


def _control(span: re.Match[str]) -> Markup:
    control = CONTROL.fullmatch(span["control"])
    if control is None:
        return Markup("{}").format(plain(span[0]))
    kind = next(name for name in CONTROLS if control[name])
    return CONTROLS[kind](control)


def _date(control: re.Match[str]) -> Markup:
    """Write a time as its fallback says it; the page's script puts it into the reader's time zone."""
    seconds, _, form = control["date"].partition("^")
    moment = f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
    fallback = plain(control["fallback"])
    return Markup('<time datetime="{}" data-format="{}" title="{}">{}</time>').format(moment, form, fallback, fallback)


def _mention(name: str) -> Markup:
    return Markup('<span class="mention">@{}</span>').format(name)


def _link(control: re.Match[str]) -> Markup:
    address = plain(control["link"])
    return link(address, plain(control["label"] or "") or address)


def link(address: str, label: str, look: str = "link") -> Markup:
    """Write a link that tells nobody where it was followed; only https is one."""
    if not address.startswith("https://"):
        return Markup("{}").format(label)
    return Markup('<a class="{}" href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(
        look, address, label
    )


SPANS: Final[Mapping[str, Callable[[re.Match[str]], Markup]]] = {
    "code": _code,
    "control": _control,
    "em": _emphasis,
    "s": _emphasis,
    "strong": _emphasis,
}
CONTROLS: Final[Mapping[str, Callable[[re.Match[str]], Markup]]] = {
    "date": _date,
    "everyone": lambda control: _mention(control["everyone"]),
    "group": lambda control: _mention(control["group"]),
    "link": _link,
    "user": lambda control: _mention(control["user"]),
}
