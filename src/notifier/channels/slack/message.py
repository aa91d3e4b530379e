"""Messages as Slack takes them, over a webhook or from a bot.

The limits are Slack's: docs.slack.dev, reference of blocks and of the text object.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import Digest, digest
from notifier.model.notification import Notification
from notifier.model.sanitize import title_within
from notifier.model.status_change import Severity

HEADER_LIMIT: Final = 150
FIELDS_LIMIT: Final = 10
TEXT_LIMIT: Final = 3_000
# Ours, so that labels, values and statuses together stay under Slack's.
LABEL_LIMIT: Final = 200
STATUS_LIMIT: Final = 500
LINE_LIMIT: Final = 600
VALUE_LIMIT: Final = 1_700

ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

ICONS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "🟠",
    Severity.FAILURE: "🔴",
    Severity.INFO: "⚪",
    Severity.PROGRESS: "🔵",
    Severity.RECOVERED: "🟢",
    Severity.SUCCESS: "✅",
}
COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "#e8912d",
    Severity.FAILURE: "#d0242b",
    Severity.INFO: "#9aa0a6",
    Severity.PROGRESS: "#1d9bd1",
    Severity.RECOVERED: "#2eb67d",
    Severity.SUCCESS: "#2eb67d",
}
# By the first character of what a route mentions: a special mention, a group, a user.
MENTIONS: Final[Mapping[str, str]] = {"@": "<!{}>", "S": "<!subteam^{}>", "U": "<@{}>", "W": "<@{}>"}

TEST_ICON: Final = "🧪"

Block = dict[str, Any]


def message(notifications: tuple[Notification, ...], note: str = "") -> Block:
    """Write the payload for one notification or for several together; *note* tells what it lacks."""
    payload = render(notifications[0]) if len(notifications) == 1 else render_digest(digest(notifications))
    if note:
        payload["blocks"].append(_section(escaped(note, TEXT_LIMIT)))
    return payload


def icon(notification: Notification) -> str:
    """Say at a glance how much it matters."""
    return TEST_ICON if notification.is_test else ICONS[notification.severity]


def render(notification: Notification) -> Block:
    """Write the payload: a header, and the rest beside a bar in the severity's colour."""
    place = f" ({', '.join(notification.place)})" if notification.place else ""
    return {
        # With blocks beside it, this is only what the desktop's or phone's pop-up shows.
        "text": escaped(f"{icon(notification)} {notification.title}{place}", TEXT_LIMIT),
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": _header(notification),
                    "emoji": True,
                },
            },
            *_mentions((notification,)),
        ],
        "attachments": [{"color": COLOURS[notification.severity], "blocks": [*_blocks(notification)]}],
    }


def render_digest(together: Digest) -> Block:
    """Write the payload of several notifications: the counts, a line each, and how many more of each kind."""
    counts = ", ".join(f"{ICONS[severity]} {number} {severity}" for severity, number in together.counts)
    title = f"{ICONS[together.severity]} {len(together.notifications)} status changes"
    lines = [_line(notification) for notification in together.told]
    rest = [
        f"{ICONS[count.severity]} {count.number} more: {escaped(count.words, LABEL_LIMIT)}" for count in together.rest
    ]
    return {
        "text": f"{title}: {counts}",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}},
            *_mentions(together.notifications),
        ],
        "attachments": [
            {
                "color": COLOURS[together.severity],
                "blocks": [_section(counts), *map(_section, _packed(lines)), *map(_section, _packed(rest))],
            }
        ],
    }


def _line(notification: Notification) -> str:
    """Write a notification in one line of at most a section's text."""
    title = escaped(notification.title, LINE_LIMIT)
    change = " → ".join(f"`{_code(status)}`" for status in notification.statuses)
    place = escaped(", ".join(notification.place), LABEL_LIMIT)
    moment = _date(notification.occurred_at) if notification.occurred_at else ""
    links = [f"<{escaped(link.url, LINE_LIMIT)}|Open>" for link in notification.links]
    return " · ".join(filter(None, (f"{icon(notification)} {title}", change, place, moment, *links)))


