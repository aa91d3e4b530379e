"""moto's event bus, on its way to a function."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import boto3
from jsonpath_ng.ext.parser import parse

from proton_notifier.localaws.queue import local_queue
from proton_notifier.localaws.stack import ACCOUNT

# Neither EventBridge nor SQS takes more at once.
BATCH_LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class BusEvent:
    """What is put on the bus, which gives it an id, an account, a region and a time."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: Sequence[str] = ()


class LocalBus:
    """The default bus, with a queue in place of the target of *rule*: moto's hands events to queues only."""

    def __init__(self, rule: str) -> None:
        self._client = boto3.client("events")
        self._matched = local_queue(boto3.client("sqs").create_queue(QueueName="matched")["QueueUrl"])
        targets = self._client.list_targets_by_rule(Rule=rule)["Targets"]
        self._client.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
        self._client.put_targets(Rule=rule, Targets=[{"Id": "matched", "Arn": self._matched.queue_arn}])

    def put(self, *events: BusEvent) -> list[dict[str, Any]]:
        """Put *events* on the bus; return those that the rule matches, as the function gets them."""
        for start in range(0, len(events), BATCH_LIMIT):
            self._client.put_events(
                Entries=[
                    {
                        "Source": event.source,
                        "DetailType": event.detail_type,
                        "Detail": json.dumps(event.detail),
                        "Resources": list(event.resources),
                    }
                    for event in events[start : start + BATCH_LIMIT]
                ]
            )
        # moto leaves out the account.
        return [{**json.loads(body), "account": ACCOUNT} for body in self._matched.take()]


@contextmanager
def parsed_once() -> Iterator[None]:
    """Have moto parse once, and not for each event, where in it the target finds what."""
    with patch("jsonpath_ng.ext.parse", cache(parse)):
        yield
