"""Messages from a Slack app's bot: chat.postMessage posts to a channel or a thread, chat.update edits."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NotRequired, TypedDict, TypeVar
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import msgspec

from notifier.channels.base import OPEN_SEVERITIES, Notifications, Receipt, ThreadedChannel
from notifier.channels.deadlines import LOOK_BACK_SECONDS, deadline
from notifier.channels.destination import DeliveryError, Destination, Reason, Setting, secret_setting
from notifier.channels.http.responses import Endpoint, Response
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import API, check_bot, post_or_simplify
from notifier.model.incident import Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

URL: Final = "https://slack.com/api/chat.postMessage"
# Checked first, because Python's error about an invalid header repeats the header.
TOKEN: Final = re.compile(r"(xoxe\.)?xoxb-[A-Za-z0-9._=/+-]+")
# Slack's errors about a client_msg_id, which Slack does not document. Texts cannot match: their quotes are escaped.
REFUSES_ID: Final = re.compile(r'"error":\s*"duplicate_')
LATE: Final = "This message is late: the thread already has newer messages."
# The type of the metadata, whose marks let a later attempt find the messages of an earlier attempt in the history.
EVENT_TYPE: Final = "notifier_deliveries"
# Slack limits the size of metadata, without documentation; further notifications of a digest have no mark.
MARKS_LIMIT: Final = 50


class _Metadata(TypedDict, total=False):
    event_type: str
    event_payload: Mapping[str, object]


class _Message(TypedDict):
    ts: str
    metadata: NotRequired[_Metadata]


class _History(TypedDict):
    messages: list[_Message]


Result = TypeVar("Result")
Call = Callable[[Mapping[str, Any]], Response]


class SlackBotChannel(ThreadedChannel):
    """Channel that posts to a Slack channel of which the bot is a member."""

    settings = (
        secret_setting("token", "a Slack bot's token, xoxb-..."),
        Setting("channel", "[CG][A-Z0-9]{2,20}", "the id of a Slack channel, like C0123456789"),
        Setting("url", r"https?://[^\s@]{1,2000}", "the URL of Slack's chat.postMessage", default=URL),
    )
    # A thread has room for every turn.
    followed = frozenset(Turn)

    @staticmethod
    def message(notifications: Notifications, destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        place = {"channel": destination.setting("channel")}
        return {**place, **_identity(notifications, destination), **message(notifications)}

    def send(self, notifications: Notifications) -> Receipt:
        """Post *notifications* in one message."""
        return self._post(notifications, {"channel": self.destination.setting("channel")})

    def reply(self, notifications: Notifications, root: Receipt, *, late: bool) -> Receipt:
        """Post *notifications* in one message to the thread of *root*."""
        thread: dict[str, Any] = {"channel": root.place, "thread_ts": root.id}
        if any(notification.incident and notification.incident.broadcast for notification in notifications):
            thread["reply_broadcast"] = True
        return self._post(notifications, thread, LATE if late else "")

    def edit(self, notification: Notification, root: Receipt) -> None:
        """Replace the message *root*."""
        payload = {"channel": root.place, "ts": root.id, **message((first_message(notification),))}
        self._call("chat.update", lambda call: check_bot(call(payload)))

    def find(self, notifications: Notifications, root: Receipt, since: float) -> Mapping[str, Receipt]:
        """Look for *notifications* in the channel's history, if the bot may read it."""
        channel = root.place or self.destination.setting("channel")
        arguments = {"channel": channel, "oldest": f"{since:.6f}", "limit": "100", "include_all_metadata": "true"}
        found: dict[str, Receipt] = {}
        # Not every bot has the permission, and no alert must wait for the search.
        with suppress(DeliveryError), deadline(LOOK_BACK_SECONDS):
            found |= self._call("conversations.history", lambda call: _marked(call(arguments), channel))
            if root.id:
                thread = {**arguments, "ts": root.id}
                found |= self._call("conversations.replies", lambda call: _marked(call(thread), channel))
        marks = {each.event_id: _mark(each, self.destination) for each in notifications}
        return {event_id: found[mark] for event_id, mark in marks.items() if mark in found}

    def _post(self, notifications: Notifications, place: Mapping[str, Any], note: str = "") -> Receipt:
        arguments = {**place, **_identity(notifications, self.destination)}

        def attempt(call: Call) -> Receipt:
            def post(payload: dict[str, Any]) -> Receipt:
                response = call({**arguments, **payload})
                if REFUSES_ID.search(response.text):
                    response = call({**place, **payload})
                return check_bot(response)

            return post_or_simplify(notifications, post, note)

        receipt = self._call("chat.postMessage", attempt)
        return replace(receipt, place=receipt.place or str(place["channel"]))

    def _call(self, method: str, use: Callable[[Call], Result]) -> Result:
        api = self.destination.setting("url", URL).rpartition("/")[0]
        endpoint = Endpoint(f"{api}/{method}", f"the setting url of {self.destination.name}")

        def attempt(token: Secret) -> Result:
            if not TOKEN.fullmatch(token.value):
                error_text = f"the secret {token.name} does not hold a Slack bot's token, xoxb-..."
                raise DeliveryError(error_text, Reason.MISCONFIGURED)

            def call(arguments: Mapping[str, Any]) -> Response:
                # Slack's read methods take no JSON.
                reads = method.startswith("conversations.")
                body = urlencode(arguments) if reads else json.dumps(arguments)
                kind = "application/x-www-form-urlencoded" if reads else "application/json; charset=utf-8"
                headers = {"Authorization": f"Bearer {token.value}", "Content-Type": kind}
                return self._clients.http.post(API, endpoint, body.encode(), headers)

            return use(call)

        return self._clients.secrets.use(self.destination.setting("token"), attempt)


def first_message(notification: Notification) -> Notification:
    """Write *notification* for the first message of its thread: without a mention, because an edit alerts nobody."""
    incident, severity = notification.incident, notification.severity
    # At these turns, the first message shows the severity of the incident's state.
    if incident and incident.turn in {Turn.FINISHED, Turn.NOTED, Turn.COUNTED}:
        severity = OPEN_SEVERITIES.get(incident.state, Severity.RECOVERED)
    return replace(notification, mention=None, severity=severity)


def _identity(notifications: Notifications, destination: Destination) -> dict[str, Any]:
    """Write the arguments by which Slack and `_marked` recognise a message."""
    marks = [_mark(notification, destination) for notification in notifications]
    return {
        # Slack may refuse to post the same id twice; nothing relies on that.
        "client_msg_id": marks[0] if len(marks) == 1 else str(uuid5(NAMESPACE_URL, " ".join(marks))),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"marks": " ".join(marks[:MARKS_LIMIT])}},
    }


def _mark(notification: Notification, destination: Destination) -> str:
    return str(uuid5(NAMESPACE_URL, f"{notification.event_id}/{destination.name}"))


def _marked(response: Response, channel: str) -> dict[str, Receipt]:
    """Return the messages in *response* by mark; raise `DeliveryError` unless it is a success."""
    check_bot(response)
    try:
        history = msgspec.json.decode(response.text, type=_History)
    except msgspec.DecodeError:
        return {}  # the message is posted, as it is without a history
    return {
        mark: Receipt(id=message["ts"], place=channel)
        for message in history["messages"]
        if message.get("metadata", {}).get("event_type") == EVENT_TYPE
        for mark in str(message["metadata"].get("event_payload", {}).get("marks", "")).split()
    }
