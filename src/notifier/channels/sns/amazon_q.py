"""Custom notifications, which Amazon Q Developer shows in Slack or Microsoft Teams.

Format and limits are AWS's: Amazon Q Developer in chat applications, administrator guide, custom notifications.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import ICONS, Digest, icon, render_one_or_digest
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within

FORMAT: Final = {"version": "1.0", "source": "custom"}
TITLE_LIMIT: Final = 250
DESCRIPTION_LIMIT: Final = 8_000
NEXT_STEP_LIMIT: Final = 350
KEYWORD_LIMIT: Final = 75
# Our own limits, which keep a digest's thirty lines and its counts below the description's limit.
LINE_TITLE_LIMIT: Final = 130
KIND_LIMIT: Final = 75
# For all reasons in a digest together.
REASONS_LIMIT: Final = 1_000

# The message may go to Slack or to Teams, and an escape of one is plain text in the other. So each character that is
# markup in either, or makes a link or an emoji, is replaced by one that looks like it.
LOOK_ALIKES: Final = str.maketrans("&<>@[]*_~`|:#.\\", "＆‹›＠［］∗ˍ∼ˋ∣꞉＃․＼")  # noqa: RUF001 - that is the point
# In code, only a backtick and Slack's own escapes are markup; names in code can be copied.
CODE_LOOK_ALIKES: Final = str.maketrans("&<>`", "＆‹›ˋ")  # noqa: RUF001 - as above


def custom_notification(notifications: tuple[Notification, ...]) -> dict[str, Any]:
    """Write the custom notification."""
    return render_one_or_digest(notifications, _render, _render_digest)


def _render(notification: Notification) -> dict[str, Any]:
    """Write one notification, in the thread of its incident, or else of its resource."""
    sign = icon(notification)
    heading, reason = notification.heading(TITLE_LIMIT - len(sign) - 1)
    title = f"{sign} {_inert(heading)}"
    steps = [*map(_step, notification.steps)]
    run = f"Run {_code(notification.command or '')}"
    if steps and notification.command and len(run) <= NEXT_STEP_LIMIT:
        steps.append(run)
    words = (notification.severity, notification.kind, *notification.place)
    content = _content(title, [*_lines(notification, reason)], steps, words)
    thread = notification.incident.thread if notification.incident else notification.arn
    metadata = {
        **({"threadId": thread} if thread else {}),
        "summary": title,
        "eventType": _inert(notification.resource_type),
        "relatedResources": [notification.arn] if notification.arn else [],
    }
    return {**FORMAT, "id": notification.event_id, "content": content, "metadata": metadata}


def _render_digest(digest: Digest) -> dict[str, Any]:
    """Write several notifications, outside any thread, because nobody would see them in an old thread."""
    titles = (f"{ICONS[digest.severity]} {title}" for title in digest.titles)
    title = _inert(next(title for title in titles if len(title) <= TITLE_LIMIT))
    advice = f"{digest.advice.label}: {digest.advice.value}" if digest.advice else ""
    listed = [_line(notification, REASONS_LIMIT // len(digest.listed)) for notification in digest.listed]
    counted = [f"{ICONS[each]} {number} more: {_inert(cut(kind, KIND_LIMIT))}" for each, kind, number in digest.counted]
    steps = [_step(advice)] if advice else []
    content = _content(
        title, [digest.summary(icons=True), *listed, *counted], steps, [each for each, _ in digest.counts]
    )
    return {**FORMAT, "content": content, "metadata": {"summary": f"{title} ({digest.size})"}}


def _content(title: str, lines: list[str], steps: list[str], words: Iterable[str]) -> dict[str, Any]:
    """Write the visible content, with as many of *lines* as the description's limit allows."""
    sizes = accumulate(len(line) + 1 for line in lines)
    kept = [line for line, size in zip(lines, sizes, strict=True) if size < DESCRIPTION_LIMIT]
    return {
        "textType": "client-markdown",
        "title": title,
        "description": "\n".join(kept if len(kept) == len(lines) else [*kept, "…"]),
        "nextSteps": steps,
        "keywords": [_inert(cut(str(word), KEYWORD_LIMIT)) for word in words],
    }


def _step(text: str) -> str:
    return cut(text.translate(CODE_LOOK_ALIKES), NEXT_STEP_LIMIT)


def _line(notification: Notification, reason_limit: int) -> str:
    title = title_within(LINE_TITLE_LIMIT, *notification.title_parts)
    reason = cut(notification.reason_beside(title), reason_limit)
    first = f"{icon(notification)} {_inert(title)}"
    return " · ".join(filter(None, (first, notification.time, _inert(reason))))


def _lines(notification: Notification, reason: str) -> Iterator[str]:
    if reason:
        yield f"Reason: {_code(reason)}"
    yield from map(_inert, notification.custom_body.splitlines()) if notification.custom_body else _facts(notification)
    for link in notification.links:
        yield f"{link.label}: {link.url}"
    for reference in notification.references:
        yield f"{_inert(reference.label)}: {_code(reference.value)}"


def _facts(notification: Notification) -> Iterator[str]:
    if notification.statuses:
        yield f"Status: {' → '.join(map(_code, notification.statuses))}"
    for fact in notification.facts:
        yield f"{_inert(fact.label)}: {_code(fact.value)}"
    if notification.time:
        yield f"Time: {notification.time}"


def _inert(text: str) -> str:
    return text.translate(LOOK_ALIKES)


def _code(text: str) -> str:
    return f"`{text.translate(CODE_LOOK_ALIKES)}`"
