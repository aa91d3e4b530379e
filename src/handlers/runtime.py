"""What both functions need from their environment, made at the first invocation and kept."""

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config
from urllib3 import PoolManager

from notifier.channels import slack, sns
from notifier.channels.printed import PrintedChannel
from notifier.deliveries_queue import DeliveriesQueue, FailedDeliveries
from notifier.delivery import Channel
from notifier.ledger import Claims, Ledger, Unrecorded
from notifier.settings import DeliveryMode, Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
            "slack": PrintedChannel(lambda told: json.dumps(slack.message(told), indent=2, ensure_ascii=False)),
            "sns": PrintedChannel(lambda told: "Subject: {Subject}\n\n{Message}".format(**sns.message(told))),
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


@cache
def failed_deliveries(url: str) -> FailedDeliveries:
    """Open the dead-letter queue at *url*."""
    return FailedDeliveries(boto3.client("sqs", config=CLIENT_CONFIG), url)


@cache
def ledger_client() -> "DynamoDBClient":
    """Open the database of the ledger."""
    return boto3.client("dynamodb", config=CLIENT_CONFIG)


def ledger(owner: str) -> Claims:
    """Open the ledger for the invocation *owner*."""
    table = settings().ledger_table
    return Ledger(ledger_client(), table, owner, time.time) if table else Unrecorded()
