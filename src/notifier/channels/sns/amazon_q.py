"""Messages as Amazon Q Developer shows them in Slack or Microsoft Teams: its custom notifications, published to SNS.

The format and its limits are AWS's: Amazon Q Developer in chat applications, administrator guide, custom notifications.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import Digest, digest
from notifier.channels.slack.message import ICONS, icon
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within

TITLE_LIMIT: Final = 250
DESCRIPTION_LIMIT: Final = 8_000
NEXT_STEP_LIMIT: Final = 350
KEYWORD_LIMIT: Final = 75
# Ours, so that a digest's thirty lines and all its counts stay under the description's.
LINE_TITLE_LIMIT: Final = 100
LINE_PLACE_LIMIT: Final = 30
WORDS_LIMIT: Final = 75

# Which chat it is, and so which markup, is not known here, and what escapes in the one is text in the other. So what is
# markup in either, or makes a link or an emoji, becomes a character that looks like it.
LOOK_ALIKES: Final = str.maketrans("&<>@[]*_~`|:#.\\", "＆‹›＠［］∗ˍ∼ˋ∣꞉＃․＼")  # noqa: RUF001 - that is the point
# In code, only what ends it, and what Slack reads before anything else; so that names, there, can be copied.
CODE_LOOK_ALIKES: Final = str.maketrans("&<>`", "＆‹›ˋ")  # noqa: RUF001 - as above


def custom_notification(notifications: tuple[Notification, ...]) -> dict[str, Any]:
    """Write one notification, or several together."""
    return render(notifications[0]) if len(notifications) == 1 else render_digest(digest(notifications))


def render(notification: Notification) -> dict[str, Any]:
    """Write one notification; all that are about a resource are one thread."""
    sign = icon(notification)
    title = title_within(TITLE_LIMIT - len(sign) - 1, *notification.title_parts)
    next_step = None if notification.custom_body else notification.next_step
    arns = [notification.arn] if notification.arn else []
    return {
        "version": "1.0",
        "source": "custom",
        "id": notification.event_id,
        "content": {
            "textType": "client-markdown",
            "title": f"{sign} {_inert(title)}",
            "description": _fitting([*_lines(notification)]),
            "nextSteps": [cut(next_step, NEXT_STEP_LIMIT)] if next_step else [],
            "keywords": [
                _inert(cut(word, KEYWORD_LIMIT))
                for word in (notification.severity, notification.kind, *notification.place)
            ],
        },
        "metadata": {
            **({"threadId": arns[0]} if arns else {}),
            "summary": f"{sign} {_inert(title)}",
            "eventType": _inert(notification.resource_type),
            "relatedResources": arns,
        },
    }


def render_digest(together: Digest) -> dict[str, Any]:
    """Write several notifications; they are no thread, for in an older one nobody would see them."""
    counts = ", ".join(f"{ICONS[severity]} {number} {severity}" for severity, number in together.counts)
    title = f"{ICONS[together.severity]} {len(together.notifications)} status changes"
    lines = [_line(notification) for notification in together.told]
    rest = [
        f"{ICONS[count.severity]} {count.number} more: {_inert(cut(count.words, WORDS_LIMIT))}"
        for count in together.rest
    ]
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": _fitting([counts, *lines, *rest]),
            "keywords": [str(severity) for severity, _ in together.counts],
        },
        "metadata": {"summary": f"{title}: {counts}"},
    }


def _line(notification: Notification) -> str:
    title = title_within(LINE_TITLE_LIMIT, *notification.title_parts)
    place = cut(", ".join(notification.place), LINE_PLACE_LIMIT)
    first = f"{icon(notification)} {_inert(title)}"
    return " · ".join(filter(None, (first, _inert(place), notification.time)))


def _lines(notification: Notification) -> Iterator[str]:
    yield from map(_inert, notification.custom_body.splitlines()) if notification.custom_body else _facts(notification)
    for link in notification.links:
        yield f"{link.label}: {link.url}"
    for reference in notification.references:
        yield f"{_inert(reference.label)}: {_code(reference.value)}"


def _facts(notification: Notification) -> Iterator[str]:
    change = " → ".join(map(_code, notification.statuses))
    if change:
        yield f"Status: {change}"
    for fact in notification.facts:
        yield f"{_inert(fact.label)}: {_code(fact.value)}"
    if notification.time:
        yield f"Time: {notification.time}"


def _fitting(lines: list[str]) -> str:
    """Join as many of *lines* as the description takes."""
    sizes = accumulate(len(line) + 1 for line in lines)
    kept = [line for line, size in zip(lines, sizes, strict=True) if size < DESCRIPTION_LIMIT]
    return "\n".join(kept if len(kept) == len(lines) else [*kept, "…"])


def _inert(text: str) -> str:
    return text.translate(LOOK_ALIKES)


def _code(text: str) -> str:
    return f"`{text.translate(CODE_LOOK_ALIKES)}`"
