"""The history that is played for the page's tests and pictures."""

import json
from typing import Any, Final

from tests.samples import event

ROUTES: Final = """
[destinations.deployments]
type = "slack-bot"
token = "proton-notifier/bot"
channel = "C0123456789"

[[routes]]
to = ["deployments", "email"]
"""
STACK: Final = "cloud-formation-stack-"
# An update of a stack, whose first two attempts fail.
STORY: Final = (
    ("10:00", f"{STACK}update-failed-and-is-rolling-back"),
    ("10:02", f"{STACK}update-failed-and-was-rolled-back"),
    ("10:20", f"{STACK}update-started"),
    ("10:22", f"{STACK}update-failed-and-is-rolling-back"),
    ("10:24", f"{STACK}update-failed-and-was-rolled-back"),
    ("10:36", f"{STACK}update-started"),
    ("10:42", f"{STACK}updated"),
)
# Stacks that fail, and recover, at the same time.
STORM: Final = ("checkout", "invoices", "payments", "search", "status-page")


def history() -> str:
    """Write the events as JSON Lines, each in the order of its time."""
    events = [
        *(_at(time, name, "checkout-prod") for time, name in STORY),
        *(_at("12:00", f"{STACK}update-failed-and-is-rolling-back", f"{name}-staging") for name in STORM),
        *(_at("12:30", f"{STACK}updated", f"{name}-staging") for name in STORM),
    ]
    return "".join(f"{json.dumps({**each, 'id': f'event-{number}'})}\n" for number, each in enumerate(events, 1))


def _at(time: str, name: str, stack: str) -> dict[str, Any]:
    written = json.dumps({**event(name), "time": f"2026-03-03T{time}:00Z"}).replace("checkout-prod", stack)
    placed: dict[str, Any] = json.loads(written)
    return placed
