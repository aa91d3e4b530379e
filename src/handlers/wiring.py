"""The ledger, the dead-letter queue and the channels of the delivery function."""

import os
import time
from functools import cache, partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from handlers.runtime import clients, settings
from notifier.channels import channel_type
from notifier.channels.base import Channel, Clients, MissingDestination
from notifier.channels.destination import Destination
from notifier.channels.http.client import HttpClient
from notifier.channels.secrets import StoredSecrets
from notifier.delivery.attempts import backoff_seconds
from notifier.delivery.delivery import put_dead_letter
from notifier.delivery.ledger import Ledger
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.settings import DeliveryMode, DeliveryResources

if TYPE_CHECKING:
    from notifier.delivery.printing import PrintingWiring


class Wiring:
    """The wiring of a deployed stack."""

    def __init__(self, resources: DeliveryResources) -> None:
        self._resources = resources
        # No client connects before its first use.
        self._channel_clients = Clients(
            HttpClient(settings().webhook_hosts, settings().webhook_proxy),
            StoredSecrets(clients().client, time.monotonic),
            partial(clients().client, "sns"),
        )

    def ledger(self, owner: str) -> Ledger:
        """Make the ledger of the invocation *owner*."""
        return Ledger(clients().client("dynamodb"), self._resources.ledger_table, owner, time.time)

    def dead_letter(self, body: str, attempts: int, outcome: DeadLettered) -> Outcome:
        """Move a delivery to the dead-letter queue, or defer it if that fails."""
        try:
            queue = self._resources.failed_deliveries_url
            put_dead_letter(clients().client("sqs"), queue, body, outcome.reason, outcome.why)
        except (BotoCoreError, ClientError) as error:
            return dead_letter_failed(attempts, outcome, str(error))
        return outcome

    def channel(self, channel_class: type[Channel], destination: Destination) -> Channel:
        """Make a channel."""
        return channel_class(self._channel_clients, destination)


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


def channel_to(name: str) -> Channel:
    """Open the channel to the destination *name*, which the stack or a routes document declares."""
    configured = next((destination for destination in settings().destinations if destination.name == name), None)
    destination = configured or _declared(name)
    if isinstance(destination, Destination):
        return wiring().channel(channel_type(destination.channel), destination)
    return MissingDestination(name, destination)


def _declared(name: str) -> Destination | str:
    """Find a destination that only a routes document can declare; return the document's error if there is none."""
    # Imported here, as a stack without a routes document has no such destinations.
    from handlers.routes import live_routes  # noqa: PLC0415

    live = live_routes()
    if live.destination(name) is None and not live.error:
        # The events function may have read a newer document.
        live = live_routes(fresh=True)
    return live.destination(name) or live.error
