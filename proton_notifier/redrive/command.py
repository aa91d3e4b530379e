"""`notifier redrive`: list the messages in a stack's dead-letter queues and send them back."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import track

from proton_notifier.common.aws_errors import explained
from proton_notifier.common.confirm import confirmed
from proton_notifier.common.deployed_stack import STACK_ERRORS, DeployedStack, StackError
from proton_notifier.common.sqs import Queue
from proton_notifier.redrive.dead_letters import READERS, DeadLetter, read

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# SQS moves messages only from a queue that is the dead-letter queue of another.
MOVABLE: Final = "FailedDeliveries"
# Lambda answers an asynchronous invocation with this status and nothing else.
ACCEPTED: Final = 202


def run(arguments: Namespace) -> int:
    """List and send back; return 1 if a message is unreadable or could not be sent back."""
    try:
        return redrive(arguments, DeployedStack(arguments.stack, arguments.region))
    except STACK_ERRORS as error:
        print(f"{arguments.stack}: {explained(error)}", file=sys.stderr)
        return 1


def redrive(arguments: Namespace, stack: DeployedStack) -> int:
    """List the dead letters and, unless *arguments* or a person say no, send them back."""
    if not (arguments.dry_run or arguments.yes or sys.stdin.isatty()):
        message = "there is no terminal to ask on; give --yes to send without asking, or --dry-run to list only"
        raise StackError(message)
    if not arguments.dry_run:
        stack.announce()
    ids = stack.physical_ids((*READERS, "Deliveries", "EventsFunction"))
    sqs = stack.client("sqs")
    queues = {name: Queue(sqs, ids[name]) for name in READERS}
    with ExitStack() as closing:
        for queue in queues.values():
            closing.callback(queue.release)
        letters = []
        for letter in _receive(queues, arguments.limit):
            print(letter)
            letters.append(letter)
        readable = sum(letter.content is not None for letter in letters)
        print(f"Found {len(letters)}, of which {readable} can be sent back.")
        if readable and not arguments.dry_run and (arguments.yes or confirmed("Send back?")):
            _send_back(letters, queues, stack, ids, whole=arguments.limit is None)
    return 0 if readable == len(letters) else 1


def _receive(queues: Mapping[str, Queue], limit: int | None) -> Iterator[DeadLetter]:
    """Receive dead letters, queue by queue, until *limit* of them can be sent back."""
    readable = 0
    for name, queue in queues.items():
        for message in queue.messages():
            letter = read(name, message)
            yield letter
            readable += letter.content is not None
            if readable == limit:
                return


def _send_back(
    letters: list[DeadLetter], queues: Mapping[str, Queue], stack: DeployedStack, ids: Mapping[str, str], *, whole: bool
) -> None:
    """Send back the readable *letters*, which may be the *whole* of them; raise `StackError` at the first error."""
    functions, sqs = stack.client("lambda"), stack.client("sqs")
    deliveries = [letter for letter in letters if letter.queue == MOVABLE]
    # SQS moves the whole queue: an unreadable message would be moved, too, and come back hours later.
    move = whole and bool(deliveries) and all(letter.content for letter in deliveries)
    console = Console(stderr=True)
    sent = 0
    try:
        for letter in track(letters, "Sending back", console=console, disable=not console.is_terminal):
            if letter.content is None or (move and letter.queue == MOVABLE):
                continue
            if letter.queue == MOVABLE:
                sqs.send_message(QueueUrl=ids["Deliveries"], MessageBody=letter.content.body)
            else:
                send_event(functions, ids["EventsFunction"], letter.content.body)
            queues[letter.queue].delete(letter.message_id)
            sent += 1
        if move:
            queues[MOVABLE].start_move(ids["Deliveries"])
    except STACK_ERRORS as error:
        message = f"stopped after {sent}, the others are where they were: {explained(error)}"
        raise StackError(message) from error
    print(f"Sent back: {sent}.")
    if move:
        print(f"Being moved by SQS: {len(deliveries)}. `aws sqs list-message-move-tasks` tells how far it is.")


def send_event(functions: "LambdaClient", name: str, event: str) -> None:
    """Invoke the function *name* with *event* as EventBridge does; raise `StackError` if Lambda does not accept it."""
    answer = functions.invoke(FunctionName=name, InvocationType="Event", Payload=event.encode())
    if answer["StatusCode"] != ACCEPTED or answer["Payload"].read():
        message = f"Lambda answered {answer['StatusCode']} to an event instead of an empty {ACCEPTED}"
        raise StackError(message)