def _packed(lines: list[str]) -> Iterator[str]:
    """Join *lines* into as few texts as a section's limit allows."""
    text = ""
    for line in lines:
        if text and _size(f"{text}\n{line}") > TEXT_LIMIT:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text


def escaped(text: str, limit: int) -> str:
    """Make *text* inert in Slack, in at most *limit* characters of which none is half an entity."""
    whole = text.translate(ESCAPES)
    if _size(whole) <= limit:
        return whole
    pieces = [character.translate(ESCAPES) for character in text]
    sizes = [*accumulate(map(_size, pieces))]
    return "".join(pieces[: bisect_right(sizes, limit - 1)]) + "…"


def _size(text: str) -> int:
    """Count UTF-16 units, the strictest reading of Slack's "characters"."""
    return len(text.encode("utf-16-le")) // 2


def _header(notification: Notification) -> str:
    """Write the title; it is the name that makes room for what escaping adds."""
    sign = icon(notification)
    titles = (title_within(limit, *notification.title_parts) for limit in range(HEADER_LIMIT, 0, -1))
    headers = (escaped(f"{sign} {title}", TEXT_LIMIT) for title in titles)
    return next(header for header in headers if _size(header) <= HEADER_LIMIT)


def _mentions(notifications: tuple[Notification, ...]) -> Iterator[Block]:
    """Alert whom the routes want alerted, each once: Slack does so for what stands in a block, not in a header."""
    wanted = dict.fromkeys(notification.mention for notification in notifications if notification.mention)
    if wanted:
        yield _section(" ".join(map(_mention, wanted)))


def _mention(wanted: str) -> str:
    written = MENTIONS.get(wanted[0], "{}")
    return written.format(escaped(wanted.removeprefix("@"), LABEL_LIMIT))


def _blocks(notification: Notification) -> Iterator[Block]:
    if notification.custom_body:
        lines = [escaped(line, TEXT_LIMIT) for line in notification.custom_body.splitlines()]
        yield from map(_section, _packed(lines))
    else:
        yield from _built_in(notification)
    for link in notification.links:
        yield _section(f"<{escaped(link.url, TEXT_LIMIT - 2 * LABEL_LIMIT)}|{escaped(link.label, LABEL_LIMIT)}>")
    yield {
        "type": "context",
        "elements": [
            _mrkdwn(f"{escaped(reference.label, LABEL_LIMIT)}: {escaped(reference.value, VALUE_LIMIT)}")
            for reference in notification.references
        ],
    }


def _built_in(notification: Notification) -> Iterator[Block]:
    """Say what to do, and the facts."""
    if notification.next_step:
        yield _section(f"*What to do:* {escaped(notification.next_step, TEXT_LIMIT - LABEL_LIMIT)}")
    fields = [*_fields(notification)]
    for start in range(0, len(fields), FIELDS_LIMIT):
        yield {"type": "section", "fields": fields[start : start + FIELDS_LIMIT]}


def _fields(notification: Notification) -> Iterator[Block]:
    change = " → ".join(f"`{_code(status)}`" for status in notification.statuses)
    if change:
        yield _mrkdwn(f"*Status*\n{change}")
    for fact in notification.facts:
        yield _mrkdwn(f"*{escaped(fact.label, LABEL_LIMIT)}*\n{escaped(fact.value, VALUE_LIMIT)}")
    if notification.occurred_at:
        yield _mrkdwn(f"*Time*\n{_date(notification.occurred_at)}")


def _code(text: str) -> str:
    # A backtick would end the code that it stands in.
    return escaped(text.replace("`", "'"), STATUS_LIMIT)


def _date(moment: datetime) -> str:
    """Write *moment* so that Slack shows it in each reader's own time zone."""
    seconds = int(moment.timestamp())
    return f"<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{moment:%Y-%m-%d %H:%M:%S} UTC>"


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    # Verbatim: an address or a channel's name in a foreign text does not become a link.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
