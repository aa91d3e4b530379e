"""The events that the subjects receive: a failed deployment."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from bench.subjects.runners import Event

SAMPLE: Final = Path(__file__).parents[2] / "events" / "service-instance-deployment-failed.json"


def numbered_events(prefix: str) -> Iterator[Event]:
    """Repeat the sample without end, each time with a new id and of a new service and instance."""
    for number in count():
        yield named_event(f"{prefix}-{number}", f"instance-{number}")


def named_event(event_id: str, name: str) -> Event:
    """Change the id, the service and the resource's name in the sample, so that each event opens an incident."""
    event = json.loads(SAMPLE.read_text(encoding="utf-8").replace("checkout", f"checkout-{event_id}"))
    return {**event, "id": event_id, "detail": {**event["detail"], "name": name}}
