"""Slack's webhooks: an incoming webhook takes messages, a workflow's webhook takes variables.

Slack documents no limits of a variable's value. Variables are plain text without markup. A workflow does not start if a
variable is missing, so all are always sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from notifier.channels.base import Channel, Notifications, Receipt
from notifier.channels.destination import DeliveryError, Destination, Reason, secret_setting
from notifier.channels.digest import WORDS, Digest, compose_digest, render_one_or_digest
from notifier.channels.http.responses import Endpoint
from notifier.channels.secrets import Secret
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import HOOKS, WORKFLOW_URL, check_webhook, check_workflow, post_or_simplify
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within

TITLE_LIMIT: Final = 150
VALUE_LIMIT: Final = 300
TEXT_LIMIT: Final = 2_000
LINK_LIMIT: Final = 2_000
# For a value that is unknown, or differs within a digest.
ABSENT: Final = "-"
# In every step of a workflow, a mention or link begins with <.
INERT: Final = str.maketrans({"<": "\u2039", ">": "\u203a"})


class SlackChannel(Channel):
    """Channel that posts to an incoming webhook."""

    settings = (secret_setting("webhook", "the URL of a Slack incoming webhook"),)

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: Notifications) -> Receipt:
        """Post *notifications* in one message."""

        def attempt(secret: Secret) -> Receipt:
            # A workflow would start at each attempt, without the message.
            if WORKFLOW_URL.match(secret.value):
                text = f"the secret {secret.name} holds the URL of a Slack workflow, which needs type slack-workflow"
                raise DeliveryError(text, Reason.MISCONFIGURED)
            endpoint = Endpoint(secret.value, f"the secret {secret.name}")

            def post(payload: dict[str, Any]) -> Receipt:
                return check_webhook(self._clients.http.post(HOOKS, endpoint, msgspec.json.encode(payload), {}))

            return post_or_simplify(notifications, post)

        return self._clients.secrets.use(self.destination.setting("webhook"), attempt)


class SlackWorkflowChannel(Channel):
    """Channel that starts a workflow."""

    settings = (secret_setting("webhook", "the URL of a Slack workflow's webhook"),)

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, str]:
        """Write the variables."""
        return variables(notifications)

    def send(self, notifications: Notifications) -> Receipt:
        """Start the workflow once for all *notifications*."""
        body = msgspec.json.encode(variables(notifications))

        def post(secret: Secret) -> Receipt:
            if not WORKFLOW_URL.match(secret.value):
                error_text = f"the secret {secret.name} does not hold the URL of a Slack workflow, .../triggers/..."
                raise DeliveryError(error_text, Reason.MISCONFIGURED)
            endpoint = Endpoint(secret.value, f"the secret {secret.name}")
            return check_workflow(self._clients.http.post(HOOKS, endpoint, body, {}))

        return self._clients.secrets.use(self.destination.setting("webhook"), post)


def variables(notifications: Notifications) -> dict[str, str]:
    """Write all variables; in a digest, a value that differs between notifications is absent."""
    first, *others = map(_values, notifications)
    same = {name: value if all(other[name] == value for other in others) else None for name, value in first.items()}
    texts = render_one_or_digest(notifications, _texts, _digest_texts)
    limits = {"command": TEXT_LIMIT, "link": LINK_LIMIT, "text": TEXT_LIMIT}
    return {
        name: cut((value or ABSENT).translate(INERT), limits.get(name, VALUE_LIMIT))
        for name, value in {"count": str(len(notifications)), **texts, **same}.items()
    }


def _values(notification: Notification) -> Mapping[str, str | None]:
    attributes = notification.values
    return {
        "account": attributes.get("account"),
        "command": notification.command,
        "environment": attributes.get("environment"),
        "link": next((link.url for link in notification.links), None),
        "next_step": notification.next_step,
        "previous_status": notification.previous_status,
        "reason": notification.reason,
        "region": attributes.get("region"),
        "resource": notification.name,
        "resource_type": notification.resource_type,
        "service": attributes.get("service"),
        "status": notification.status,
        "time": notification.time,
    }


def _texts(notification: Notification) -> Mapping[str, str]:
    facts = "\n".join(f"{fact.label}: {fact.value}" for fact in notification.facts)
    title, reason = notification.heading(TITLE_LIMIT)
    text = "\n".join(filter(None, (reason, notification.custom_body or facts)))
    return {"severity": notification.severity, "title": title, "text": text}


def _digest_texts(digest: Digest) -> Mapping[str, str]:
    """List as many notifications as fit, and count the rest by kind."""
    limits = range(len(digest.listed), 0, -1)
    texts = ["\n".join(_digest_lines(compose_digest(digest.notifications, limit))) for limit in limits]
    text = next((text for text in texts if len(text) <= TEXT_LIMIT), texts[-1])
    return {"severity": digest.severity, "title": f"{digest.titles[0]} ({digest.size})", "text": text}


def _digest_lines(digest: Digest) -> Iterator[str]:
    for notification in digest.listed:
        title = title_within(TITLE_LIMIT, *notification.title_parts)
        reason = cut(notification.reason_beside(title), TITLE_LIMIT)
        yield ": ".join(filter(None, (notification.severity, title, reason)))
    for severity, kind, number in digest.counted:
        yield f"{number} more {WORDS[severity]}: {kind}"
