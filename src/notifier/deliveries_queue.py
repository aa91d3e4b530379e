"""The queue between the function that takes events and the one that delivers, and the one for what is given up."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from notifier.delivery import Delivery
from notifier.failures import Reason
from notifier.text import tidy

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS takes no more entries in one SendMessageBatch.
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
        for start in range(0, len(deliveries), BATCH_LIMIT):
            batch = deliveries[start : start + BATCH_LIMIT]
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

    def put_off(self, waits: Mapping[str, int]) -> None:
        """Hide messages, by receipt handle, for so many seconds from now; one that is gone already is left out."""
        entries = [*waits.items()]
        for start in range(0, len(entries), BATCH_LIMIT):
            self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                    for number, (handle, seconds) in enumerate(entries[start : start + BATCH_LIMIT])
                ],
            )

    def delete(self, handles: Sequence[str]) -> None:
        """Delete messages by receipt handle; one that stays comes back."""
        for start in range(0, len(handles), BATCH_LIMIT):
            self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle}
                    for number, handle in enumerate(handles[start : start + BATCH_LIMIT])
                ],
            )


class FailedDeliveries:
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
