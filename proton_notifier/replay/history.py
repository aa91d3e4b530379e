"""A history: the events of files with their times of arrival."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from notifier.sources.envelope import parse_time
from proton_notifier.common.event_files import TEXT_START, UnreadableEventError, compose_notification
from proton_notifier.common.text_files import UnreadableTextError, read_text

# A truncated line of JSON Lines, before another line.
CUT_OFF: Final = re.compile(r"\{.*\n\{")
# Python's calendar ends in the year 9999, and a redelivery may come two weeks later.
LAST_YEAR: Final = 9_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An *event* that arrives *at* a time; *place* is its file, its line, and its number if it is in a list."""

    at: datetime
    place: str
    event: dict[str, Any]


def read_history(files: Sequence[Path]) -> list[Arrival]:
    """Read the events of *files*, in the order in which they arrive; raise `UnreadableTextError`.

    An event without a time arrives with the event before it in its file, or else with the next event that has a time.
    """
    return sorted((arrival for file in files for arrival in _arrivals(file)), key=lambda arrival: arrival.at)


def stamped(event: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Replace the id of *event* by a new one and its time by *at*, if it has them."""
    stamps = {"id": str(uuid4()), "time": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return {key: stamps.get(key, value) for key, value in event.items()}


def _arrivals(file: Path) -> Iterator[Arrival]:
    try:
        entries = [(place, *_event(place, value)) for place, value in _values(str(file), read_text(file))]
    except UnreadableEventError:
        raise
    except UnreadableTextError as error:
        message = f"{file}: {error}"
        raise UnreadableTextError(message) from error
    at = next((at for *_, at in entries if at), None)
    if at is None:
        without = 'no event has a time; write {"at": "2026-12-01T08:00:00Z", "event": {...}}'
        message = f"{file}: {without if entries else 'there is no event in it'}"
        raise UnreadableEventError(message)
    for place, event, own in entries:
        at = own or at
        yield Arrival(at, place, event)


def _values(file: str, text: str) -> Iterator[tuple[str, object]]:
    """Parse *text*, which is JSON or JSON Lines; yield each value, and each entry of a list, with its place."""
    decoder, line, start, end = json.JSONDecoder(), 1, 0, 0
    while found := TEXT_START.search(text, end):
        line += text.count("\n", start, found.start())
        start = found.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            at_line, why = error.lineno if isinstance(error, json.JSONDecodeError) else line, str(error)
            if at_line > line and CUT_OFF.match(text, start):
                # The parser read the next line as a part of this one.
                at_line, why = line, "the line ends within an object"
            message = f"{file}:{at_line}: not JSON: {why}"
            raise UnreadableEventError(message) from error
        if isinstance(value, list):
            yield from ((f"{file}:{line}#{number}", entry) for number, entry in enumerate(value, 1))
        else:
            yield f"{file}:{line}", value


def _event(place: str, value: object) -> tuple[dict[str, Any], datetime | None]:
    """Return the event in *value*, and its time of arrival, if any."""
    match value:
        case {"at": written, "event": event}:
            key = "at"
        case _:
            key, written, event = "time", value.get("time") if isinstance(value, dict) else None, value
    try:
        compose_notification(event)
    except UnreadableEventError as error:
        message = f"{place}: {error}"
        raise UnreadableEventError(message) from error
    at = parse_time(written)
    if written is not None and (at is None or at.year > LAST_YEAR):
        message = f"{place}: {key} is {written!r}, and must be a time until {LAST_YEAR}, as in 2026-12-01T08:00:00Z"
        raise UnreadableEventError(message)
    return dict(event), at
