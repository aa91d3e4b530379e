"""apprise and c7n-mailer, each with one Slack webhook and one SNS topic; neither of them can read Proton's events."""

import base64
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WEBHOOK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"


def start_apprise(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import apprise, then add the two destinations."""
    from apprise import Apprise

    yield None
    _redirect(settings["endpoint"])
    destinations = Apprise()
    destinations.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/")
    destinations.add("sns://AKIDEXAMPLE/secret/eu-west-1/alerts")
    yield lambda event: str(destinations.notify(**_texts(event)).status.name)


def start_c7n_mailer(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import c7n-mailer and boto3, then create the session and the processor."""
    import boto3
    import c7n_mailer
    from c7n_mailer.sqs_queue_processor import MailerSqsQueueProcessor

    yield None
    _redirect(settings["endpoint"])
    configuration = {
        "queue_url": settings["endpoint"] + "/123456789012/mailer",
        "region": "eu-west-1",
        "contact_tags": [],
        "templates_folders": [str(Path(c7n_mailer.__file__).parent / "msg-templates")],
    }
    processor = MailerSqsQueueProcessor(configuration, boto3.Session(), logging.getLogger("mailer"))
    yield lambda event: processor.process_sqs_message(_c7n_message(event, settings["topic"]))


def _redirect(endpoint: str) -> None:
    """Let `requests` connect to *endpoint*: the vendors' hosts are constants in the peers' code."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def redirected(adapter: HTTPAdapter, request: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - theirs
        request.url = endpoint + urlsplit(request.url).path
        return send(adapter, request, *arguments, **named)

    HTTPAdapter.send = redirected  # type: ignore[assignment, method-assign] # replaced on purpose


def _texts(event: dict[str, Any]) -> dict[str, str]:
    body = (
        f"{event['detail-type']}: {event['detail']['name']} was {event['detail']['previousStatus']} and is "
        f"{event['detail']['status']} in {event['account']}, {event['region']}, since {event['time']}: "
        f"{event['resources'][0]} (event {event['id']})"
    )
    return {"title": f"{event['detail']['name']} is {event['detail']['status']}", "body": body}


def _c7n_message(event: dict[str, Any], topic: str) -> dict[str, Any]:
    """Write a violation in the format of c7n-mailer's queue."""
    texts = _texts(event)
    message = {
        "account": event["account"],
        "account_id": event["account"],
        "region": event["region"],
        "event": event,
        # For a bucket, c7n-mailer writes the name; for an unknown resource type, several lines in one JSON string.
        "policy": {"name": "proton", "resource": "s3"},
        "resources": [{"Name": event["detail"]["name"]}],
        "action": {"to": [WEBHOOK, topic], "violation_desc": texts["title"], "action_desc": texts["body"]},
    }
    return {
        "MessageId": event["id"],
        "Attributes": {"SentTimestamp": "0"},
        "Body": base64.b64encode(zlib.compress(json.dumps(message).encode())).decode(),
    }
