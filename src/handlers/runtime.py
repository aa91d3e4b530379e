"""What both functions need from their environment, made at the first invocation and kept."""

import json
import os
from collections.abc import Mapping
from functools import cache

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config
from urllib3 import PoolManager

from notifier.channels import slack, sns
from notifier.channels.printed import PrintedChannel
from notifier.deliveries_queue import DeliveriesQueue
from notifier.delivery import Channel
from notifier.settings import DeliveryMode, Settings

logger = Logger()
metrics = Metrics()

# No retries of its own: the queue's hold nothing up.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=7, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def settings() -> Settings:
    """Read the settings from the environment variables."""
    return Settings.from_env(os.environ)


@cache
def channels() -> Mapping[str, Channel]:
    """Open the channels that the settings ask for, by type."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        return {
            "slack": PrintedChannel(lambda message: json.dumps(slack.render(message), indent=2, ensure_ascii=False)),
            "sns": PrintedChannel(lambda message: "Subject: {Subject}\n\n{Message}".format(**sns.render(message))),
        }
    return {
        "slack": slack.SlackChannel(
            PoolManager(),
            SecretsProvider(boto3_client=boto3.client("secretsmanager", config=CLIENT_CONFIG)),
            settings().extra_webhook_hosts,
        ),
        "sns": sns.SnsChannel(boto3.client("sns", config=CLIENT_CONFIG)),
    }


@cache
def deliveries_queue(url: str) -> DeliveriesQueue:
    """Open the queue at *url*."""
    return DeliveriesQueue(boto3.client("sqs", config=CLIENT_CONFIG), url)
