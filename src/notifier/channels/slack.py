"""Messages to a Slack incoming webhook."""

import json
from http import HTTPStatus
from typing import Any, ClassVar, Final

from notifier.delivery import ALL_AT_ONCE, Clients
from notifier.destinations import Destination, Setting, secret_setting
from notifier.notifications import Notification
from notifier.slack_messages import message
from notifier.stored_secrets import Secret
from notifier.webhooks import Vendor, Webhook, refusal

SLACK: Final = Vendor("Slack", frozenset({"hooks.slack.com", "hooks.slack-gov.com"}))


class SlackChannel:
    """Posts to an incoming webhook."""

    settings: ClassVar[tuple[Setting, ...]] = (secret_setting("webhook", "the URL of a Slack incoming webhook"),)

    at_once: ClassVar[int] = ALL_AT_ONCE

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Post *notifications* in one message; anything but Slack's plain "ok" is an error."""
        body = json.dumps(message(notifications)).encode()

        def post(secret: Secret) -> None:
            answer = self._webhooks.post(SLACK, Webhook(secret.value, f"the secret {secret.name}"), body, {})
            if answer.status != HTTPStatus.OK or answer.text != "ok":
                raise refusal(SLACK, answer)

        self._secrets.use(destination.setting("webhook"), post)
