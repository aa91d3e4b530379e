"""Notifications as JSON, for programs to read; docs/design.md says what each field holds."""

import json
from itertools import accumulate
from typing import Any, Final

from notifier.channels.digest import digest
from notifier.model.notification import Notification
from notifier.model.status_change import Fact

# Another one where a program that reads this one would go wrong; a field more is none.
VERSION: Final = 1


def as_json(notifications: tuple[Notification, ...], room: int) -> dict[str, Any]:
    """Write *notifications*, most urgent first, as many as take up to *room* characters; *counts* is of all."""
    together = digest(notifications)
    entries = [*map(_entry, together.notifications)]
    sizes = accumulate(len(json.dumps(entry)) + len(", ") for entry in entries)
    return {
        "version": VERSION,
        "counts": {str(severity): number for severity, number in together.counts},
        "notifications": [entry for entry, size in zip(entries, sizes, strict=True) if size <= room],
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
        "next_step": notification.next_step,
        "custom_body": notification.custom_body,
        "facts": _labelled(notification.facts),
        "references": _labelled(notification.references),
        "links": [{"label": link.label, "url": link.url} for link in notification.links],
        "attributes": notification.values,
        "recognised": notification.recognised,
    }


def _labelled(facts: tuple[Fact, ...]) -> list[dict[str, str]]:
    return [{"label": fact.label, "value": fact.value} for fact in facts]
