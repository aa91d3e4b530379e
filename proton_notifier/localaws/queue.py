"""moto's SQS queue, but with unlimited receives, and with the time of the next visible message.

Visibility, redrive and attributes are moto's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from moto.core.utils import unix_time_millis
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.stack import ACCOUNT

# moto hides a message up to and including its time.
MOTO_TICK_SECONDS: Final = 0.001


class LocalQueue(Queue):
    """Standard queue; a received message counts as not visible until it is deleted or received again."""

    # moto sets these without declaring them.
    redrive_policy: Mapping[str, Any]
    visibility_timeout: int

    # moto would count the messages at each new one. None is delayed here.
    approximate_number_of_messages_delayed = 0

    @property
    def approximate_number_of_messages(self) -> int:
        """The number of messages that have not been received."""
        return len(self._messages) - len(self._pending_messages)

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        """The number of messages that have been received and not deleted."""
        return len(self._pending_messages)

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of all messages, visible or not, without a receive."""
        return tuple(message.body for message in self._messages)

    @property
    def next_visible_at(self) -> float | None:
        """The time from which a message can be received, or None if the queue is empty."""
        times = [message.visible_at for message in self._messages]
        return min(times) / 1_000 + MOTO_TICK_SECONDS if times else None

    def receive(self, size: int) -> list[Message]:
        """Receive up to *size* visible messages; dead-letter messages that were received too often."""
        received: list[Message] = []
        now = unix_time_millis()
        for message in [each for each in self._messages if each.visible_at < now]:
            if len(received) == size:
                break
            if self.dead_letter_queue and message.approximate_receive_count >= self.redrive_policy["maxReceiveCount"]:
                self.delete(message)
                self.dead_letter_queue.add_message(message)
                continue
            message.mark_received(self.visibility_timeout)
            self._pending_messages.add(message)
            received.append(message)
        return received

    def delete(self, message: Message) -> None:
        """Delete *message*, faster than moto, which would search all messages for its receipt handle."""
        self._messages.remove(message)
        self._pending_messages.discard(message)

    def hide(self, receipt_handle: str, seconds: int) -> None:
        """Hide a message for *seconds* from now; moto would allow twelve hours from the time of sending."""
        message = next((each for each in self._messages if each.had_receipt_handle(receipt_handle)), None)
        if message is None:
            raise ReceiptHandleIsInvalid
        message.change_visibility(seconds)


@contextmanager
def local_queues() -> Iterator[None]:
    """Let moto use `LocalQueue` for its queues."""

    def change_visibility(_backend: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        local_queue(queue_name).hide(receipt_handle, visibility_timeout)

    with (
        patch("moto.sqs.models.Queue", LocalQueue),
        patch.object(SQSBackend, "change_message_visibility", change_visibility),
    ):
        yield


def local_queue(url: str) -> LocalQueue:
    """Return the queue at *url*, which moto made within `local_queues`."""
    queue = sqs_backends[ACCOUNT][REGION].get_queue(url.rpartition("/")[2])
    if not isinstance(queue, LocalQueue):
        message = f"{url} is not a local queue"
        raise TypeError(message)
    return queue
