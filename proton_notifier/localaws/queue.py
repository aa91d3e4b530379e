"""moto's SQS queue, with a cost for each message that does not grow with their number.

moto counts all messages of a queue when one comes in, and searches all of them for a receipt handle. Visibility,
redrive and attributes stay moto's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.stack import ACCOUNT

# moto hides a message up to and including its time.
MOTO_TICK_SECONDS: Final = 0.001
moto_change_visibility = SQSBackend.change_message_visibility


class LocalQueue(Queue):
    """A standard queue; a received message counts as not visible until it is deleted or received again."""

    # moto sets them without declaring them.
    redrive_policy: Mapping[str, Any]
    visibility_timeout: int

    def __init__(self, name: str, region: str, account_id: str, **attributes: object) -> None:
        self._received: dict[str, Message] = {}
        super().__init__(name, region, account_id, **attributes)

    @property
    def approximate_number_of_messages(self) -> int:
        """The number of messages that were not received yet."""
        return len(self._messages) - len(self._pending_messages)

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        """The number of messages that were received and not deleted."""
        return len(self._pending_messages)

    @property
    def approximate_number_of_messages_delayed(self) -> int:
        """Zero, because no message is delayed here."""
        return 0

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of all messages, hidden or not, without receiving them."""
        return tuple(message.body for message in self._messages)

    @property
    def next_visible_at(self) -> float | None:
        """The time from which a message can be received, or None if the queue is empty."""
        times = [message.visible_at for message in self._messages]
        return min(times) / 1_000 + MOTO_TICK_SECONDS if times else None

    def receive(self, size: int) -> list[Message]:
        """Receive up to *size* visible messages; move those that were received too often to the dead-letter queue."""
        received: list[Message] = []
        now = unix_time_millis()
        for message in [each for each in self._messages if each.visible_at < now]:
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
        """Receive and delete all visible messages; return their bodies."""
        messages = self.receive(len(self._messages))
        for message in messages:
            self.delete_message(str(message.receipt_handle))
        return [message.body for message in messages]

    def delete_message(self, receipt_handle: str) -> None:
        """Delete the message that was received with *receipt_handle*."""
        message = self._received.pop(receipt_handle, None)
        if message is None or message not in self._messages:
            super().delete_message(receipt_handle)
            return
        self._messages.remove(message)
        self._pending_messages.discard(message)
        self.deleted_messages.update(map(str, message.all_receipt_handles))

    def hide(self, receipt_handle: str, seconds: int) -> bool:
        """Hide a message of `receive` for *seconds* from now; return whether *receipt_handle* is one of its handles."""
        message = self._received.get(receipt_handle)
        if message is None or message not in self._messages:
            return False
        message.change_visibility(seconds)
        return True


@contextmanager
def fast_queues() -> Iterator[None]:
    """Let moto make its queues of this class."""

    def change_visibility(backend: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        queue = backend.get_queue(queue_name)
        if not (isinstance(queue, LocalQueue) and queue.hide(receipt_handle, visibility_timeout)):
            moto_change_visibility(backend, queue_name, receipt_handle, visibility_timeout)

    with (
        patch("moto.sqs.models.Queue", LocalQueue),
        patch.object(SQSBackend, "change_message_visibility", change_visibility),
    ):
        yield


def local_queue(url: str) -> LocalQueue:
    """Return the queue at *url*, which moto made within `fast_queues`."""
    queue = sqs_backends[ACCOUNT][REGION].get_queue(url.rpartition("/")[2])
    if not isinstance(queue, LocalQueue):
        message = f"{url} is not a local queue"
        raise TypeError(message)
    return queue
