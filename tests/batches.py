"""The sample batches for the delivery function, made from the sample events.

`make batches` writes them anew after a change of wording or of the delivery's format.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from notifier.delivery.delivery import Delivery
from tests.samples import EVENTS, event, notification

BATCHES: Final = EVENTS / "deliveries"
DELIVERIES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "one-email": (("environment-account-connection-waits-to-be-accepted", "email"),),
    "several-events": (
        ("service-update-failed", "email"),
        ("service-update-failed", "slack"),
        ("service-pipeline-deployment-failed", "email"),
        ("service-pipeline-deployment-failed", "slack"),
        ("component-deployment-failed", "email"),
        ("component-deployment-failed", "slack"),
        ("environment-recovered", "email"),
        ("environment-recovered", "slack"),
    ),
    "two-destinations": (
        ("service-instance-deployment-failed", "email"),
        ("service-instance-deployment-failed", "slack"),
    ),
}


def batch(name: str) -> str:
    """Write the batch *name* as SQS would hand it to Lambda."""
    records = [_record(number, *delivery) for number, delivery in enumerate(DELIVERIES[name])]
    return json.dumps({"Records": records}, indent=2) + "\n"


def _record(number: int, event_name: str, destination: str) -> dict[str, object]:
    delivery = Delivery(notification=notification(event(event_name)), destination=destination)
    body = delivery.to_json()
    return {
        "messageId": str(uuid5(NAMESPACE_OID, f"{event_name}/{destination}")),
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {
            "ApproximateFirstReceiveTimestamp": "1772506721050",
            "ApproximateReceiveCount": "1",
            "SenderId": "AROAEXAMPLE:proton",
            "SentTimestamp": "1772506721000",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:proton-notifier-Deliveries",
        "awsRegion": "eu-west-1",
    }


def write() -> None:
    """Write every batch to its file."""
    for name in DELIVERIES:
        Path(BATCHES / f"{name}.json").write_text(batch(name), encoding="utf-8")


if __name__ == "__main__":
    write()
