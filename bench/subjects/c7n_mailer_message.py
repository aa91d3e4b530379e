"""c7n-mailer, which gets a violation in its own message format as if from its queue."""

import base64
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.subjects.peers import body, redirect, title

WEBHOOK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
# c7n-mailer writes several lines into one JSON string for an unknown type of resource, but only the name for a bucket.
RESOURCE = "s3"


def start(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import c7n-mailer and boto3; then create the session and the processor."""
    import boto3
    import c7n_mailer
    from c7n_mailer.sqs_queue_processor import MailerSqsQueueProcessor

    yield None
    redirect(settings["endpoint"])
    configuration = {
        "queue_url": settings["endpoint"] + "/123456789012/mailer",
        "region": "eu-west-1",
        "contact_tags": [],
        "templates_folders": [str(Path(c7n_mailer.__file__).parent / "msg-templates")],
    }
    processor = MailerSqsQueueProcessor(configuration, boto3.Session(), logging.getLogger("mailer"))
    yield lambda event: processor.process_sqs_message(_message(event, settings["topic"]))


def _message(event: dict[str, Any], topic: str) -> dict[str, Any]:
    message = {
        "account": event["account"],
        "account_id": event["account"],
        "region": event["region"],
        "event": event,
        "policy": {"name": "proton", "resource": RESOURCE},
        "resources": [{"Name": event["detail"]["name"]}],
        "action": {"to": [WEBHOOK, topic], "violation_desc": title(event), "action_desc": body(event)},
    }
    return {
        "MessageId": event["id"],
        "Attributes": {"SentTimestamp": "0"},
        "Body": base64.b64encode(zlib.compress(json.dumps(message).encode())).decode(),
    }
