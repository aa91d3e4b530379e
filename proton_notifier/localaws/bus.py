"""moto's event bus, with a target that hands events to a function."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import boto3
from jsonpath_ng.ext.parser import parse
from moto.events.models import events_backends

from notifier.delivery.parallel_calls import chunks
from proton_notifier.common.rules import matches
from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.queue import local_queue
from proton_notifier.localaws.stack import ACCOUNT

# The limit of EventBridge and of SQS for the entries of one call.
BATCH_LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event to put on the bus, which adds an id, an account, a region and a time."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: Sequence[str] = ()


class LocalBus:
    """The default bus; a queue replaces the targets of its rules, because moto delivers events to queues only."""

    def __init__(self) -> None:
        self._client = boto3.client("events")
        self._matched = local_queue(boto3.client("sqs").create_queue(QueueName="matched")["QueueUrl"])
        self._patterns = []
        for rule in events_backends[ACCOUNT][REGION].event_buses["default"].rules.values():
            rule.targets.clear()
            # In moto, a schedule would match every event.
            if pattern := rule.event_pattern.dump():
                rule.put_targets([{"Id": "matched", "Arn": self._matched.queue_arn}])
                self._patterns.append(pattern)

    def put(self, *events: BusEvent) -> list[dict[str, Any]]:
        """Put *events* on the bus; return those that a rule matches, in the form that the function gets."""
        for batch in chunks(events, BATCH_LIMIT):
            self._client.put_events(
                Entries=[
                    {
                        "Source": event.source,
                        "DetailType": event.detail_type,
                        "Detail": json.dumps(event.detail),
                        "Resources": list(event.resources),
                    }
                    for event in batch
                ]
            )
        # moto leaves out the account.
        return [{**json.loads(body), "account": ACCOUNT} for body in self._matched.take()]

    def matches(self, event: Any) -> bool:  # noqa: ANN401 - as moto's
        """Tell if a rule matches *event*, which has the form that the function gets."""
        return any(matches(pattern, event) for pattern in self._patterns)


@contextmanager
def cached_paths() -> Iterator[None]:
    """Let moto parse each JSON path once, and not once an event."""
    with patch("jsonpath_ng.ext.parse", cache(parse)):
        yield
