"""`notifier redrive`: list the messages in a stack's dead-letter queues and send them back."""

import sys
from argparse import Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import track

from proton_notifier.common.deployed_stack import STACK_ERRORS, DeployedStack, confirm, explain_error, stop
from proton_notifier.common.sqs import Queue
from proton_notifier.redrive.dead_letters import READERS, DeadLetter, read

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# SQS moves messages only from a queue that is the dead-letter queue of another.
MOVABLE: Final = "FailedDeliveries"
# Lambda responds to an asynchronous invocation with this status and an empty body.
ACCEPTED: Final = 202


def run(arguments: Namespace, stack: DeployedStack) -> int:
    """List the dead letters and send them back, if a person agrees; return 1 if one of them is unreadable."""
    if not (arguments.dry_run or arguments.yes or sys.stdin.isatty()):
        stop("there is no terminal to ask on; give --yes to send without asking, or --dry-run to list only")
    if not arguments.dry_run:
        stack.announce()
    ids, sqs = stack.physical_ids(*READERS, "Deliveries", "EventsFunction"), stack.client("sqs")
    queues = {name: Queue(sqs, ids[name]) for name in READERS}
    dead_letters: list[DeadLetter] = []
    readable = 0
    with ExitStack() as closing:
        for queue in queues.values():
            closing.callback(queue.release)
        for name, message in ((name, message) for name, queue in queues.items() for message in queue.messages()):
            dead_letters.append(read(name, message))
            print(dead_letters[-1])
            readable += dead_letters[-1].body is not None
            if readable == arguments.limit:
                break
        print(f"Found {len(dead_letters)}, of which {readable} can be sent back.")
        if readable and not arguments.dry_run and (arguments.yes or confirm("Send back?")):
            _send_back(dead_letters, queues, stack, ids, whole=arguments.limit is None)
    return 0 if readable == len(dead_letters) else 1


def _send_back(
    dead_letters: list[DeadLetter], queues: dict[str, Queue], stack: DeployedStack, ids: dict[str, str], *, whole: bool
) -> None:
    """Send back the readable *dead_letters*, *whole* queues or a part of them; raise `StackError` at an error."""
    functions, sqs = stack.client("lambda"), stack.client("sqs")
    deliveries = [dead_letter for dead_letter in dead_letters if dead_letter.queue == MOVABLE]
    # SQS moves the whole queue: an unreadable message would be moved, too, and come back hours later.
    move = whole and bool(deliveries) and all(dead_letter.body for dead_letter in deliveries)
    console = Console(stderr=True)
    sent = 0
    try:
        for dead_letter in track(dead_letters, "Sending back", console=console, disable=not console.is_terminal):
            if dead_letter.body is None or (move and dead_letter.queue == MOVABLE):
                continue
            if dead_letter.queue == MOVABLE:
                sqs.send_message(QueueUrl=ids["Deliveries"], MessageBody=dead_letter.body)
            else:
                send_event(functions, ids["EventsFunction"], dead_letter.body)
            queues[dead_letter.queue].delete(dead_letter.message_id)
            sent += 1
        if move:
            queues[MOVABLE].start_move(ids["Deliveries"])
    except STACK_ERRORS as error:
        stop(f"stopped after {sent}, the rest is still in its queue: {explain_error(error)}")
    print(f"Sent back: {sent}.")
    if move:
        print(f"Being moved by SQS: {len(deliveries)}. `aws sqs list-message-move-tasks` shows the progress.")


def send_event(functions: "LambdaClient", name: str, event: str) -> None:
    """Invoke the function *name* with *event* as EventBridge does; raise `StackError` if Lambda does not accept it."""
    response = functions.invoke(FunctionName=name, InvocationType="Event", Payload=event.encode())
    if response["StatusCode"] != ACCEPTED or response["Payload"].read():
        stop(f"Lambda responded to an event with {response['StatusCode']} instead of an empty {ACCEPTED}")
