"""The mode `print`: messages go to standard output, and nothing goes to AWS."""

from collections.abc import Callable, Mapping, Sequence

from notifier.channels.base import Channel, Sender
from notifier.channels.printed import PrintedChannel
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import ClaimResult, DeliveryState
from notifier.delivery.outcomes import DeadLettered, Deferred


class PrintingQueue:
    """Prints deliveries instead of queuing them; *sender* returns the sender to a destination."""

    def __init__(self, sender: Callable[[str], Sender]) -> None:
        self._sender = sender

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Print each of *deliveries* that is not silent."""
        for delivery in [delivery for delivery in deliveries if not delivery.silent]:
            self._sender(delivery.destination).send((delivery.notification,))

    def defer(self, _delays: Mapping[str, int], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""

    def delete(self, _handles: Sequence[str], _may_continue: Callable[[], bool]) -> None:
        """Do nothing: no message waits."""


class NullLedger:
    """Grants every claim and remembers nothing."""

    def claim(self, _delivery_id: str) -> ClaimResult:
        """Grant the claim."""
        return ClaimResult(DeliveryState.CLAIMED)

    def mark_sent(self, *_delivery_ids: str) -> None:
        """Do nothing."""

    def release(self, _delivery_id: str) -> None:
        """Do nothing."""


class PrintingWiring:
    """The wiring of the function that delivers, without AWS."""

    def ledger(self, _owner: str) -> NullLedger:
        """Make a ledger that grants every claim."""
        return NullLedger()

    def dead_letter(self, _body: str, _attempts: int, outcome: DeadLettered) -> Deferred:
        """Defer the delivery, so that the response reports it as failed."""
        return Deferred(0, outcome.why, outcome.reason)

    def channel(self, channel_type: type[Channel]) -> PrintedChannel:
        """Make a channel that prints its messages."""
        return PrintedChannel(channel_type)
