"""The message for a Slack webhook or bot.

The limits are Slack's: docs.slack.dev, reference of blocks and of the text object.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import ICONS, Digest, icon, render_one_or_digest
from notifier.model.notification import Notification
from notifier.model.sanitize import cut
from notifier.model.status_change import Severity

Block = dict[str, Any]

HEADER_LIMIT: Final = 150
TEXT_LIMIT: Final = 3_000
CODE_LIMIT: Final = 500
FIELDS_LIMIT: Final = 10
# Our own limits, which keep labels, values and statuses together below Slack's.
LABEL_LIMIT: Final = 200
LINE_LIMIT: Final = 600
STEP_LIMIT: Final = 1_000
VALUE_LIMIT: Final = 1_700

COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "#e8912d",
    Severity.FAILURE: "#d0242b",
    Severity.INFO: "#9aa0a6",
    Severity.PROGRESS: "#1d9bd1",
    Severity.RECOVERED: "#2eb67d",
    Severity.SUCCESS: "#2eb67d",
}
# By the first character of a route's mention: a special mention, a group, a user.
MENTIONS: Final[Mapping[str, str]] = {"@": "<!{}>", "S": "<!subteam^{}>", "U": "<@{}>", "W": "<@{}>"}
ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for these. Between two letters or digits, all but a backtick are plain text. The pattern begins
# with the characters, which makes the search six times as fast.
FORMATTING: Final = re.compile(r"[*_~`](?:(?<=`)|(?<![^\W_][*_~])|(?![^\W_]))")
LOOK_ALIKES: Final = str.maketrans("*_~`", "∗ˍ∼ˋ")  # noqa: RUF001 - that is the point


def message(notifications: tuple[Notification, ...], note: str = "") -> Block:
    """Write the payload; *note* tells the reader what the message lacks."""
    payload = render_one_or_digest(notifications, render, render_digest)
    if note:
        payload["blocks"].append(section(inert(note, TEXT_LIMIT)))
    return payload


def render(notification: Notification) -> Block:
    """Write header, reason, next steps and links, and the facts beside a bar in the severity's colour."""
    # Slack shows the text on phones only; on a desktop, a notification begins with the blocks.
    text = inert(f"{icon(notification)} {': '.join(filter(None, notification.heading()))}", TEXT_LIMIT)
    header, reason = _heading(notification)
    blocks = [*_mentions((notification,)), *_blocks(notification, reason)]
    return _payload(text, header, notification.severity, blocks, [*_details(notification)])


def render_digest(digest: Digest) -> Block:
    """Write the counts, what to do, a line for each listed incident, and the counts of the rest by kind."""
    titles = [inert(f"{ICONS[digest.severity]} {title}", TEXT_LIMIT) for title in digest.titles]
    header = next(title for title in titles if size(title) <= HEADER_LIMIT)
    counted = [f"{ICONS[each]} {number} more: {inert(kind, LABEL_LIMIT)}" for each, kind, number in digest.counted]
    advice = [section(_labelled(digest.advice.label, digest.advice.value))] if digest.advice else []
    blocks = [*_mentions(digest.notifications), section(digest.summary(icons=True)), *advice]
    details = [*packed([*map(_line, digest.listed)]), *packed(counted)]
    return _payload(f"{titles[0]} ({digest.size})", header, digest.severity, blocks, details)


def _payload(text: str, header: str, severity: Severity, blocks: list[Block], details: list[Block]) -> Block:
    title = {"type": "header", "text": {"type": "plain_text", "text": header, "emoji": True}}
    attachment = {"color": COLOURS[severity], "blocks": details}
    return {"text": text, "blocks": [title, *blocks], "attachments": [attachment]}


def _heading(notification: Notification) -> tuple[str, str]:
    """Write the header, and the reason under it; move the reason, then cut the name, until the escaped header fits."""
    headings = map(notification.heading, range(HEADER_LIMIT, 0, -1))
    headers = ((inert(f"{icon(notification)} {title}", TEXT_LIMIT), reason) for title, reason in headings)
    return next((header, reason) for header, reason in headers if size(header) <= HEADER_LIMIT)


def _mentions(notifications: tuple[Notification, ...]) -> Iterator[Block]:
    """Mention each person or group once, in a block: Slack alerts nobody whom a header mentions."""
    names = dict.fromkeys(notification.mention for notification in notifications if notification.mention)
    if names:
        forms = ((MENTIONS.get(name[0], "{}"), escaped(name.removeprefix("@"), LABEL_LIMIT)) for name in names)
        yield section(" ".join(form.format(name) for form, name in forms))


