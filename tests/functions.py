"""Fixtures for the tests of both functions."""

import json
from collections.abc import Iterator, Mapping

import boto3

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.function import LocalFunction
from tests.ledger_table import TABLE, ledger_table

VARIABLES = {
    "ACCOUNT_NAMES": "123456789012=production",
    "ALERT_SCOPE": "problems",
    "ALERT_TOPIC_ARN": "the email topic",
    "DELIVERY_MODE": "print",
    "HEARTBEAT": "off",
    "POWERTOOLS_METRICS_NAMESPACE": "Notifier/shop",
    "POWERTOOLS_SERVICE_NAME": "events",
    "SLACK_SECRET_NAME": "the Slack webhook",
    "WEBHOOK_HOSTS": "",
    "WEBHOOK_PROXY": "",
}


def deploy() -> dict[str, str]:
    """Make the stack's queues and table in moto; return the variables by which a function sends through them."""
    sqs = boto3.client("sqs", region_name=REGION)
    ledger_table()
    return {
        "DELIVERIES_QUEUE_URL": sqs.create_queue(QueueName="deliveries")["QueueUrl"],
        "DELIVERY_MODE": "send",
        "FAILED_DELIVERIES_URL": sqs.create_queue(QueueName="failed")["QueueUrl"],
        "LEDGER_TABLE": TABLE,
        "ROUTES_PARAMETER": "/stack/routes",
        "SECRET_PREFIX": "stack",
    }


def log_lines(started: LocalFunction) -> Iterator[Mapping[str, object]]:
    """Read what the function logged."""
    for line in started.log.getvalue().splitlines():
        if line.startswith('{"level"'):
            yield json.loads(line)
