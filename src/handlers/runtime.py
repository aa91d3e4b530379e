"""What both functions need from their environment, made at the first invocation and kept."""

import logging
import os
from functools import cache

from aws_lambda_powertools import Logger, Metrics

from handlers.aws import AwsClients
from notifier.delivery.queue import DeliveriesQueue
from notifier.settings import Settings

logger = Logger()
metrics = Metrics()
# urllib3 warns with whole addresses, and a webhook's is the secret; at DEBUG, botocore shows what is in a secret.
for library in ("botocore", "urllib3"):
    logging.getLogger(library).setLevel(logging.ERROR)


@cache
def settings() -> Settings:
    """Read the settings from the environment variables."""
    return Settings.from_env(os.environ)


@cache
def clients() -> AwsClients:
    """Keep AWS's clients."""
    return AwsClients()


@cache
def deliveries_queue(url: str) -> DeliveriesQueue:
    """Open the queue at *url*."""
    return DeliveriesQueue(clients().sqs, url)
