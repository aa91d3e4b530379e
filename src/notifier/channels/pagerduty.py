"""Alerts in PagerDuty by the Events API v2: one for each resource, from its failure to its recovery.

PagerDuty's SDK (`pagerduty`) has its own HTTP client, which does not check allowed hosts and sleeps between retries.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import msgspec

from notifier.channels.base import MILESTONES, OPEN_SEVERITIES, Channel, Notifications, Receipt
from notifier.channels.destination import DeliveryError, Destination, Reason, Setting, secret_setting
from notifier.channels.http.responses import Endpoint, Response, Vendor, response_error
from notifier.channels.secrets import Secret
from notifier.model.incident import State, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

PAGERDUTY: Final = Vendor("PagerDuty", frozenset({"events.eu.pagerduty.com", "events.pagerduty.com"}))
ROUTING_KEY: Final = re.compile("[A-Za-z0-9]{32}")
# Text of a response that an error may repeat: without long words, which may be the routing key.
SAFE_TEXT: Final = re.compile(r"(?!.*[A-Za-z0-9+/=_-]{20})[A-Za-z0-9 ',.()_-]{1,120}")
ERRORS_LIMIT: Final = 5
# A 400 about the key does not reject the event's content.
ABOUT_KEY: Final = re.compile(r"(routing|service|integration)[ _]key", re.IGNORECASE)
URL: Final = "https://events.pagerduty.com/v2/enqueue"

# Half of PagerDuty's 1,024 characters, because its documentation does not say whether an emoji counts as two.
SUMMARY_LIMIT: Final = 512
DEDUP_KEY_LIMIT: Final = 255

# PagerDuty's severity of the alert that a notification opens. A severity in neither table sends nothing.
TRIGGERS: Final[Mapping[Severity, str]] = {Severity.ACTION: "warning", Severity.FAILURE: "critical"}
RESOLVES: Final = frozenset({Severity.RECOVERED, Severity.SUCCESS})
# For an incident, its state decides instead; these turns change nothing in an alert.
QUIET: Final = frozenset({Turn.COUNTED, Turn.LATE, Turn.NOTED, Turn.PROGRESS})

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseBody:
    """The JSON of PagerDuty's response."""

    status: str = ""
    message: str = ""
    errors: tuple[str, ...] = ()


class PagerDutyChannel(Channel):
    """Channel that triggers and resolves alerts."""

    settings = (
        secret_setting("routing_key", "the integration key of a PagerDuty service"),
        Setting("url", r"https://\S+", "the https URL of PagerDuty's Events API v2", URL),
    )
    # A request holds one event, and a send has time for one request.
    max_batch = 1
    # A late trigger would open an alert that no event resolves.
    ordered = True
    # The turns that update or resolve an alert.
    followed = MILESTONES - {Turn.LATE, Turn.REMINDER} | {Turn.UPDATED}

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, list[Event]]:
        """Write the events, one for each request, without the routing key, which is secret."""
        return {"events": [*events(notifications)]}

    def send(self, notifications: Notifications) -> Receipt | None:
        """Post the events of *notifications* in order; without an event, do nothing and return no receipt."""
        pending = [*events(notifications)]
        endpoint = Endpoint(self.destination.setting("url"), f"the url of {self.destination.name}")

        def post(secret: Secret) -> None:
            if not ROUTING_KEY.fullmatch(secret.value):
                error_text = f"the secret {secret.name} does not hold an integration key, 32 letters and digits"
                raise DeliveryError(error_text, Reason.MISCONFIGURED)
            # A retry posts all events again, which is harmless: PagerDuty deduplicates by the alert's key.
            for event in pending:
                body = json.dumps({"routing_key": secret.value, **event}).encode()
                _check(self._clients.http.post(PAGERDUTY, endpoint, body, {}))

        if pending:
            self._clients.secrets.use(self.destination.setting("routing_key"), post)
        return Receipt(id=pending[-1]["dedup_key"]) if pending else None


def events(notifications: Notifications) -> Iterator[Event]:
    """Write the events of *notifications*."""
    for notification in notifications:
        incident = notification.incident
        if incident and incident.turn in QUIET:
            continue
        if incident.state is not State.CLOSED if incident else notification.severity in TRIGGERS:
            yield trigger(notification)
        elif incident or notification.severity in RESOLVES:
            # PagerDuty drops a resolve event without an open alert.
            yield {"event_action": "resolve", "dedup_key": dedup_key(notification)}


def trigger(notification: Notification) -> Event:
    """Write the event that opens an alert, or updates the open one."""
    incident = notification.incident
    severity = OPEN_SEVERITIES[incident.state] if incident else notification.severity
    optional = {
        "timestamp": notification.occurred_at.isoformat() if notification.occurred_at else None,
        "component": notification.values.get("service"),
        "group": notification.values.get("environment"),
        "class": notification.status,
    }
    details = {
        "Reason": notification.reason,
        "What to do": notification.next_step,
        "Run": notification.command,
        "Runbook": notification.runbook,
        "Text": notification.custom_body,
        "Previous status": notification.previous_status,
        **{fact.label: fact.value for fact in (*notification.facts, *notification.references)},
    }
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(notification),
        "payload": {
            "summary": notification.heading(SUMMARY_LIMIT)[0],
            "source": _resource(notification),
            "severity": TRIGGERS[severity],
            **{name: value for name, value in optional.items() if value},
            "custom_details": {label: value for label, value in details.items() if value},
        },
        "links": [{"href": link.url, "text": link.label} for link in notification.links],
        "client": "AWS notifier",
    }


def dedup_key(notification: Notification) -> str:
    """Return the key of the resource's alert, which all events about the resource share."""
    name = notification.key or _resource(notification)
    return name if name.isascii() and len(name) <= DEDUP_KEY_LIMIT else sha256(name.encode()).hexdigest()


def _resource(notification: Notification) -> str:
    parts = (notification.values.get(name, "-") for name in ("resource_type", "account", "region"))
    return notification.arn or "/".join((*parts, notification.name))


def _check(response: Response) -> None:
    """Raise `DeliveryError` unless PagerDuty accepted the event; repeat the errors that PagerDuty names."""
    body = ResponseBody(message=response.text)
    with suppress(msgspec.DecodeError, RecursionError):
        body = msgspec.json.decode(response.text, type=ResponseBody)
    if response.status == HTTPStatus.ACCEPTED or (response.success and body.status == "success"):
        return
    texts = [text for text in (body.message, *body.errors[:ERRORS_LIMIT]) if SAFE_TEXT.fullmatch(text)]
    about_key = response.status == HTTPStatus.BAD_REQUEST and any(map(ABOUT_KEY.search, texts))
    raise response_error(PAGERDUTY, response, "; ".join(texts), Reason.UNAUTHORISED if about_key else None)
