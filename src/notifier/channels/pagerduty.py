"""Alerts as PagerDuty's Events API v2 takes them: one for each resource that has a problem, until it has none.

PagerDuty's own SDK (`pagerduty`) is not used: for one POST it would bring an HTTP client of its own, which knows
nothing of the hosts that may be posted to and sleeps between tries on paid time.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec

from notifier.channels.base import Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.client import Answer, Vendor, Webhook, refusal
from notifier.channels.secrets import Secret
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within
from notifier.model.status_change import Severity

PAGERDUTY: Final = Vendor("PagerDuty", frozenset({"events.eu.pagerduty.com", "events.pagerduty.com"}))
ROUTING_KEY: Final = re.compile("[A-Za-z0-9]{32}")
# What may be repeated of an answer: no values, of which a long word may be one.
TOLD: Final = re.compile(r"(?!.*[A-Za-z0-9+/=_-]{20})[A-Za-z0-9 ',.()_-]{1,120}")
TOLD_LIMIT: Final = 5
# With a refused key, the content of the event does not matter: it is no rejection.
OF_THE_KEY: Final = re.compile(r"(routing|service|integration)[ _]key", re.IGNORECASE)
URL: Final = "https://events.pagerduty.com/v2/enqueue"

# PagerDuty takes 1,024 characters: half of them, as it does not say how it counts those beyond sixteen bits.
SUMMARY_LIMIT: Final = 512
TITLE_LIMIT: Final = 400
DEDUP_KEY_LIMIT: Final = 255

# What calls somebody, and how loudly; and what takes the call back. There is nothing to say of the others.
TRIGGERS: Final[Mapping[Severity, str]] = {Severity.ACTION: "warning", Severity.FAILURE: "critical"}
RESOLVES: Final = frozenset({Severity.RECOVERED, Severity.SUCCESS})

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """PagerDuty's words."""

    status: str = ""
    message: str = ""
    errors: tuple[str, ...] = ()


class PagerDutyChannel:
    """Triggers and resolves alerts."""

    settings: ClassVar[tuple[Setting, ...]] = (
        secret_setting("routing_key", "the integration key of a PagerDuty service"),
        Setting("url", r"https://\S+", "the https URL of PagerDuty's Events API v2", URL),
    )
    # There is no digest of alerts. Each is a request of its own, and a send has time for one.
    max_batch: ClassVar[int] = 1

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> dict[str, list[Event]]:
        """Write the events, each of which is a request; their routing key is the secret."""
        return {"events": events(notifications)}

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Post the events of *notifications*, if any, in their order.

        If one fails, those before it are posted again with it: to trigger or resolve the same alert twice is harmless.
        """
        posted = events(notifications)
        webhook = Webhook(destination.setting("url"), f"the url of {destination.name}")

        def post(secret: Secret) -> None:
            if not ROUTING_KEY.fullmatch(secret.value):
                problem = f"the secret {secret.name} does not hold an integration key, 32 letters and digits"
                raise DeliveryError(problem, Reason.MISCONFIGURED)
            for event in posted:
                body = json.dumps({"routing_key": secret.value, **event}).encode()
                answer = self._webhooks.post(PAGERDUTY, webhook, body, {})
                said = _said(answer)
                if answer.status != HTTPStatus.ACCEPTED and not (answer.success and said.status == "success"):
                    raise _refusal(answer, said)

        if posted:
            self._secrets.use(destination.setting("routing_key"), post)


def events(notifications: tuple[Notification, ...]) -> list[Event]:
    """Write what there is to say of *notifications*."""
    return [
        trigger(notification) if notification.severity in TRIGGERS else resolve(notification)
        for notification in notifications
        if notification.severity in TRIGGERS or notification.severity in RESOLVES
    ]


def trigger(notification: Notification) -> Event:
    """Write the event that opens an alert, or adds to the one that is open."""
    attributes = notification.values
    place = f" ({', '.join(notification.place)})" if notification.place else ""
    optional = {
        "timestamp": notification.occurred_at.isoformat() if notification.occurred_at else None,
        "component": attributes.get("service"),
        "group": attributes.get("environment"),
        "class": notification.status,
    }
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(notification),
        "payload": {
            "summary": cut(f"{title_within(TITLE_LIMIT, *notification.title_parts)}{place}", SUMMARY_LIMIT),
            "source": resource(notification),
            "severity": TRIGGERS[notification.severity],
            **{name: value for name, value in optional.items() if value},
            "custom_details": details(notification),
        },
        "links": [{"href": link.url, "text": link.label} for link in notification.links],
        "client": "Proton notifier",
    }


def resolve(notification: Notification) -> Event:
    """Write the event that closes the resource's alert; without an open one, PagerDuty drops it."""
    return {"event_action": "resolve", "dedup_key": dedup_key(notification)}


def details(notification: Notification) -> dict[str, str]:
    """Write what else there is to know, by label."""
    known = {
        "What to do": notification.next_step,
        "Text": notification.custom_body,
        "Previous status": notification.previous_status,
        **{fact.label: fact.value for fact in (*notification.facts, *notification.references)},
    }
    return {label: value for label, value in known.items() if value}


def dedup_key(notification: Notification) -> str:
    """Name the alert that all events of the same resource are about."""
    name = resource(notification)
    return name if name.isascii() and len(name) <= DEDUP_KEY_LIMIT else sha256(name.encode()).hexdigest()


def resource(notification: Notification) -> str:
    """Name the resource: by its ARN, or else by all that tells it from others."""
    attributes = notification.values
    parts = (attributes.get(name, "-") for name in ("resource_type", "account", "region"))
    return notification.arn or "/".join((*parts, notification.name))


def _said(answer: Answer) -> Said:
    try:
        return msgspec.json.decode(answer.text, type=Said)
    except (msgspec.DecodeError, RecursionError):
        return Said(message=answer.text)


def _refusal(answer: Answer, said: Said) -> DeliveryError:
    """Repeat what PagerDuty finds wrong, which it tells in sentences about names of fields."""
    words = [each for each in (said.message, *said.errors[:TOLD_LIMIT]) if TOLD.fullmatch(each)]
    of_the_key = answer.status == HTTPStatus.BAD_REQUEST and any(map(OF_THE_KEY.search, words))
    return refusal(PAGERDUTY, answer, "; ".join(words), Reason.UNAUTHORISED if of_the_key else None)
