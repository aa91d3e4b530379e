"""The history that is played for the page's tests and pictures."""

import json
from typing import Any, Final

from tests.samples import event

# Progress changes the first message of a thread, and is no message of its own.
ROUTES: Final = """
[accounts]
"123456789012" = "production"

[destinations.deployments]
type = "slack-bot"
token = "proton-notifier/bot"
channel = "C0123456789"

[[routes]]
match = { severity = ["failure", "recovered"] }
to = ["deployments", "email"]
"""
STACK: Final = "cloud-formation-stack-"
# Updates that fail, the first one twice.
STORIES: Final = (
    ("payments-prod", "10:00", f"{STACK}update-failed-and-is-rolling-back"),
    ("payments-prod", "10:02", f"{STACK}update-failed-and-was-rolled-back"),
    ("payments-prod", "10:20", f"{STACK}update-started"),
    ("payments-prod", "10:22", f"{STACK}update-failed-and-is-rolling-back"),
    ("payments-prod", "10:24", f"{STACK}update-failed-and-was-rolled-back"),
    ("payments-prod", "10:36", f"{STACK}update-started"),
    ("payments-prod", "10:42", f"{STACK}updated"),
    ("checkout-prod", "11:00", f"{STACK}update-failed-and-is-rolling-back"),
    ("checkout-prod", "11:02", f"{STACK}update-failed-and-was-rolled-back"),
    ("checkout-prod", "11:36", f"{STACK}update-started"),
    ("checkout-prod", "11:42", f"{STACK}updated"),
)
# Stacks that fail, and recover, at the same time.
STORM: Final = ("billing-prod", "invoices-prod", "orders-prod", "search-prod", "status-page-prod")


def history() -> str:
    """Write the events as JSON Lines, in the order of their times."""
    events = [
        *(_at(time, name, stack) for stack, time, name in STORIES),
        *(_at("12:00", f"{STACK}update-failed-and-is-rolling-back", stack) for stack in STORM),
        *(_at("12:30", f"{STACK}updated", stack) for stack in STORM),
    ]
    ids = (f"de3e5717-aa2a-5b41-b8f7-{number:012}" for number in range(len(events)))
    return "".join(f"{json.dumps({**each, 'id': name})}\n" for each, name in zip(events, ids, strict=True))


def _at(time: str, name: str, stack: str) -> dict[str, Any]:
    written = json.dumps({**event(name), "time": f"2026-03-03T{time}:00Z"}).replace("checkout-prod", stack)
    placed: dict[str, Any] = json.loads(written)
    return placed
