"""The queue between the two functions."""

from functools import cache
from typing import TYPE_CHECKING

from handlers.runtime import clients, resources, settings
from notifier.delivery.queue import DeliveriesQueue
from notifier.settings import DeliveryMode

if TYPE_CHECKING:
    from notifier.delivery.printing import PrintingQueue


@cache
def deliveries_queue() -> "DeliveriesQueue | PrintingQueue":
    """Make the queue of deliveries, or its stand-in in the mode `print`."""
    if settings().delivery_mode is DeliveryMode.PRINT:
        # Imported here, as only `sam local invoke` needs them.
        from handlers.wiring import sender  # noqa: PLC0415
        from notifier.delivery.printing import PrintingQueue  # noqa: PLC0415

        return PrintingQueue(sender)
    return DeliveriesQueue(clients().client("sqs"), resources().deliveries_queue_url)
