"""Notifications as JSON for programs; docs/design.md describes the fields."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from msgspec import to_builtins

from notifier.channels.digest import compose_digest
from notifier.model.incident import Incident
from notifier.model.notification import Notification

# Raised by a breaking change; a new field is none.
VERSION: Final = 1
# In this order.
FIELDS: Final = """severity title resource_type name headline status previous_status occurred_at reason next_step
    command runbook custom_body"""
INCIDENT_FIELDS: Final = "id number turn state opened_at attempts"


def json_document(notifications: tuple[Notification, ...], size_limit: int) -> dict[str, Any]:
    """Write as many of *notifications* as fit into *size_limit* characters, most urgent first; `counts` is of all."""
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
        **_fields(notification, FIELDS),
        **{name: [*map(asdict, getattr(notification, name))] for name in ("facts", "references", "links")},
        "attributes": notification.values,
        "recognised": notification.recognised,
        "incident": notification.incident and _fields(notification.incident, INCIDENT_FIELDS),
    }


def _fields(record: Notification | Incident, names: str) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in names.split()}
    times = {name: value.isoformat() for name, value in values.items() if isinstance(value, datetime)}
    return {**to_builtins(values), **times}
