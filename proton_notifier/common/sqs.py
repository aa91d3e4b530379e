"""An SQS queue whose messages stay hidden from other consumers while a person reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from notifier.delivery.parallel_calls import chunks

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Long enough to read a list, answer a question and send a few thousand messages. After a longer or killed run, the
# messages become visible again by themselves.
VISIBILITY_TIMEOUT_SECONDS: Final = 15 * 60
# With a wait, SQS asks all of its servers; without a wait, it may miss messages.
WAIT_SECONDS: Final = 1
# The most that SQS hands out, or accepts, in one call.
BATCH_LIMIT: Final = 10


@dataclass
class Queue:
    """The queue at *url*; received messages are hidden from other consumers until they are deleted or released."""

    client: "SQSClient"
    url: str
    visibility_timeout_seconds: int = VISIBILITY_TIMEOUT_SECONDS
    _receipts: dict[str, str] = field(default_factory=dict)

    def messages(self) -> Iterator["MessageTypeDef"]:
        """Receive each message once; stop when SQS returns none, or only messages received before."""
        while received := self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=BATCH_LIMIT,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
            VisibilityTimeout=self.visibility_timeout_seconds,
            WaitTimeSeconds=WAIT_SECONDS,
        ).get("Messages"):
            new = [message for message in received if message["MessageId"] not in self._receipts]
            # A message is received again after its visibility timeout; then only its new receipt is valid.
            self._receipts.update((message["MessageId"], message["ReceiptHandle"]) for message in received)
            if not new:
                return
            yield from new

    def delete(self, message_id: str) -> None:
        """Delete a received message."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=self._receipts[message_id])
        del self._receipts[message_id]

    def release(self) -> None:
        """Make the received messages visible again."""
        for batch in chunks([*self._receipts.values()], BATCH_LIMIT):
            self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for number, receipt in enumerate(batch)
                ],
            )
        self._receipts.clear()

    def start_move(self, destination_url: str) -> None:
        """Let SQS move all messages to the queue at *destination_url*; messages that it cannot move stay."""
        self.release()
        source, destination = (
            self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            for url in (self.url, destination_url)
        )
        self.client.start_message_move_task(SourceArn=source, DestinationArn=destination)


def attributes_of(message: "MessageTypeDef") -> dict[str, str]:
    """Read the text attributes of *message*."""
    return {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
