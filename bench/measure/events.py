"""The events that the subjects are told of."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench.subjects.runners import Event

SAMPLE: Final = Path(__file__).parents[2] / "events" / "service-instance-deployment-failed.json"
HOSTILE_NAME: Final = '<!channel> <https://evil|click> "}'


def sample() -> dict[str, Any]:
    """Read a failed deployment."""
    event: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return event


def numbered(prefix: str) -> Iterator[Event]:
    """Give the failed deployment again and again, each time of another instance and with another id."""
    event = sample()
    for number in count():
        yield {**event, "id": f"{prefix}-{number}", "detail": {**event["detail"], "name": f"instance-{number}"}}


def hostile() -> Event:
    """Give the failed deployment of something whose name would act."""
    event = sample()
    return {**event, "id": "hostile", "detail": {**event["detail"], "name": HOSTILE_NAME}}
