"""Messages to a Slack incoming webhook."""

import json
from typing import Any

from notifier.channels.base import Channel, Notifications, Receipt
from notifier.channels.destination import Destination, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.responses import Endpoint
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import HOOKS, WORKFLOW_URL, check_webhook, post_or_simplify


class SlackChannel(Channel):
    """Posts to an incoming webhook."""

    settings = (secret_setting("webhook", "the URL of a Slack incoming webhook"),)

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: Notifications) -> Receipt:
        """Post *notifications* in one message."""

        def attempt(secret: Secret) -> Receipt:
            # A workflow would start at each attempt, and show nothing of the message.
            if WORKFLOW_URL.match(secret.value):
                text = f"the secret {secret.name} holds the URL of a Slack workflow, which needs type slack-workflow"
                raise DeliveryError(text, Reason.MISCONFIGURED)
            endpoint = Endpoint(secret.value, f"the secret {secret.name}")

            def post(payload: dict[str, Any]) -> Receipt:
                return check_webhook(self._clients.http.post(HOOKS, endpoint, json.dumps(payload).encode(), {}))

            return post_or_simplify(notifications, post)

        return self._clients.secrets.use(self.destination.setting("webhook"), attempt)
