"""Messages as a Slack incoming webhook takes them.

The limits are Slack's: docs.slack.dev, reference of blocks and of the text object.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import accumulate
from typing import Any, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationParseError, NewConnectionError, ReadTimeoutError
from urllib3.util import parse_url

from notifier.changes import Severity
from notifier.digests import Digest, digest
from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification
from notifier.text import title_within

HEADER_LIMIT: Final = 150
FIELDS_LIMIT: Final = 10
TEXT_LIMIT: Final = 3_000
# Ours, so that labels, values and statuses together stay under Slack's.
LABEL_LIMIT: Final = 200
STATUS_LIMIT: Final = 500
LINE_LIMIT: Final = 600
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
# By the answer's status; others of 400 and more are rejections, of 500 and more unavailability.
REASONS: Final[Mapping[int, Reason]] = {
    HTTPStatus.UNAUTHORIZED: Reason.UNAUTHORISED,
    HTTPStatus.FORBIDDEN: Reason.UNAUTHORISED,
    HTTPStatus.NOT_FOUND: Reason.GONE,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMED_OUT,
    HTTPStatus.GONE: Reason.GONE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.RATE_LIMITED,
}
# urllib3 counts a refused connection, too, as one that took too long.
TIMEOUTS: Final = (ConnectTimeoutError, ReadTimeoutError)
# The reading of a secret fails for good where a person has to do something first.
SECRET_ERRORS: Final = frozenset({"AccessDeniedException", "DecryptionFailure", "ResourceNotFoundException"})
# Slack asks for seconds, at most minutes; a proxy that asks for days is not believed.
RETRY_AFTER_LIMIT_SECONDS: Final = 60 * 60

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

    def send(self, notifications: tuple[Notification, ...], address: str) -> None:
        """Post *notifications* in one message; anything but Slack's plain "ok" is an error."""
        webhook = self._webhook(address)
        try:
            response = self._http.request(
                "POST", webhook, json=message(notifications), timeout=TIMEOUT, retries=False, redirect=False
            )
        except HTTPError as error:
            problem = f"Slack did not answer: {type(error).__name__}"
            late = isinstance(error, TIMEOUTS) and not isinstance(error, NewConnectionError)
            raise DeliveryError(problem, Reason.TIMED_OUT if late else Reason.UNAVAILABLE) from error
        answer = response.data.decode(errors="replace")
        if response.status != HTTPStatus.OK or answer != "ok":
            # Another server's answer may repeat the path, which is the secret; a word of Slack's does not.
            word = answer if ERROR_WORD.fullmatch(answer) else "in words that are not Slack's"
            problem = f"Slack answered {response.status} {word}"
            raise DeliveryError(problem, _reason(response.status), _retry_after_seconds(response.headers))

    def _webhook(self, secret_name: str) -> str:
        try:
            secret = self._secrets.get(secret_name, max_age=SECRET_MAX_AGE_SECONDS)
        except GetParameterError as error:
            problem = f"the secret {secret_name} could not be read: {error}"
            raise DeliveryError(problem, _secret_reason(error)) from error
        webhook = str(secret).strip()
        if not _allowed(webhook, self._hosts):
            problem = f"the secret {secret_name} does not hold an https URL on {', '.join(sorted(self._hosts))}"
            raise DeliveryError(problem, Reason.MISCONFIGURED)
        return webhook


def message(notifications: tuple[Notification, ...]) -> Block:
    """Write the payload for one notification or for several together."""
    return render(notifications[0]) if len(notifications) == 1 else render_digest(digest(notifications))


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
        "blocks": [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}}],
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
    statuses = filter(None, (notification.previous_status, notification.status))
    change = " → ".join(f"`{_code(status)}`" for status in statuses)
    place = escaped(", ".join(notification.place), LABEL_LIMIT)
    moment = _date(notification.occurred_at) if notification.occurred_at else ""
    links = [f"<{escaped(link.url, LINE_LIMIT)}|Open>" for link in notification.links]
    return " · ".join(filter(None, (f"{ICONS[notification.severity]} {title}", change, place, moment, *links)))


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


def _reason(status: int) -> Reason:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.OK:
        # Whatever answered 200 in other words than Slack's may be something in between.
        return Reason.UNAVAILABLE
    if status < HTTPStatus.BAD_REQUEST:
        return Reason.MISCONFIGURED
    return REASONS.get(status, Reason.REJECTED)


def _secret_reason(error: GetParameterError) -> Reason:
    cause = error.__context__
    permanent = isinstance(cause, ClientError) and cause.response["Error"]["Code"] in SECRET_ERRORS
    return Reason.MISCONFIGURED if permanent else Reason.UNAVAILABLE


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, which is seconds or a date; nothing if it is absent or neither."""
    given = headers.get("Retry-After", "")
    if given.isdecimal():
        return min(int(given), RETRY_AFTER_LIMIT_SECONDS)
    try:
        wait = parsedate_to_datetime(given) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0), RETRY_AFTER_LIMIT_SECONDS)


def _allowed(webhook: str, hosts: frozenset[str]) -> bool:
    try:
        url = parse_url(webhook)
    except LocationParseError:
        return False
    encrypted = url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    return encrypted and url.auth is None and url.host in hosts
