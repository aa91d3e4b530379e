"""Record the acts at destinations where the channels send their requests."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urljoin

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.base import Channel
from notifier.channels.digest import compose_digest, render_one_or_digest
from notifier.channels.http.client import HttpClient
from notifier.channels.http.responses import Endpoint, Response, Vendor
from notifier.channels.slack.bot import first_message
from notifier.channels.slack.message import MENTIONS
from notifier.channels.sns.topic import SnsChannel
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

# The methods of channels that send requests; not every channel has all of them.
POSTING: Final = ("send", "reply", "edit", "find")
# Slack's read methods; their calls are no acts.
READING: Final = frozenset({"conversations.history", "conversations.replies"})
SLACK_ERROR: Final = '{"ok": false'


@dataclass(frozen=True, slots=True)
class Act:
    """An act at a destination, which accepted *payload* about *notifications*; *ts* is the id of a Slack message."""

    at: datetime
    destination: str
    channel: str
    name: str
    notifications: tuple[Notification, ...]
    payload: Mapping[str, Any]
    ts: str = ""

    @property
    def severity(self) -> Severity:
        """The most urgent severity, which the message shows."""
        return compose_digest(self.notifications).severity

    @property
    def title(self) -> str:
        """The title of the notification, or of the digest."""
        return render_one_or_digest(self.notifications, lambda one: one.title, lambda digest: digest.titles[0])

    @property
    def incident(self) -> str | None:
        """The id of the incident, if all notifications are about the same one."""
        ids = {notification.incident.id if notification.incident else None for notification in self.notifications}
        return ids.pop() if len(ids) == 1 else None

    @property
    def mention(self) -> str | None:
        """The mentions in the message, as the routes document writes them."""
        text = json.dumps(self.payload)
        names = dict.fromkeys(each.mention for each in self.notifications if each.mention)
        return " ".join(name for name in names if MENTIONS[name[0]].format(name.removeprefix("@")) in text) or None

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events in the message."""
        return [notification.event_id for notification in self.notifications]


@contextmanager
def recorded_acts(addresses: Mapping[str, str], record: Callable[[Act], None]) -> Iterator[None]:
    """Pass each act of any channel to *record*; post to the URLs in *addresses*, by channel type."""
    # One thread serves a destination.
    current = threading.local()
    post, client = HttpClient.post, SnsChannel.client

    def accepted(name: str, payload: Mapping[str, Any], ts: str = "") -> None:
        destination = current.destination
        record(Act(datetime.now(UTC), destination.name, destination.channel, name, current.shown, payload, ts))

    def noted(method: Callable[..., Any]) -> Callable[..., Any]:
        """Note the destination and the notifications before *method* sends them."""

        def call(
            channel: Channel, shown: Notification | tuple[Notification, ...], *rest: object, **options: object
        ) -> object:
            current.shown = shown if isinstance(shown, tuple) else (first_message(shown),)
            current.destination = channel.destination
            return method(channel, shown, *rest, **options)

        return call

    def post_recorded(
        http: HttpClient, vendor: Vendor, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]
    ) -> Response:
        channel, method = current.destination.channel, endpoint.url.rpartition("/")[2]
        url = urljoin(addresses[channel], method) if channel in addresses else endpoint.url
        response = post(http, vendor, Endpoint(url, endpoint.source), body, headers)
        if response.success and not response.text.startswith(SLACK_ERROR) and method not in READING:
            payload = json.loads(body)
            payload.pop("routing_key", None)  # a secret
            ts = json.loads(response.text)["ts"] if channel == "slack-bot" else ""
            accepted(_name(channel, method, payload), payload, ts)
        return response

    def recorded_client(channel: SnsChannel, topic: str) -> SimpleNamespace:
        opened = client(channel, topic)

        def publish(**sent: Any) -> object:  # noqa: ANN401 - as SNS takes it
            response = opened.publish(**sent)
            accepted("publish", {name: sent[name] for name in ("Subject", "Message")})
            return response

        return SimpleNamespace(publish=publish)

    with ExitStack() as patches:
        patches.enter_context(patch.object(HttpClient, "post", post_recorded))
        patches.enter_context(patch.object(SnsChannel, "client", recorded_client))
        for channel_class, name in product(map(channel_type, CHANNEL_TYPES), POSTING):
            if hasattr(channel_class, name):
                patches.enter_context(patch.object(channel_class, name, noted(getattr(channel_class, name))))
        yield


def _name(channel: str, method: str, payload: Mapping[str, Any]) -> str:
    """Return the name of an act, as docs/design.md lists them."""
    if channel == "pagerduty":
        return str(payload["event_action"])
    if channel == "webhook":
        return "send"
    if method == "chat.update":
        return "edit"
    return "reply" if "thread_ts" in payload else "post"
