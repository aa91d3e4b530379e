"""What both functions need from their environment, made at the first invocation and kept."""

import logging
import os
import time
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from botocore.config import Config

from notifier.channels import channel_type
from notifier.channels.printed import PrintedChannel
from notifier.deliveries_queue import DeliveriesQueue, FailedDeliveries
from notifier.delivery import Channel, Sender, nowhere
from notifier.ledger import Claims, Ledger, Unrecorded
from notifier.live_routes import LiveRoutes, RoutesParameter
from notifier.routes.decisions import defaults
from notifier.routes.document import Document
from notifier.routes.reading import read
from notifier.scope import SEVERITIES
from notifier.settings import DeliveryMode, Settings
from notifier.stored_secrets import StoredSecrets
from notifier.texts import fault
from notifier.webhooks import Webhooks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

logger = Logger()
metrics = Metrics()
# urllib3 warns with whole addresses, and a webhook's is the secret; at DEBUG, botocore shows what is in a secret.
for library in ("botocore", "urllib3"):
    logging.getLogger(library).setLevel(logging.ERROR)

# No retries of its own: the queue's hold nothing up.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=7, retries={"mode": "standard", "total_max_attempts": 1})
# A secret may be read twice for a message.
SECRETS_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def settings() -> Settings:
    """Read the settings from the environment variables."""
    return Settings.from_env(os.environ)


class LiveClients:
    """What reaches the outside, made when it is first asked for."""

    @cached_property
    def parameters(self) -> SSMProvider:
        """Parameter Store."""
        return SSMProvider(boto3_client=boto3.client("ssm", config=SECRETS_CONFIG))

    @cached_property
    def secrets(self) -> StoredSecrets:
        """The stores of secrets."""
        return StoredSecrets(
            SecretsProvider(boto3_client=boto3.client("secretsmanager", config=SECRETS_CONFIG)),
            self.parameters,
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
def channel(name: str) -> Channel:
    """Open the channel of the type *name*."""
    opened = channel_type(name)
    if settings().delivery_mode is DeliveryMode.PRINT:
        return PrintedChannel(opened)
    return opened(clients())


def sender(name: str) -> Sender:
    """Find what sends to the destination *name*, in the newest routes if need be."""
    live = live_routes()
    destination = live.destination(name)
    if destination is None and not live.trouble:
        # The other function may know a newer document.
        live = live_routes(fresh=True)
        destination = live.destination(name)
    if destination is None:
        return nowhere(name, live.trouble)
    through = channel(destination.channel)
    return Sender(partial(through.send, destination=destination), through.at_once)


def live_routes(*, fresh: bool = False) -> LiveRoutes:
    """Tell which routes apply."""
    return routes_parameter().live(fresh=fresh) if settings().routes_parameter else LiveRoutes(default_routes())


@cache
def default_routes() -> Document:
    """Make the routes that the template's parameters describe."""
    stack = settings()
    return defaults(stack.destinations, stack.account_names, SEVERITIES[stack.scope])


@cache
def routes_parameter() -> RoutesParameter:
    """Open the parameter that may hold a document."""
    stack = settings()
    own = default_routes()
    return RoutesParameter(
        clients().parameters,
        str(stack.routes_parameter),
        own,
        lambda text: read(text, own, stack.secret_prefix, fault),
        time.monotonic,
    )


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
