"""Settings, clients and the queue of both functions, made at the first invocation and kept."""

import logging
import os
import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools import Logger, Metrics

from handlers.aws import AwsClients
from notifier.delivery.delivery import DeliveriesQueue
from notifier.settings import DeliveryMode, Resources, Settings

if TYPE_CHECKING:
    from notifier.delivery.printing import PrintingQueue
    from notifier.lookups import Lookups

# Powertools' own JSON encoder takes half of the time of a log line, and would look for JSON in each message.
logger = Logger(json_serializer=lambda line: msgspec.json.encode(line, enc_hook=str).decode(), json_deserializer=str)
metrics = Metrics()
# urllib3's warnings contain URLs, and a webhook's URL is a secret; botocore's debug log contains secrets.
for library in ("botocore", "urllib3"):
    logging.getLogger(library).setLevel(logging.ERROR)


@cache
def settings() -> Settings:
    """Read the settings from the environment variables."""
    return Settings.from_env(os.environ)


@cache
def resources() -> Resources:
    """Read the names of the stack's resources from the environment variables."""
    return Resources.from_env(os.environ)


@cache
def clients() -> AwsClients:
    """Make the clients of AWS."""
    return AwsClients()


@cache
def deliveries_queue() -> "DeliveriesQueue | PrintingQueue":
    """Make the deliveries queue; in the mode `print`, one that prints."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        # Imported here, as only `sam local invoke` needs them.
        from handlers.wiring import channel_to  # noqa: PLC0415
        from notifier.delivery.printing import PrintingQueue  # noqa: PLC0415

        return PrintingQueue(channel_to)
    return DeliveriesQueue(clients().client("sqs"), resources().deliveries_queue_url)


@cache
def lookups(account: str, _purpose: str) -> "Lookups":
    """Make the lookups in *account*; those for one purpose pause independently of those for another."""
    # Imported here, as only failures and reminders need them.
    from notifier.lookups import Lookups  # noqa: PLC0415

    return Lookups(clients().reader, account, time.monotonic)
