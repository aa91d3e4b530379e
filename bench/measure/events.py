"""The events that the subjects receive."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench.subjects.runners import Event

SAMPLE: Final = Path(__file__).parents[2] / "events" / "service-instance-deployment-failed.json"
HOSTILE_NAME: Final = '<!channel> <https://evil|click> "}'


def sample_event() -> dict[str, Any]:
    """Read a failed deployment."""
    event: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return event


def numbered_events(prefix: str) -> Iterator[Event]:
    """Repeat the failed deployment without end, each time with a new instance and a new id."""
    event = sample_event()
    for number in count():
        yield {**event, "id": f"{prefix}-{number}", "detail": {**event["detail"], "name": f"instance-{number}"}}


def hostile_event() -> Event:
    """Return the failed deployment of a resource whose name has Slack's markup."""
    event = sample_event()
    return {**event, "id": "hostile", "detail": {**event["detail"], "name": HOSTILE_NAME}}
