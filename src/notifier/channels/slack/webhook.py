"""Messages to a Slack incoming webhook."""

import json
from typing import Any, ClassVar

from notifier.channels.base import UNLIMITED_BATCH, Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.client import Webhook
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import HOOKS, TRIGGER, posted, webhook_receipt
from notifier.model.notification import Notification


class SlackChannel:
    """Posts to an incoming webhook."""

    settings: ClassVar[tuple[Setting, ...]] = (secret_setting("webhook", "the URL of a Slack incoming webhook"),)

    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> str | None:
        """Post *notifications* in one message."""

        def attempt(secret: Secret) -> str | None:
            # A workflow would be started by each try, and show nothing of the message.
            if TRIGGER.match(secret.value):
                problem = f"the secret {secret.name} holds the URL of a Slack workflow, which needs type slack-workflow"
                raise DeliveryError(problem, Reason.MISCONFIGURED)
            webhook = Webhook(secret.value, f"the secret {secret.name}")

            def post(payload: dict[str, Any]) -> str | None:
                return webhook_receipt(self._webhooks.post(HOOKS, webhook, json.dumps(payload).encode(), {}))

            return posted(notifications, post)

        return self._secrets.use(destination.setting("webhook"), attempt)
