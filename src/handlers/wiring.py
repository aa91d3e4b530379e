"""What sends to each destination, and writes down that it did."""

import time
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final

from handlers.runtime import clients, settings
from notifier.channels import channel_type
from notifier.channels.base import Channel, Sender, missing_destination
from notifier.channels.deadlines import SEND_SECONDS, within
from notifier.channels.destination import Destination
from notifier.channels.http.client import Webhooks
from notifier.channels.secrets import StoredSecrets
from notifier.delivery.ledger import Ledger, LedgerProtocol, NullLedger
from notifier.delivery.queue import FailedDeliveries
from notifier.model.notification import Notification
from notifier.settings import DeliveryMode

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

# Destinations that are served in parallel share what they send through.
ONE_AT_A_TIME: Final = Lock()


class LiveClients:
    """What channels reach the outside with; nothing is opened before it is used."""

    def __init__(self) -> None:
        self.secrets = StoredSecrets(clients(), time.monotonic)
        self.webhooks = Webhooks(settings().webhook_hosts, settings().webhook_proxy)

    @property
    def sns(self) -> "SNSClient":
        """AWS's notification service."""
        return clients().sns

    def sns_in(self, region: str) -> "SNSClient":
        """AWS's notification service in *region*."""
        return clients().sns_in(region)


def sender(name: str) -> Sender:
    """Find what sends to the destination *name*, in the newest routes if need be."""
    own = next((place for place in settings().destinations if place.name == name), None)
    return _through(own) if own else _declared(name)


@cache
def failed_deliveries(url: str) -> FailedDeliveries:
    """Open the dead-letter queue at *url*."""
    return FailedDeliveries(clients().sqs, url)


def ledger(owner: str) -> LedgerProtocol:
    """Open the ledger for the invocation *owner*."""
    table = settings().ledger_table
    return Ledger(clients().dynamodb, table, owner, time.time) if table else NullLedger()


def _declared(name: str) -> Sender:
    """Find what sends to a destination that only a document can declare."""
    # No document can change the stack's own destinations, so who has no others needs none of this.
    from handlers.routes import live_routes  # noqa: PLC0415

    live = live_routes()
    destination = live.destination(name)
    if destination is None and not live.error:
        # The other function may know a newer document.
        live = live_routes(fresh=True)
        destination = live.destination(name)
    return _through(destination) if destination else missing_destination(name, live.error)


def _through(destination: Destination) -> Sender:
    with ONE_AT_A_TIME:
        channel = _channel(destination.channel)

    def send(notifications: tuple[Notification, ...]) -> str | None:
        with within(SEND_SECONDS):
            return channel.send(notifications, destination=destination)

    return Sender(
        send,
        channel.max_batch,
        lambda notifications: channel_type(destination.channel).message(notifications, destination),
    )


@cache
def _channel(name: str) -> Channel:
    """Open the channel of the type *name*."""
    opened = channel_type(name)
    if settings().delivery_mode is DeliveryMode.PRINT:
        # Only who tries the functions out needs it.
        from notifier.channels.printed import PrintedChannel  # noqa: PLC0415

        return PrintedChannel(opened)
    return opened(_outside())


@cache
def _outside() -> LiveClients:
    """Keep what was made."""
    return LiveClients()
