"""`notifier redrive`: what lies in a stack's dead-letter queues, and its way back."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import track

from proton_notifier.common.aws_errors import advised
from proton_notifier.common.confirm import agreed
from proton_notifier.common.deployed_stack import DeployedStack, WrongStackError
from proton_notifier.common.sqs import HeldQueue
from proton_notifier.redrive.dead_letters import READERS, Content, DeadLetter, Unreadable, read
from proton_notifier.redrive.replay import RefusedError, WayBack

# SQS moves messages only from a queue that is the dead-letter queue of another.
MOVABLE: Final = "FailedDeliveries"


class RedriveError(Exception):
    """Not everything was sent back; the message says why and what became of the rest."""


def run(arguments: Namespace) -> int:
    """List and send back; return 1 if anything failed or could not be read."""
    try:
        return redrive(arguments, DeployedStack(arguments.stack, arguments.region))
    except (BotoCoreError, ClientError, RedriveError, WrongStackError) as error:
        print(f"{arguments.stack}: {advised(error)}", file=sys.stderr)
        return 1


def redrive(arguments: Namespace, stack: DeployedStack) -> int:
    """List what lies in the dead-letter queues and, if that is wanted, send it back."""
    if not (arguments.dry_run or arguments.yes or sys.stdin.isatty()):
        message = "there is no terminal to ask on; give --yes to send without asking, or --dry-run to list only"
        raise RedriveError(message)
    if not arguments.dry_run:
        stack.announce()
    places = stack.physical_ids((*READERS, "Deliveries", "EventsFunction"))
    sqs = stack.client("sqs")
    queues = {name: HeldQueue(sqs, places[name]) for name in READERS}
    with ExitStack() as closing:
        for queue in queues.values():
            closing.callback(queue.release)
        letters = []
        for letter in _letters(queues, arguments.limit):
            print(letter)
            letters.append(letter)
        readable = sum(isinstance(letter.content, Content) for letter in letters)
        print(f"Found {len(letters)}, of which {readable} can be sent back.")
        if readable and not arguments.dry_run and (arguments.yes or agreed("Send back?")):
            deliveries = HeldQueue(sqs, places["Deliveries"])
            way_back = WayBack(stack.client("lambda"), places["EventsFunction"], sqs, deliveries)
            _send_back(letters, queues, way_back, whole=arguments.limit is None)
    return 0 if readable == len(letters) else 1


def _letters(queues: Mapping[str, HeldQueue], limit: int | None) -> Iterator[DeadLetter]:
    """Read the queues in turn until *limit* messages are found that can be sent back."""
    readable = 0
    for name, queue in queues.items():
        for message in queue.messages():
            letter = read(name, message)
            yield letter
            readable += isinstance(letter.content, Content)
            if readable == limit:
                return


def _send_back(letters: list[DeadLetter], queues: Mapping[str, HeldQueue], way_back: WayBack, *, whole: bool) -> None:
    """Send back what is readable, the *whole* or a part; raise `RedriveError` at the first failure."""
    deliveries = [letter for letter in letters if letter.queue == MOVABLE]
    # SQS moves all of a queue. What is unreadable would go along, and come back hours later.
    move = whole and not any(isinstance(letter.content, Unreadable) for letter in deliveries)
    one_by_one = [letter for letter in letters if not (move and letter.queue == MOVABLE)]
    console = Console(stderr=True)
    sent = 0
    try:
        for letter in track(one_by_one, "Sending back", console=console, disable=not console.is_terminal):
            if isinstance(letter.content, Content):
                send = way_back.send_delivery if letter.queue == MOVABLE else way_back.send_event
                send(letter.content.body)
                queues[letter.queue].delete(letter.message_id)
                sent += 1
        if move and deliveries:
            way_back.move_deliveries(queues[MOVABLE])
    except (BotoCoreError, ClientError, RefusedError) as error:
        message = f"stopped after {sent}, the others are where they were: {error}"
        raise RedriveError(message) from error
    print(f"Sent back: {sent}.")
    if move and deliveries:
        print(f"Being moved by SQS: {len(deliveries)}. `aws sqs list-message-move-tasks` tells how far it is.")
