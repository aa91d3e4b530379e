"""What both functions need from their environment, made at the first invocation and kept."""

import os
import time
from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from botocore.config import Config

from notifier.channels import channel_type
from notifier.channels.printed import PrintedChannel
from notifier.deliveries_queue import DeliveriesQueue, FailedDeliveries
from notifier.delivery import Channel
from notifier.ledger import Claims, Ledger, Unrecorded
from notifier.settings import DeliveryMode, Settings
from notifier.stored_secrets import StoredSecrets
from notifier.webhooks import Webhooks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

logger = Logger()
metrics = Metrics()

# No retries of its own: the queue's hold nothing up.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=7, retries={"mode": "standard", "total_max_attempts": 1})
# A secret may be read twice for a message.
SECRETS_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def settings() -> Settings:
    """Read the settings from the environment variables."""
    return Settings.from_env(os.environ)


class LiveClients:
    """What channels reach the outside with, made when it is first asked for."""

    @cached_property
    def secrets(self) -> StoredSecrets:
        """The stores of secrets."""
        return StoredSecrets(
            SecretsProvider(boto3_client=boto3.client("secretsmanager", config=SECRETS_CONFIG)),
            SSMProvider(boto3_client=boto3.client("ssm", config=SECRETS_CONFIG)),
        )

    @cached_property
    def sns(self) -> "SNSClient":
        """AWS's notification service."""
        return boto3.client("sns", config=CLIENT_CONFIG)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Kept connections to allowed hosts."""
        return Webhooks(settings().webhook_hosts)


@cache
def clients() -> LiveClients:
    """Keep what was made."""
    return LiveClients()


@cache
def channels() -> Mapping[str, Channel]:
    """Open the channels that the settings ask for, by type."""
    types = {name: channel_type(name) for name in sorted({place.channel for place in settings().destinations})}
    if settings().delivery_mode is DeliveryMode.PRINT:
        return {name: PrintedChannel(instead_of) for name, instead_of in types.items()}
    return {name: make(clients()) for name, make in types.items()}


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