def _blocks(notification: Notification, reason: str) -> Iterator[Block]:
    if reason:
        yield section(_labelled("Reason", reason))
    yield from packed([inert(line, TEXT_LIMIT) for line in (notification.custom_body or "").splitlines()])
    steps = [inert(step, STEP_LIMIT) for step in notification.steps]
    if steps and notification.command:
        steps.append(f"Run {code(notification.command)}")
    if steps:
        yield section("\n".join(["*What to do*", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]))
    yield from packed([_link(link.url, link.label) for link in notification.links])


def _details(notification: Notification) -> Iterator[Block]:
    fields = [] if notification.custom_body else [*_fields(notification)]
    for start in range(0, len(fields), FIELDS_LIMIT):
        yield {"type": "section", "fields": fields[start : start + FIELDS_LIMIT]}
    references = ((inert(each.label, LABEL_LIMIT), inert(each.value, VALUE_LIMIT)) for each in notification.references)
    yield {"type": "context", "elements": [mrkdwn(f"{label}: {value}") for label, value in references]}


def _labelled(label: str, text: str) -> str:
    return f"*{label}:* {inert(text, TEXT_LIMIT - LABEL_LIMIT)}"


def _link(url: str, label: str) -> str:
    return f"<{escaped(url, TEXT_LIMIT - 2 * LABEL_LIMIT)}|{inert(label, LABEL_LIMIT)}>"


def _fields(notification: Notification) -> Iterator[Block]:
    if notification.statuses:
        yield mrkdwn(f"*Status*\n{code(*notification.statuses)}")
    for fact in notification.facts:
        yield mrkdwn(f"*{inert(fact.label, LABEL_LIMIT)}*\n{inert(fact.value, VALUE_LIMIT)}")
    if notification.occurred_at:
        yield mrkdwn(f"*Time*\n{date(notification.occurred_at)}")


def _line(notification: Notification) -> str:
    """Write one line of a digest, which fits into a section."""
    title = inert(notification.title, LINE_LIMIT)
    time = date(notification.occurred_at) if notification.occurred_at else ""
    links = [_link(cut(link.url, LINE_LIMIT), link.label.partition(" ")[0]) for link in notification.links]
    first = f"{icon(notification)} {title}"
    reason = inert(notification.reason_beside(notification.title), LABEL_LIMIT)
    return " · ".join(filter(None, (first, code(*notification.statuses), time, *links, reason)))


def escaped(text: str, limit: int) -> str:
    """Escape *text* in at most *limit* characters, without cutting an entity in two."""
    whole = text.translate(ESCAPES)
    if size(whole) <= limit:
        return whole
    pieces = [character.translate(ESCAPES) for character in text]
    sizes = [*accumulate(map(size, pieces))]
    return "".join(pieces[: bisect_right(sizes, limit - 1)]) + "…"


def inert(text: str, limit: int) -> str:
    """Escape *text*, and replace characters that Slack would read as formatting."""
    return escaped(FORMATTING.sub(lambda found: found[0].translate(LOOK_ALIKES), text), limit)


def size(text: str) -> int:
    """Count UTF-16 units, the strictest reading of Slack's "characters"."""
    return len(text.encode("utf-16-le")) // 2


def packed(lines: list[str]) -> Iterator[Block]:
    """Join *lines* into as few sections as possible."""
    text = ""
    for line in lines:
        if text and size(f"{text}\n{line}") > TEXT_LIMIT:
            yield section(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield section(text)


def code(*texts: str) -> str:
    """Write *texts* as code, with an arrow between them."""
    # A backtick would end the code.
    inert = (escaped(text.replace("`", "'"), CODE_LIMIT) for text in texts)
    return " → ".join(f"`{text}`" for text in inert)


def date(time: datetime) -> str:
    """Write *time* so that Slack shows it in each reader's time zone."""
    seconds = int(time.timestamp())
    return f"<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{time:%Y-%m-%d %H:%M:%S} UTC>"


def section(text: str) -> Block:
    """Make a section of *text*."""
    return {"type": "section", "text": mrkdwn(text)}


def mrkdwn(text: str) -> Block:
    """Make a text object."""
    # Verbatim: no link for a URL or a channel's name in a foreign text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
