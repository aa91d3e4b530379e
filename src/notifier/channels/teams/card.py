"""An Adaptive Card for Microsoft Teams.

All text is in text runs, for which the published schema says that "Markdown is not supported": in other elements, an
underscore or bracket in a name would be markup, and no escape is documented. Teams does not report a card that it
cannot show, so the card uses no optional features.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from notifier.channels.digest import LISTED_LIMIT, Digest, compose_digest, render_one_or_digest
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within
from notifier.model.status_change import Fact, Severity

# Microsoft documents 28 KB for the message's JSON, but flows have rejected less.
SIZE_LIMIT: Final = 18_000
# For a route's own text and for values; while the card is too large, the next limit is tried.
VALUE_LIMITS: Final = (2_000, 300, 100, 30)
TITLE_LIMIT: Final = 300
# For a line of a digest.
LINE_LIMIT: Final = 200
LABEL_LIMIT: Final = 100

COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "warning",
    Severity.FAILURE: "attention",
    Severity.INFO: "default",
    Severity.PROGRESS: "accent",
    Severity.RECOVERED: "good",
    Severity.SUCCESS: "good",
}

# Teams replaces {{DATE(...)}} and {{TIME(...)}} in a text.
DOUBLE_BRACE: Final = re.compile(r"\{(?=\{)")

Block = dict[str, Any]


def message(notifications: tuple[Notification, ...]) -> Block:
    """Write the payload."""
    return render_one_or_digest(notifications, render, render_digest)


def serialised(payload: Block) -> bytes:
    """Write *payload* as JSON for the request."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def render(notification: Notification) -> Block:
    """Write the payload of one notification; cut the longest values if it is too large."""
    actions = [{"title": inert(link.label), **_open(link.url)} for link in notification.links]
    return _first_that_fits(_payload([*_body(notification, limit)], actions) for limit in VALUE_LIMITS)


def render_digest(digest: Digest) -> Block:
    """Write the payload of several notifications: list as many as fit, and count the rest by kind."""
    digests = (compose_digest(digest.notifications, limit) for limit in range(LISTED_LIMIT, -1, -1))
    return _first_that_fits(_payload([*_digest_body(shorter)], []) for shorter in digests)


def _first_that_fits(payloads: Iterator[Block]) -> Block:
    return next(payload for payload in payloads if len(serialised(payload)) <= SIZE_LIMIT)


def _payload(body: list[Block], actions: list[Block]) -> Block:
    schema = "http://adaptivecards.io/schemas/adaptive-card.json"
    card = {"$schema": schema, "type": "AdaptiveCard", "version": "1.4", "body": body, "actions": actions}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _title(title: str, severity: Severity) -> Block:
    return _text(_run(title, color=COLOURS[severity], size="large", weight="bolder"))


def _body(notification: Notification, limit: int) -> Iterator[Block]:
    title, reason = notification.heading(TITLE_LIMIT)
    yield _title(title, notification.severity)
    if reason:
        yield _text(_run("Reason: ", weight="bolder"), _run(cut(reason, limit)))
    if notification.custom_body:
        lines = cut(notification.custom_body, limit).splitlines()
        yield from _spaced([_run(line)] for line in lines if line)
    else:
        steps = [[_run(f"{number}. {step}")] for number, step in enumerate(notification.steps, 1)]
        if notification.command:
            steps.append([_run(f"{len(steps) + 1}. Run "), _run(notification.command, fontType="monospace")])
        yield from _spaced([[_run("What to do", weight="bolder")], *steps] if steps else [])
        facts = [*_facts(notification)]
        yield from _spaced([_run(f"{each.label}: ", weight="bolder"), _run(cut(each.value, limit))] for each in facts)
    references = (f"{reference.label}: {cut(reference.value, limit)}" for reference in notification.references)
    yield from _spaced([_run(reference, size="small", isSubtle=True)] for reference in references)


def _spaced(lines: Iterable[list[Block]]) -> Iterator[Block]:
    """Separate the first line from the text above it, and keep the further lines close to it."""
    for number, line in enumerate(lines):
        yield _text(*line, spacing="small" if number else "default")


def _facts(notification: Notification) -> Iterator[Fact]:
    if notification.statuses:
        yield Fact("Status", _transition(notification, TITLE_LIMIT))
    yield from notification.facts
    if notification.time:
        yield Fact("Time", notification.time)


def _digest_body(digest: Digest) -> Iterator[Block]:
    yield _title(digest.titles[0], digest.severity)
    yield _text(_run(digest.summary(icons=False)))
    if digest.advice:
        yield _text(_run(f"{digest.advice.label}: ", weight="bolder"), _run(digest.advice.value))
    yield from map(_line, digest.listed)
    for severity, kind, number in digest.counted:
        yield _text(_severity(severity), _run(f"{number} more: {cut(kind, LABEL_LIMIT)}"), spacing="small")


def _line(notification: Notification) -> Block:
    title = title_within(LINE_LIMIT, *notification.title_parts)
    parts = filter(None, (title, _transition(notification, LABEL_LIMIT), notification.time))
    links = [run for link in notification.links for run in (_run(" · "), _run("Open", selectAction=_open(link.url)))]
    reason = cut(notification.reason_beside(title), LABEL_LIMIT)
    cause = [_run(f" · {reason}")] if reason else []
    return _text(_severity(notification.severity), _run(" · ".join(parts)), *links, *cause, spacing="small")


def _severity(severity: Severity) -> Block:
    return _run(f"{severity}: ", color=COLOURS[severity], weight="bolder")


def _transition(notification: Notification, limit: int) -> str:
    return " → ".join(cut(status, limit) for status in notification.statuses)


def _open(url: str) -> Block:
    return {"type": "Action.OpenUrl", "url": url}


def _text(*runs: Block, spacing: str = "default") -> Block:
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": list(runs)}


def _run(text: str, **style: object) -> Block:
    return {"type": "TextRun", "text": inert(text), **style}


def inert(text: str) -> str:
    """Break the expressions in *text* that Adaptive Cards would replace."""
    return DOUBLE_BRACE.sub("{ ", text)
