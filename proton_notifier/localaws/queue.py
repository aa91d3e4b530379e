"""moto's SQS queue, in time that does not grow with the square of its messages.

moto counts all of a queue's messages for each that comes in, and looks through all of them for a receipt handle.
What it does is otherwise its own: visibility, redrive, attributes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.stack import ACCOUNT

# moto hides a message up to and including its moment.
MOTO_TICK_SECONDS: Final = 0.001
scan_for_visibility = SQSBackend.change_message_visibility


class LocalQueue(Queue):
    """A standard queue; what was received and not deleted counts as not visible until it is received again."""

    # moto sets them without declaring them.
    redrive_policy: Mapping[str, Any]
    visibility_timeout: int

    def __init__(self, name: str, region: str, account_id: str, **attributes: object) -> None:
        self._received: dict[str, Message] = {}
        super().__init__(name, region, account_id, **attributes)

    @property
    def approximate_number_of_messages(self) -> int:
        """How many were not received yet."""
        return len(self._messages) - len(self._pending_messages)

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        """How many were received, and not deleted."""
        return len(self._pending_messages)

    @property
    def approximate_number_of_messages_delayed(self) -> int:
        """None: nobody here delays a message."""
        return 0

    @property
    def bodies(self) -> tuple[str, ...]:
        """What lies in the queue, hidden or not; nothing is received by looking."""
        return tuple(message.body for message in self._messages)

    @property
    def next_visible_at(self) -> float | None:
        """When the first message is visible that is now hidden, or can be received at once; nothing if all is gone."""
        moments = [message.visible_at for message in self._messages]
        return min(moments) / 1_000 + MOTO_TICK_SECONDS if moments else None

    def receive(self, size: int) -> list[Message]:
        """Hide and return up to *size* visible messages; one that was received too often becomes a dead letter."""
        received: list[Message] = []
        for message in self.messages:
            if len(received) == size:
                break
            if self.dead_letter_queue and message.approximate_receive_count >= self.redrive_policy["maxReceiveCount"]:
                self._messages.remove(message)
                self._pending_messages.discard(message)
                self.dead_letter_queue.add_message(message)
                continue
            message.mark_received(self.visibility_timeout)
            self._pending_messages.add(message)
            self._received[str(message.receipt_handle)] = message
            received.append(message)
        return received

    def take(self) -> list[str]:
        """Receive and delete everything that is visible; return the bodies."""
        messages = self.receive(len(self._messages))
        for message in messages:
            self.delete_message(str(message.receipt_handle))
        return [message.body for message in messages]

    def delete_message(self, receipt_handle: str) -> None:
        """Delete what was received by *receipt_handle*."""
        message = self._received.pop(receipt_handle, None)
        if message is None or message not in self._messages:
            super().delete_message(receipt_handle)
            return
        self._messages.remove(message)
        self._pending_messages.discard(message)
        self.deleted_messages.update(map(str, message.all_receipt_handles))

    def hide(self, receipt_handle: str, seconds: int) -> bool:
        """Hide what `receive` handed out for *seconds* from now; say whether it was that."""
        message = self._received.get(receipt_handle)
        if message is None or message not in self._messages:
            return False
        message.change_visibility(seconds)
        return True


@contextmanager
def local_queues() -> Iterator[None]:
    """Have moto make its queues so."""

    def change_visibility(backend: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        queue = backend.get_queue(queue_name)
        if not (isinstance(queue, LocalQueue) and queue.hide(receipt_handle, visibility_timeout)):
            scan_for_visibility(backend, queue_name, receipt_handle, visibility_timeout)

    with (
        patch("moto.sqs.models.Queue", LocalQueue),
        patch.object(SQSBackend, "change_message_visibility", change_visibility),
    ):
        yield


def local_queue(url: str) -> LocalQueue:
    """Find the queue at *url*, made by moto while `local_queues` was in force."""
    queue = sqs_backends[ACCOUNT][REGION].get_queue(url.rpartition("/")[2])
    if not isinstance(queue, LocalQueue):
        message = f"{url} is another's queue"
        raise TypeError(message)
    return queue
