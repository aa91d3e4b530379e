"""The SQS queue of deliveries, and its dead-letter queue."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from notifier.channels.errors import Reason
from notifier.delivery.delivery import Delivery
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.model.sanitize import tidy

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS takes no more entries in one call.
BATCH_LIMIT: Final = 10


class EnqueueError(Exception):
    """The queue did not take every delivery."""


class DeliveriesQueue:
    """The queue of deliveries at *url*."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Enqueue *deliveries*; raise `EnqueueError` if the queue refuses any of them."""
        for batch in chunks(deliveries, BATCH_LIMIT):
            response = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "MessageBody": delivery.to_json()} for number, delivery in enumerate(batch)
                ],
            )
            refused = [
                f"{batch[int(entry['Id'])].destination}: {entry['Code']}" for entry in response.get("Failed", [])
            ]
            if refused:
                message = f"the deliveries queue refused {', '.join(refused)}"
                raise EnqueueError(message)

    def defer(self, delays: Mapping[str, int], may_continue: Callable[[], bool]) -> None:
        """Hide messages, each by receipt handle for its seconds, while *may_continue* returns true.

        A message that is gone already is left out.
        """
        entries = [{"ReceiptHandle": handle, "VisibilityTimeout": seconds} for handle, seconds in delays.items()]
        self._call_each(self._client.change_message_visibility_batch, entries, may_continue)

    def delete(self, handles: Sequence[str], may_continue: Callable[[], bool]) -> None:
        """Delete messages by receipt handle, while *may_continue* returns true; the queue redelivers the others."""
        entries = [{"ReceiptHandle": handle} for handle in handles]
        self._call_each(self._client.delete_message_batch, entries, may_continue)

    def _call_each(
        self, call: Callable[..., object], entries: Sequence[Mapping[str, object]], may_continue: Callable[[], bool]
    ) -> None:
        def call_batch(batch: Sequence[Mapping[str, object]]) -> None:
            numbered = [{"Id": str(number), **entry} for number, entry in enumerate(batch)]
            call(QueueUrl=self._url, Entries=numbered)

        call_each(call_batch, chunks(entries, BATCH_LIMIT), may_continue)


def put_dead_letter(client: "SQSClient", url: str, body: str, reason: Reason, why: str) -> None:
    """Put a delivery's *body* into the queue of those that need a person, with *reason* and *why* as attributes."""
    attributes = {"reason": reason, "why": tidy(why)}
    client.send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
    )
