"""`notifier incidents`: list what is failing, and show what happened to a resource and who was told of it."""

import re
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from notifier.memory.rows import Row, UnreadableRowError, row_id
from proton_notifier.common.deployed_stack import DeployedStack, StackError, stop
from proton_notifier.incidents.output import ListedIncident, history, readable

SUGGESTIONS: Final = 5
# An ARN has so many parts before its resource.
ARN: Final = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)")

# The attributes of each row by its key.
Rows = Mapping[str, Mapping[str, Any]]


def run(arguments: Namespace, stack: DeployedStack) -> int:
    """Run the task; return 2 if it is unknown which resource a person means, or raise `StackError`."""
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
    """List the open incidents, the newest first; an unreadable row hides no other."""
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
    """Show the last changes of the resource."""
    resource = arguments.resource
    keys = [row_id(resource)] if row_id(resource) in rows else [key for key in rows if _may_name(resource, key)]
    if len(keys) == 1:
        print(history(_read(keys[0], rows[keys[0]]), now))
        return 0
    message = f"{len(keys)} resources may be meant:" if keys else "nothing is known of it"
    print(f"{arguments.stack}: {resource}: {message}", file=sys.stderr)
    for key in sorted(keys) or _similar_keys(resource, rows):
        print(f"  {readable(key)}", file=sys.stderr)
    return 2


def _read(key: str, attributes: Mapping[str, Any]) -> Row:
    try:
        return Row.read(key, attributes)
    except UnreadableRowError as error:
        stop(f"the memory of {readable(key)} is {error}; a later version may have written it: use its command")


def _may_name(text: str, key: str) -> bool:
    """Tell if *text* is a part of *key*, or an ARN with the account, the region and a name of it."""
    arn = ARN.fullmatch(text)
    if not arn or ARN.match(key):
        return text in key
    parts = _parts(key)
    return {arn["region"], arn["account"]} <= parts and not parts.isdisjoint(_parts(arn["resource"]))


def _similar_keys(text: str, keys: Iterable[str]) -> list[str]:
    """Find *keys* with a part that is similar to the last one of *text*."""
    by_part = {part: key for key in keys for part in _parts(key)}
    similar = get_close_matches(re.split("[:/]", text)[-1], by_part, SUGGESTIONS)
    return sorted({by_part[part] for part in similar})


def _parts(text: str) -> set[str]:
    return {*re.split("[:/]", text)}
