"""Notifications as JSON for programs; docs/design.md says what each field holds."""

import json
from collections import Counter
from dataclasses import asdict
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import compose_digest
from notifier.model.incident import Incident
from notifier.model.notification import Notification

# Raised by a change that breaks a program; another field does not.
VERSION: Final = 1


def json_document(notifications: tuple[Notification, ...], size_limit: int) -> dict[str, Any]:
    """Write as many of *notifications* as fit, most urgent first, in *size_limit* characters; *counts* is of all."""
    digest = compose_digest(notifications)
    entries = [*map(_entry, digest.notifications)]
    sizes = accumulate(len(json.dumps(entry)) + len(", ") for entry in entries)
    return {
        "version": VERSION,
        "counts": dict(Counter(str(notification.severity) for notification in digest.notifications)),
        "notifications": [entry for entry, size in zip(entries, sizes, strict=True) if size <= size_limit],
    }


def _entry(notification: Notification) -> dict[str, Any]:
    return {
        "id": notification.event_id,
        "severity": str(notification.severity),
        "title": notification.title,
        "resource_type": notification.resource_type,
        "name": notification.name,
        "headline": notification.headline,
        "status": notification.status,
        "previous_status": notification.previous_status,
        "occurred_at": notification.occurred_at.isoformat() if notification.occurred_at else None,
        "reason": notification.reason,
        "next_step": notification.next_step,
        "command": notification.command,
        "runbook": notification.runbook,
        "custom_body": notification.custom_body,
        "facts": [*map(asdict, notification.facts)],
        "references": [*map(asdict, notification.references)],
        "links": [*map(asdict, notification.links)],
        "attributes": notification.values,
        "recognised": notification.recognised,
        "incident": notification.incident and _incident(notification.incident),
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "number": incident.number,
        "turn": str(incident.turn),
        "state": str(incident.state),
        "opened_at": incident.opened_at.isoformat() if incident.opened_at else None,
        "attempts": incident.attempts,
    }
