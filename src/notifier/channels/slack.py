"""Messages as a Slack incoming webhook takes them.

The limits are Slack's: docs.slack.dev, reference of blocks and of the text object.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from itertools import accumulate
from typing import Any, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from notifier.changes import Severity
from notifier.delivery import DeliveryError
from notifier.notifications import Notification
from notifier.text import title_within

HEADER_LIMIT: Final = 150
FIELDS_LIMIT: Final = 10
TEXT_LIMIT: Final = 3_000
# Ours, so that labels, values and statuses together stay under Slack's.
LABEL_LIMIT: Final = 200
STATUS_LIMIT: Final = 800
VALUE_LIMIT: Final = 1_700

HOSTS: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
TIMEOUT: Final = Timeout(connect=3, read=7)
SECRET_MAX_AGE_SECONDS: Final = 300

ENTITIES: Final[Mapping[str, str]] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

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
ERROR_WORD: Final = re.compile(r"[a-z_]{1,60}")

Block = dict[str, Any]


class SlackChannel:
    """Posts to the incoming webhook that the secret named by the destination's address holds.

    A webhook has to be https on one of Slack's hosts or of *extra_hosts*; plain http only on a loopback host
    among the latter.
    """

    def __init__(self, http: PoolManager, secrets: SecretsProvider, extra_hosts: frozenset[str]) -> None:
        self._http = http
        self._secrets = secrets
        self._hosts = HOSTS | extra_hosts

    def send(self, notification: Notification, address: str) -> None:
        """Post *notification*; anything but Slack's plain "ok" is an error."""
        webhook = self._webhook(address)
        try:
            response = self._http.request(
                "POST", webhook, json=render(notification), timeout=TIMEOUT, retries=False, redirect=False
            )
        except HTTPError as error:
            message = f"Slack did not answer: {type(error).__name__}"
            raise DeliveryError(message) from error
        answer = response.data.decode(errors="replace")
        if response.status != HTTPStatus.OK or answer != "ok":
            # Another server's answer may repeat the path, which is the secret; a word of Slack's does not.
            word = answer if ERROR_WORD.fullmatch(answer) else "in words that are not Slack's"
            message = f"Slack answered {response.status} {word}"
            raise DeliveryError(message)

    def _webhook(self, secret_name: str) -> str:
        try:
            secret = self._secrets.get(secret_name, max_age=SECRET_MAX_AGE_SECONDS)
        except GetParameterError as error:
            message = f"the secret {secret_name} could not be read: {error}"
            raise DeliveryError(message) from error
        webhook = str(secret).strip()
        if not _allowed(webhook, self._hosts):
            message = f"the secret {secret_name} does not hold an https URL on {', '.join(sorted(self._hosts))}"
            raise DeliveryError(message)
        return webhook


def render(notification: Notification) -> Block:
    """Write the webhook's payload: a header, and the rest beside a bar in the severity's colour."""
    icon = ICONS[notification.severity]
    place = f" ({', '.join(notification.place)})" if notification.place else ""
    return {
        # With blocks beside it, this is only what the desktop's or phone's pop-up shows.
        "text": escaped(f"{icon} {notification.title}{place}", TEXT_LIMIT),
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": _header(notification),
                    "emoji": True,
                },
            }
        ],
        "attachments": [{"color": COLOURS[notification.severity], "blocks": [*_blocks(notification)]}],
    }


def escaped(text: str, limit: int) -> str:
    """Make *text* inert in Slack, in at most *limit* characters of which none is half an entity."""
    pieces = [ENTITIES.get(character, character) for character in text]
    sizes = [*accumulate(map(_size, pieces))]
    if sizes and sizes[-1] > limit:
        pieces[bisect_right(sizes, limit - 1) :] = "…"
    return "".join(pieces)


def _size(text: str) -> int:
    """Count UTF-16 units, the strictest reading of Slack's "characters"."""
    return len(text.encode("utf-16-le")) // 2


def _header(notification: Notification) -> str:
    """Write the title; it is the name that makes room for what escaping adds."""
    icon = ICONS[notification.severity]
    titles = (
        title_within(limit, notification.kind, notification.name, notification.headline)
        for limit in range(HEADER_LIMIT, 0, -1)
    )
    headers = (escaped(f"{icon} {title}", TEXT_LIMIT) for title in titles)
    return next(header for header in headers if _size(header) <= HEADER_LIMIT)


def _blocks(notification: Notification) -> Iterator[Block]:
    if notification.next_step:
        yield _section(f"*What to do:* {escaped(notification.next_step, TEXT_LIMIT - LABEL_LIMIT)}")
    fields = [*_fields(notification)]
    for start in range(0, len(fields), FIELDS_LIMIT):
        yield {"type": "section", "fields": fields[start : start + FIELDS_LIMIT]}
    for link in notification.links:
        yield _section(f"<{escaped(link.url, TEXT_LIMIT - 2 * LABEL_LIMIT)}|{escaped(link.label, LABEL_LIMIT)}>")
    yield {
        "type": "context",
        "elements": [
            _mrkdwn(f"{escaped(reference.label, LABEL_LIMIT)}: {escaped(reference.value, VALUE_LIMIT)}")
            for reference in notification.references
        ],
    }


def _fields(notification: Notification) -> Iterator[Block]:
    statuses = filter(None, (notification.previous_status, notification.status))
    change = " → ".join(f"`{_code(status)}`" for status in statuses)
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


def _allowed(webhook: str, hosts: frozenset[str]) -> bool:
    try:
        url = parse_url(webhook)
    except LocationParseError:
        return False
    encrypted = url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    return encrypted and url.auth is None and url.host in hosts
