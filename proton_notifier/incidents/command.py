"""`notifier incidents`: list the open incidents, and show the history of a resource and who was notified."""

import re
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final, Self

import msgspec

from notifier.memory.decisions import NOTHING, state_of
from notifier.memory.history import Entry
from notifier.memory.rows import KEY_LIMIT_BYTES, Row, UnreadableRowError, row_id
from notifier.memory.words import duration
from notifier.model.incident import State
from notifier.model.sanitize import tidy
from proton_notifier.common.deployed_stack import DeployedStack, StackError, stop

SUGGESTIONS: Final = 5
# The parts of an ARN; the last one, the resource, may contain further colons.
ARN: Final = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)")

# The attributes of each row by its key.
Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """An open incident, as an object of the JSON output.

    *opened_at* is absent if unknown. *reminder_at* is the time of the next message without an event; it is now while a
    silence or quiet hours hold that message back.
    """

    resource: str
    id: str
    state: State
    title: str
    opened_at: datetime | None
    attempts: int
    recipients: tuple[str, ...]
    reminder_at: datetime | None

    @classmethod
    def of(cls, row: Row, now: float) -> Self:
        """Describe the open incident of *row*."""
        item, incident, summary = row.item, row.item.incident or NOTHING, row.item.summary
        state, resource = state_of(incident, summary), _readable(row.id)
        title = incident.notification.title if incident.notification else f"{resource} is {state}"
        opened_at = _time(incident.flapping_since or summary.failed_at or summary.opened_at)
        reminder_at = _time(item.due_at and max(item.due_at, now))
        return cls(resource, incident.id, state, title, opened_at, summary.attempts, incident.recipients, reminder_at)

    def text(self, now: float) -> str:
        """Describe the incident for a person."""
        lasted = f", for {duration(now - self.opened_at.timestamp())}" if self.opened_at else ""
        held = self.reminder_at == _time(now)
        reminder = "when nothing holds it back" if held else _stamp(self.reminder_at, "none")
        return (
            f"{self.title}\n"
            f"  {self.state} since {_stamp(self.opened_at, 'an unknown time')}{lasted}{_failures(self.attempts)}\n"
            f"  told: {_names(self.recipients)}; next reminder: {reminder}\n"
            f"  {self.resource}"
        )


def run(arguments: Namespace, stack: DeployedStack) -> int:
    """Run the task; return 2 if no resource or several resources match, or raise `StackError`."""
    now = time.time()
    pages = stack.client("dynamodb").get_paginator("scan").paginate(
        TableName=stack.physical_ids("Memory")["Memory"],
        FilterExpression="expires_at > :now",
        ExpressionAttributeValues={":now": {"N": str(now)}},
        ReturnConsumedCapacity="TOTAL",  # its proof (handlers.proofs)
    )  # fmt: skip
    rows = {attributes["id"]["S"]: attributes for page in pages for attributes in page["Items"]}
    return _list(rows, arguments.output, now) if arguments.task == "list" else _show(rows, arguments, now)


def _list(rows: Rows, output: str, now: float) -> int:
    """List the open incidents, the newest first; report unreadable rows at the end."""
    incidents: list[ListedIncident] = []
    errors = []
    for key, attributes in rows.items():
        try:
            row = _read(key, attributes)
        except StackError as error:
            errors.append(str(error))
        else:
            incidents += [ListedIncident.of(row, now)] if row.item.incident else []
    for incident in sorted(incidents, key=lambda each: (str(each.opened_at or ""), each.id), reverse=True):
        print(msgspec.json.encode(incident).decode() if output == "json" else incident.text(now))
    if errors:
        stop("\n  ".join(errors))
    if not incidents and output == "text":
        print("Nothing is failing.")
    return 0


def _show(rows: Rows, arguments: Namespace, now: float) -> int:
    resource = arguments.resource
    keys = [row_id(resource)] if row_id(resource) in rows else [key for key in rows if _may_name(resource, key)]
    # As in a title: a service and its instance.
    keys = keys or [key for key in rows if _parts(resource) <= _parts(key)]
    if len(keys) == 1:
        print(_history(_read(keys[0], rows[keys[0]]), now))
        return 0
    message = f"{len(keys)} resources match:" if keys else "no known resource matches"
    print(f"{arguments.stack}: {resource}: {message}", file=sys.stderr)
    for key in sorted(keys) or _similar_keys(resource, rows):
        print(f"  {_readable(key)}", file=sys.stderr)
    return 2


def _read(key: str, attributes: Mapping[str, Any]) -> Row:
    try:
        return Row.read(key, attributes)
    except UnreadableRowError as error:
        stop(f"the memory of {_readable(key)} is {error}; a later version may have written it: use its command")


def _may_name(text: str, key: str) -> bool:
    """Check whether *text* is a part of *key*, or an ARN with the same account, region and name."""
    arn = ARN.fullmatch(text)
    if not arn or ARN.match(key):
        return text in key
    parts = _parts(key)
    return {arn["region"], arn["account"]} <= parts and not parts.isdisjoint(_parts(arn["resource"]))


def _similar_keys(text: str, keys: Iterable[str]) -> list[str]:
    by_part = {part: key for key in keys for part in _parts(key)}
    similar = get_close_matches(re.split("[:/]", text)[-1], by_part, SUGGESTIONS)
    return sorted({by_part[part] for part in similar})


def _parts(text: str) -> set[str]:
    return {*re.split("[:/]", text)}


def _history(row: Row, now: float) -> str:
    """Describe the state of a resource and its last changes, the oldest first."""
    item, incident = row.item, row.item.incident
    lines = [ListedIncident.of(row, now).text(now) if incident else f"{_readable(row.id)}\n  {item.summary.condition}"]
    if incident and incident.reminders:
        lines.append(f"  reminded: {'once' if incident.reminders == 1 else f'{incident.reminders} times'}")
    cells = [_cells(entry) for entry in item.log]
    if before := _time(item.horizon.at):
        earlier = f"{item.base.condition}{_failures(item.base.attempts)}"
        cells.insert(0, (_stamp(before), "earlier changes", earlier, ""))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join([*lines, *("  ".join(map(str.ljust, each, widths)).rstrip() for each in cells)])


def _readable(key: str) -> str:
    return tidy(key, KEY_LIMIT_BYTES)


def _cells(entry: Entry) -> tuple[str, ...]:
    incident = entry.incident
    unspoken = "late or flapping, and nothing new" if entry.ignored else "as the routes say"
    turn = str(incident.turn) if incident else unspoken
    return (
        _stamp(_time(entry.at)),
        tidy(entry.status) or entry.kind.name.lower(),
        f"{turn}, held back" if entry.withheld else turn,
        f"to {_names(entry.recipients)}{_failures(incident.attempts if incident else 0)}",
    )


def _failures(attempts: int) -> str:
    return f", {attempts} failed attempts" if attempts > 1 else ""


def _names(recipients: tuple[str, ...]) -> str:
    return ", ".join(recipients) or "nobody"


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _stamp(at: datetime | None, unknown: str = "") -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else unknown
