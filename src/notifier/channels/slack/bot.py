"""Messages from a Slack app's bot, by the API's chat.postMessage."""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from notifier.channels.base import UNLIMITED_BATCH, Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.client import Webhook
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import API, bot_receipt, posted
from notifier.model.notification import Notification

URL: Final = "https://slack.com/api/chat.postMessage"
# What else stood in the header would be repeated in the error that Python raises of it.
TOKEN: Final = re.compile(r"(xoxe\.)?xoxb-[A-Za-z0-9._=/+-]+")


class SlackBotChannel:
    """Posts to a channel that the bot is in."""

    settings: ClassVar[tuple[Setting, ...]] = (
        secret_setting("token", "a Slack bot's token, xoxb-..."),
        Setting("channel", "[CG][A-Z0-9]{2,20}", "the id of a Slack channel, like C0123456789"),
        Setting("url", r"https?://[^\s@]{1,2000}", "the URL of Slack's chat.postMessage", default=URL),
    )

    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return {"channel": destination.setting("channel"), **message(notifications)}

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> str | None:
        """Post *notifications* in one message."""
        address = Webhook(destination.setting("url", URL), f"the setting url of {destination.name}")
        channel = destination.setting("channel")

        def attempt(token: Secret) -> str | None:
            headers = _headers(token)

            def post(payload: dict[str, Any]) -> str | None:
                body = json.dumps({"channel": channel, **payload}).encode()
                return bot_receipt(self._webhooks.post(API, address, body, headers))

            return posted(notifications, post)

        return self._secrets.use(destination.setting("token"), attempt)


def _headers(token: Secret) -> Mapping[str, str]:
    if not TOKEN.fullmatch(token.value):
        problem = f"the secret {token.name} does not hold a Slack bot's token, xoxb-..."
        raise DeliveryError(problem, Reason.MISCONFIGURED)
    return {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json; charset=utf-8"}
