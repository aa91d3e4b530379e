"""The sample events, and what becomes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from notifier.notifications import Notification, compose
from notifier.proton.changes import status_change
from notifier.proton.events import ProtonEvent
from notifier.proton.transitions import classify

EVENTS: Final = Path(__file__).parent.parent / "events"
NAMES: Final = sorted(file.stem for file in EVENTS.glob("*.json"))


def event(name: str) -> dict[str, Any]:
    """Read a sample event by its file's name."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def environment_event(**detail: object) -> dict[str, Any]:
    """Make an environment's event with *detail* instead of the usual one."""
    return {**event("environment-deployment-failed"), "detail": detail}


def notification(raw: Mapping[str, Any], accounts: Mapping[str, str] | None = None) -> Notification:
    """Compose the notification of a raw event."""
    change = status_change(ProtonEvent.model_validate(raw))
    return compose(change, classify(change), accounts or {"123456789012": "production"})
