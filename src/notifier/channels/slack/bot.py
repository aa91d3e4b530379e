"""Messages from a Slack app's bot, by the API's chat.postMessage."""

import json
import re
from typing import Any, Final

from notifier.channels.base import Channel, Receipt
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.vendor import Endpoint
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import API, check_bot, post_or_simplify
from notifier.model.incident import Turn
from notifier.model.notification import Notification

URL: Final = "https://slack.com/api/chat.postMessage"
# Python's error about a header that is not allowed repeats the header.
TOKEN: Final = re.compile(r"(xoxe\.)?xoxb-[A-Za-z0-9._=/+-]+")


class SlackBotChannel(Channel):
    """Posts to a Slack channel that the bot is in."""

    settings = (
        secret_setting("token", "a Slack bot's token, xoxb-..."),
        Setting("channel", "[CG][A-Z0-9]{2,20}", "the id of a Slack channel, like C0123456789"),
        Setting("url", r"https?://[^\s@]{1,2000}", "the URL of Slack's chat.postMessage", default=URL),
    )

    @classmethod
    def follows(cls, _destination: Destination) -> frozenset[Turn]:
        """Follow everything: a thread has room for it."""
        return frozenset(Turn)

    @staticmethod
    def message(notifications: tuple[Notification, ...], destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return {"channel": destination.setting("channel"), **message(notifications)}

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> Receipt:
        """Post *notifications* in one message."""
        endpoint = Endpoint(destination.setting("url", URL), f"the setting url of {destination.name}")
        channel = destination.setting("channel")

        def attempt(token: Secret) -> Receipt:
            if not TOKEN.fullmatch(token.value):
                error_text = f"the secret {token.name} does not hold a Slack bot's token, xoxb-..."
                raise DeliveryError(error_text, Reason.MISCONFIGURED)
            headers = {
                "Authorization": f"Bearer {token.value}",
                "Content-Type": "application/json; charset=utf-8",
            }

            def post(payload: dict[str, Any]) -> Receipt:
                body = json.dumps({"channel": channel, **payload}).encode()
                return check_bot(self._clients.http.post(API, endpoint, body, headers))

            return post_or_simplify(notifications, post)

        return self._clients.secrets.use(destination.setting("token"), attempt)
