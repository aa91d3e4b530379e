"""An Adaptive Card, drawn as Microsoft Teams draws it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from markupsafe import Markup

from proton_notifier.gallery.mrkdwn import link
from proton_notifier.gallery.undrawn import drawn_by, nothing_but

Element = Mapping[str, Any]

MESSAGE: Final = Markup("""\
<div class="teams">
<div class="teams-sender"><span class="teams-avatar" aria-hidden="true">W</span> Workflows</div>
<div class="teams-card">{}
{}</div>
</div>
""")


def drawing(payload: Element) -> Markup:
    """Draw the card of a message."""
    return Markup().join(_card(attachment["content"]) for attachment in payload["attachments"])


def _card(card: Element) -> Markup:
    nothing_but(card, "$schema", "actions", "body", "type", "version")
    body = Markup("\n").join(drawn_by(ELEMENTS, element["type"])(element) for element in card["body"])
    actions = Markup().join(drawn_by(ACTIONS, action["type"])(action) for action in card["actions"])
    return MESSAGE.format(body, Markup('<div class="teams-actions">{}</div>').format(actions) if actions else "")


def _rich_text(block: Element) -> Markup:
    nothing_but(block, "inlines", "spacing", "type")
    runs = Markup().join(drawn_by(INLINES, run["type"])(run) for run in block["inlines"])
    return Markup('<p class="teams-spacing-{}">{}</p>').format(block.get("spacing", "default"), runs)


def _run(run: Element) -> Markup:
    nothing_but(run, "color", "isSubtle", "selectAction", "size", "text", "type", "weight")
    looks = [f"teams-{run[key]}" for key in ("color", "size", "weight") if key in run]
    look = " ".join([*looks, *(["teams-subtle"] if run.get("isSubtle") else [])])
    if "selectAction" in run:
        return link(run["selectAction"]["url"], run["text"], look)
    return Markup('<span class="{}">{}</span>').format(look, run["text"])


def _open(action: Element) -> Markup:
    nothing_but(action, "title", "type", "url")
    return link(action["url"], action["title"], "teams-button")


ACTIONS: Final[Mapping[str, Callable[[Element], Markup]]] = {"Action.OpenUrl": _open}
ELEMENTS: Final[Mapping[str, Callable[[Element], Markup]]] = {"RichTextBlock": _rich_text}
INLINES: Final[Mapping[str, Callable[[Element], Markup]]] = {"TextRun": _run}
