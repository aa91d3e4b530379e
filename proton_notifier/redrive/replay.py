"""The way back into a stack: events go to the function, deliveries into their queue."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from proton_notifier.common.sqs import HeldQueue

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

# Lambda's answer when it has queued an event for the function; it is empty.
ACCEPTED: Final = 202


class RefusedError(Exception):
    """AWS did not take something back."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """The entrances of a stack: its function of that name and its deliveries queue."""

    functions: "LambdaClient"
    function_name: str
    sqs: "SQSClient"
    deliveries: HeldQueue

    def send_event(self, body: str) -> None:
        """Hand an event to the function, as EventBridge does; raise `RefusedError` if Lambda does not queue it."""
        answer = self.functions.invoke(FunctionName=self.function_name, InvocationType="Event", Payload=body.encode())
        if answer["StatusCode"] != ACCEPTED or answer["Payload"].read():
            message = f"Lambda answered {answer['StatusCode']} to an event instead of an empty {ACCEPTED}"
            raise RefusedError(message)

    def send_delivery(self, body: str) -> None:
        """Put a delivery into its queue."""
        self.sqs.send_message(QueueUrl=self.deliveries.url, MessageBody=body)

    def move_deliveries(self, source: HeldQueue) -> None:
        """Let SQS move all that lies in *source*; it goes on by itself, and keeps what it cannot move."""
        source.release()
        self.sqs.start_message_move_task(SourceArn=source.arn(), DestinationArn=self.deliveries.arn())
