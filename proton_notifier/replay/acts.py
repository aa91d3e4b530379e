"""The acts at destinations, recorded where the channels send their requests."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from notifier.channels.base import Channel, Clients
from notifier.channels.destination import Destination
from notifier.channels.digest import compose_digest
from notifier.channels.http.client import LOOPBACK, HttpClient
from notifier.channels.http.vendor import Endpoint, Response, Vendor
from notifier.channels.secrets import StoredSecrets
from notifier.channels.slack.bot import first_message
from notifier.channels.slack.message import MENTIONS
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_sns import SNSClient

# The methods of a channel that send, as far as a channel has them.
SENDING: Final = ("send", "reply", "edit")
# Slack's methods that only read; their calls are no acts.
READING: Final = frozenset({"conversations.history", "conversations.replies"})
SLACK_ERROR: Final = '{"ok": false'


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done at a destination: *payload*, which shows *notifications*, was accepted there.

    *ts* is the id that Slack gave a bot's message.
    """

    at: datetime
    destination: str
    channel: str
    name: str
    notifications: tuple[Notification, ...]
    payload: Mapping[str, Any]
    ts: str = ""

    @property
    def severity(self) -> Severity:
        """The severity that is shown: the most urgent one."""
        return compose_digest(self.notifications).severity

    @property
    def title(self) -> str:
        """The title of the notification, or of the digest."""
        single = len(self.notifications) == 1
        return self.notifications[0].title if single else compose_digest(self.notifications).titles[0]

    @property
    def incident(self) -> str | None:
        """The id of the incident that all notifications are about, if there is one."""
        ids = {notification.incident.id if notification.incident else None for notification in self.notifications}
        return ids.pop() if len(ids) == 1 else None

    @property
    def mention(self) -> str | None:
        """The people whom the message alerts, as the routes document names them."""
        text = json.dumps(self.payload)
        names = dict.fromkeys(each.mention for each in self.notifications if each.mention)
        return " ".join(name for name in names if MENTIONS[name[0]].format(name.removeprefix("@")) in text) or None


class Recorder:
    """Records the acts of the function that delivers.

    *addresses* are the URLs of the fakes that stand in for the vendors' own, by channel type.
    """

    def __init__(self, addresses: Mapping[str, str], record: Callable[[Act], None]) -> None:
        self._addresses = addresses
        self._record = record
        # One thread serves a destination.
        self._sending = threading.local()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Let the function, after its cold start, make channels that record."""
        wiring = import_module("handlers.wiring").Wiring
        with patch.object(wiring, "channel", lambda _wiring, *bound: self._channel(*bound)):
            yield

    def _channel(self, kind: type[Channel], destination: Destination) -> Channel:
        channel = kind(self._clients(destination.channel), destination)
        for method in SENDING:
            if hasattr(channel, method):
                setattr(channel, method, self._noting(getattr(channel, method), destination))
        return channel

    @cache  # noqa: B019 - one recorder is made for a replay
    def _clients(self, name: str) -> Clients:
        """Make the clients of the channel type *name*."""
        aws = import_module("handlers.runtime").clients()
        return Clients(
            _RecordingClient(name, self._addresses.get(name), self._accepted),
            StoredSecrets(aws.client, time.monotonic),
            lambda region: self._recording_sns(aws.client("sns", region)),
        )

    def _noting(self, method: Callable[..., Any], destination: Destination) -> Callable[..., Any]:
        """Note the destination and the notifications before *method* sends them."""

        def send(shown: Notification | tuple[Notification, ...], *rest: object, **options: object) -> object:
            self._sending.notifications = shown if isinstance(shown, tuple) else (first_message(shown),)
            self._sending.destination = destination
            return method(shown, *rest, **options)

        return send

    def _recording_sns(self, client: "SNSClient") -> "SNSClient":
        def published(http_response: "AWSResponse", **_details: object) -> None:
            if http_response.status_code == HTTPStatus.OK:
                self._accepted("publish", {name: self._sending.published[name] for name in ("Subject", "Message")})

        def publish(params: Mapping[str, Any], **_details: object) -> None:
            self._sending.published = params

        client.meta.events.register("provide-client-params.sns.Publish", publish, unique_id="replayed")
        client.meta.events.register("after-call.sns.Publish", published, unique_id="replay")
        return client

    def _accepted(self, name: str, payload: Mapping[str, Any], ts: str = "") -> None:
        destination = self._sending.destination
        at, notifications = datetime.now(UTC), self._sending.notifications
        self._record(Act(at, destination.name, destination.channel, name, notifications, payload, ts))


class _RecordingClient(HttpClient):
    """Posts to *address*, if there is one, in place of the vendor's, and passes each accepted act to *record*."""

    def __init__(
        self, channel: str, address: str | None, record: Callable[[str, Mapping[str, Any], str], None]
    ) -> None:
        super().__init__(LOOPBACK)
        self._channel = channel
        self._address = address
        self._record = record

    def post(self, vendor: Vendor, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post *body*, and record it as an act if it was accepted."""
        method = endpoint.url.rpartition("/")[2]
        url = f"{self._address}{method}" if self._address else endpoint.url
        response = super().post(vendor, Endpoint(url, endpoint.source), body, headers)
        if response.success and not response.text.startswith(SLACK_ERROR) and method not in READING:
            payload = json.loads(body)
            payload.pop("routing_key", None)  # a secret
            ts = json.loads(response.text)["ts"] if self._channel == "slack-bot" else ""
            self._record(_name(self._channel, method, payload), payload, ts)
        return response


def _name(channel: str, method: str, payload: Mapping[str, Any]) -> str:
    """Name an act by the channel's kind; a chat's is a post unless it is about an earlier one."""
    if channel == "pagerduty":
        return str(payload["event_action"])
    if channel == "webhook":
        return "send"
    if method == "chat.update":
        return "edit"
    return "reply" if "thread_ts" in payload else "post"
