"""Events on the bus of the local cloud, and deliveries in its queue."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from moto.events.models import events_backends

from proton_notifier.localaws.cloud import EventsResponse, LocalCloud
from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.queue import local_queue
from proton_notifier.localaws.stack import ACCOUNT
from tests.local_cloud import take


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event to put on the bus, which adds an id, an account, a region and a time."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: Sequence[str] = ()


def put_event(cloud: LocalCloud, event: BusEvent) -> list[EventsResponse]:
    """Put *event* on moto's bus; invoke the first function if a rule matches.

    A queue replaces the targets of the rules, because moto delivers events to queues only.
    """
    matched = local_queue(boto3.client("sqs").create_queue(QueueName="matched")["QueueUrl"])
    for rule in events_backends[ACCOUNT][REGION].event_buses["default"].rules.values():
        rule.targets.clear()
        # In moto, a schedule would match every event.
        if rule.event_pattern.dump():
            rule.put_targets([{"Id": "matched", "Arn": matched.queue_arn}])
    boto3.client("events").put_events(
        Entries=[
            {
                "Source": event.source,
                "DetailType": event.detail_type,
                "Detail": json.dumps(event.detail),
                "Resources": list(event.resources),
            }
        ]
    )
    # moto leaves out the account.
    return cloud.invoke_events_function(*({**json.loads(body), "account": ACCOUNT} for body in take(matched)))


def enqueue(cloud: LocalCloud, *bodies: str) -> None:
    """Put deliveries into the queue as the first function does."""
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=cloud.physical_id("Deliveries"), MessageBody=body)
