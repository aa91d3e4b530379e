"""The queue between the function that takes events and the one that delivers, and the one for what is given up."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from notifier.channels.errors import Reason
from notifier.delivery.delivery import Delivery
from notifier.delivery.parallel_calls import each
from notifier.model.sanitize import tidy

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Entry = TypeVar("Entry")

# SQS takes no more entries in one call.
BATCH_LIMIT: Final = 10


class EnqueueError(Exception):
    """The queue did not take every delivery."""


class DeliveriesQueue:
    """Puts deliveries into the SQS queue at *url*."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Enqueue *deliveries*; raise `EnqueueError` if the queue refuses any of them."""
        for batch in _batches(deliveries):
            answer = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "MessageBody": delivery.to_json()} for number, delivery in enumerate(batch)
                ],
            )
            refused = [f"{batch[int(entry['Id'])].destination}: {entry['Code']}" for entry in answer.get("Failed", [])]
            if refused:
                message = f"the deliveries queue refused {', '.join(refused)}"
                raise EnqueueError(message)

    def defer(self, waits: Mapping[str, int], go_on: Callable[[], bool]) -> None:
        """Hide messages, by receipt handle, for so many seconds from now, while *go_on* says so.

        One that is gone already is left out.
        """

        def hide(batch: Sequence[tuple[str, int]]) -> None:
            self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                    for number, (handle, seconds) in enumerate(batch)
                ],
            )

        deque(each(hide, _batches([*waits.items()]), go_on), maxlen=0)

    def delete(self, handles: Sequence[str], go_on: Callable[[], bool]) -> None:
        """Delete messages by receipt handle, while *go_on* says so; one that stays comes back."""

        def delete(batch: Sequence[str]) -> None:
            self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(batch)],
            )

        deque(each(delete, _batches(handles), go_on), maxlen=0)


class DeadLetterQueue:
    """Puts what is given up into the dead-letter queue at *url*, with the reason."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, body: str, reason: Reason, why: str) -> None:
        """Keep a delivery's *body* for a person to look at; *reason* and *why* become message attributes."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageAttributes={
                "reason": {"DataType": "String", "StringValue": reason},
                "why": {"DataType": "String", "StringValue": tidy(why)},
            },
        )


def _batches(entries: Sequence[Entry]) -> Sequence[Sequence[Entry]]:
    return [entries[start : start + BATCH_LIMIT] for start in range(0, len(entries), BATCH_LIMIT)]
