"""What the tests of both functions need."""

import json
from collections.abc import Iterator, Mapping

from proton_notifier.localaws.function import LocalFunction

VARIABLES = {
    "ACCOUNT_NAMES": "123456789012=production",
    "ALERT_SCOPE": "problems",
    "ALERT_TOPIC_ARN": "the email topic",
    "DELIVERIES_QUEUE_URL": "",
    "DELIVERY_MODE": "print",
    "HEARTBEAT": "off",
    "POWERTOOLS_METRICS_NAMESPACE": "Notifier/shop",
    "POWERTOOLS_SERVICE_NAME": "events",
    "SLACK_SECRET_NAME": "the Slack webhook",
    "WEBHOOK_HOSTS": "",
    "WEBHOOK_PROXY": "",
}


def log_lines(started: LocalFunction) -> Iterator[Mapping[str, object]]:
    """Read what the function logged."""
    for line in started.log.getvalue().splitlines():
        if line.startswith('{"level"'):
            yield json.loads(line)
