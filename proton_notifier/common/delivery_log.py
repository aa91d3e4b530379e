"""What the function that sends logged of each delivery."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Became(StrEnum):
    """What became of a delivery, in the log's own words."""

    SENT = "sent"
    PUT_OFF = "not sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Logged:
    """What became of the delivery of *event_id* to *destination*, why, and if it comes back, in how many *seconds*."""

    event_id: str
    destination: str
    became: Became
    why: str = ""
    seconds: int = 0


def read(log: str) -> Iterator[Logged]:
    """Read the lines of *log* that say what became of a delivery."""
    words = {str(became) for became in Became}
    for line in map(json.loads, log.splitlines()):
        if line.get("message") in words:
            yield Logged(
                line["correlation_id"],
                line["destination"],
                Became(line["message"]),
                str(line.get("reason") or line.get("why", "")),
                line.get("seconds", 0),
            )
