"""Variables for a workflow of Slack's Workflow Builder that a webhook starts.

Slack has no list of what its variables may hold. They are text, so nothing in them is markup, and each is always there,
for a workflow that misses one does not start.
"""

import json
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from notifier.channels.base import UNLIMITED_BATCH, Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.digest import Digest, digest
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.client import Webhook
from notifier.channels.secrets import Secret
from notifier.channels.slack.responses import HOOKS, TRIGGER, trigger_receipt
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within

TITLE_LIMIT: Final = 150
VALUE_LIMIT: Final = 300
TEXT_LIMIT: Final = 2_000
LINK_LIMIT: Final = 2_000
# For what is not known, or not the same in all of a digest: Slack refuses a variable that is missing.
ABSENT: Final = "-"
# Slack's mentions and links begin with <, whatever a step of the workflow does with a variable.
INERT: Final = str.maketrans({"<": "\u2039", ">": "\u203a"})

# In a digest, a variable has a value only if it is the same in all notifications.
VALUES: Final[Mapping[str, Callable[[Notification], str | None]]] = {
    "account": lambda each: each.values.get("account"),
    "environment": lambda each: each.values.get("environment"),
    "link": lambda each: next((link.url for link in each.links), None),
    "next_step": lambda each: each.next_step,
    "previous_status": lambda each: each.previous_status,
    "region": lambda each: each.values.get("region"),
    "resource": lambda each: each.name,
    "resource_type": lambda each: each.resource_type,
    "service": lambda each: each.values.get("service"),
    "status": lambda each: each.status,
    "time": lambda each: each.time,
}


class SlackWorkflowChannel:
    """Starts a workflow."""

    settings: ClassVar[tuple[Setting, ...]] = (secret_setting("webhook", "the URL of a Slack workflow's webhook"),)

    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> dict[str, str]:
        """Write the variables."""
        return variables(notifications)

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> str | None:
        """Start the workflow once for all *notifications*."""
        body = json.dumps(variables(notifications)).encode()

        def post(secret: Secret) -> str | None:
            if not TRIGGER.match(secret.value):
                problem = f"the secret {secret.name} does not hold the URL of a Slack workflow, .../triggers/..."
                raise DeliveryError(problem, Reason.MISCONFIGURED)
            webhook = Webhook(secret.value, f"the secret {secret.name}")
            return trigger_receipt(self._webhooks.post(HOOKS, webhook, body, {}))

        return self._secrets.use(destination.setting("webhook"), post)


def variables(notifications: tuple[Notification, ...]) -> dict[str, str]:
    """Write all variables, for one notification or for several together."""
    together = digest(notifications)
    first, *others = together.notifications
    values = {
        name: value(first) if all(value(each) == value(first) for each in others) else None
        for name, value in VALUES.items()
    }
    title, text = (_headline(together), _lines(together)) if others else (_title(first, TITLE_LIMIT), _text(first))
    written = {"count": str(len(notifications)), "severity": together.severity, "title": title, "text": text, **values}
    limits = {"link": LINK_LIMIT, "text": TEXT_LIMIT}
    return {
        name: cut((value or ABSENT).translate(INERT), limits.get(name, VALUE_LIMIT)) for name, value in written.items()
    }


def _title(notification: Notification, limit: int) -> str:
    return title_within(limit, *notification.title_parts)


def _text(notification: Notification) -> str:
    facts = "\n".join(f"{fact.label}: {fact.value}" for fact in notification.facts)
    return notification.custom_body or facts


def _headline(together: Digest) -> str:
    counts = ", ".join(f"{number} {severity}" for severity, number in together.counts)
    return f"{len(together.notifications)} status changes: {counts}"


def _lines(together: Digest) -> str:
    """Write as many lines as fit, and how many more there are of each kind."""
    texts = [_listed(digest(together.notifications, limit)) for limit in range(len(together.told), 0, -1)]
    return next((text for text in texts if len(text) <= TEXT_LIMIT), texts[-1])


def _listed(together: Digest) -> str:
    told = (f"{each.severity}: {_title(each, TITLE_LIMIT)}" for each in together.told)
    rest = (f"{count.number} more {count.severity}: {count.words}" for count in together.rest)
    return "\n".join((*told, *rest))
