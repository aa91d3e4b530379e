"""The ledger, the dead-letter queue and the senders of the function that delivers."""

import os
import time
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from handlers.runtime import clients, settings
from notifier.channels import channel_type
from notifier.channels.base import Channel, Clients, Sender, ThreadedChannel, missing_destination
from notifier.channels.destination import Destination
from notifier.channels.http.client import HttpClient
from notifier.channels.secrets import StoredSecrets
from notifier.delivery.backoff import backoff_seconds
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.delivery.queue import put_dead_letter
from notifier.settings import DeliveryMode, DeliveryResources

if TYPE_CHECKING:
    from notifier.delivery.printing import PrintingChannel, PrintingWiring

# Destinations that are served in parallel share their channels.
LOCK: Final = Lock()


class Wiring:
    """The wiring of a deployed stack: its ledger, its dead-letter queue, its channels."""

    def __init__(self, resources: DeliveryResources) -> None:
        self._resources = resources
        # No client connects before its first use.
        self._channel_clients = Clients(
            HttpClient(settings().webhook_hosts, settings().webhook_proxy),
            StoredSecrets(clients().client, time.monotonic),
            partial(clients().client, "sns"),
        )

    def ledger(self, owner: str) -> ConversationLedger:
        """Make the ledger of the invocation *owner*."""
        return ConversationLedger(clients().client("dynamodb"), self._resources.ledger_table, owner, time.time)

    def dead_letter(self, body: str, attempts: int, outcome: DeadLettered) -> Outcome:
        """Move a delivery to the dead-letter queue, or defer it if that fails."""
        try:
            queue = self._resources.failed_deliveries_url
            put_dead_letter(clients().client("sqs"), queue, body, outcome.reason, outcome.why)
        except (BotoCoreError, ClientError) as error:
            return dead_letter_failed(attempts, outcome, str(error))
        return outcome

    def channel(self, kind: type[Channel]) -> Channel:
        """Make a channel."""
        return kind(self._channel_clients)


@cache
def wiring() -> "Wiring | PrintingWiring":
    """Make the wiring of the delivery mode."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        # Imported here, as only `sam local invoke` needs it.
        from notifier.delivery.printing import PrintingWiring  # noqa: PLC0415

        return PrintingWiring()
    return Wiring(DeliveryResources.from_env(os.environ))


def dead_letter_failed(attempts: int, outcome: DeadLettered, error: str) -> Deferred:
    """Defer a delivery that the dead-letter queue did not take."""
    return Deferred(
        backoff_seconds(attempts, 1), f"{outcome.why}; not moved to the dead-letter queue: {error}", outcome.reason
    )


def sender(name: str) -> Sender:
    """Make the sender to the destination *name*, which the stack or a routes document declares."""
    configured = next((destination for destination in settings().destinations if destination.name == name), None)
    return _sender(configured) if configured else _declared(name)


def _declared(name: str) -> Sender:
    """Make the sender to a destination that only a routes document can declare."""
    # Imported here, as a stack without a routes document has no such destinations.
    from handlers.routes import live_routes  # noqa: PLC0415

    live = live_routes()
    destination = live.destination(name)
    if destination is None and not live.error:
        # The other function may have read a newer document.
        live = live_routes(fresh=True)
        destination = live.destination(name)
    return _sender(destination) if destination else missing_destination(name, live.error)


def _sender(destination: Destination) -> Sender:
    with LOCK:
        channel = _channel(destination.channel)
    return Sender(
        lambda notifications: channel.send(notifications, destination),
        channel.max_batch,
        lambda notifications: channel_type(destination.channel).message(notifications, destination),
        channel.threads(destination) if isinstance(channel, ThreadedChannel) else None,
        ordered=channel.ordered,
    )


@cache
def _channel(name: str) -> "Channel | PrintingChannel":
    return wiring().channel(channel_type(name))
