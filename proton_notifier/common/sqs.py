"""A queue whose messages are held while somebody looks at them."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Long enough to read a list, answer a question and send a few thousand messages. If a run takes longer, or is
# killed, the messages show up again by themselves.
HOLD_SECONDS: Final = 15 * 60
# Any wait makes SQS ask all of its servers; without one it may miss messages.
WAIT_SECONDS: Final = 1
# SQS hands out, and takes, no more at once.
BATCH_LIMIT: Final = 10


class HeldQueue:
    """The SQS queue at *url*; what was read of it is hidden from others until it is deleted or released.

    If neither happens, it shows up again after *hold_seconds*.
    """

    def __init__(self, client: "SQSClient", url: str, hold_seconds: int = HOLD_SECONDS) -> None:
        self.url = url
        self._client = client
        self._hold_seconds = hold_seconds
        self._receipts: dict[str, str] = {}

    def messages(self) -> "Iterator[MessageTypeDef]":
        """Read each message once; the end is where only known ones come, or none."""
        while received := self._receive():
            fresh = [message for message in received if message["MessageId"] not in self._receipts]
            # A known one comes again when it was held for too long; then only its new receipt counts.
            self._receipts.update((message["MessageId"], message["ReceiptHandle"]) for message in received)
            if not fresh:
                return
            yield from fresh

    def delete(self, message_id: str) -> None:
        """Delete a message that was read."""
        self._client.delete_message(QueueUrl=self.url, ReceiptHandle=self._receipts[message_id])
        del self._receipts[message_id]

    def release(self) -> None:
        """Show again at once what was read and is still there; SQS may refuse it for what shows already."""
        held = list(self._receipts.values())
        for start in range(0, len(held), BATCH_LIMIT):
            self._client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for number, receipt in enumerate(held[start : start + BATCH_LIMIT])
                ],
            )
        self._receipts.clear()

    def arn(self) -> str:
        """Look up the queue's ARN."""
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def _receive(self) -> "list[MessageTypeDef]":
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=BATCH_LIMIT,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
            VisibilityTimeout=self._hold_seconds,
            WaitTimeSeconds=WAIT_SECONDS,
        )
        return answer.get("Messages", [])
