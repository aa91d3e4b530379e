"""Takes deliveries from the queue and sends each to its destination."""

import random
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from handlers.metrics import report
from handlers.runtime import deliveries_queue, logger
from handlers.wiring import not_kept, sender, wiring
from notifier.channels.base import Sender
from notifier.channels.deadlines import SEND_SECONDS
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.delivery.ledger import LEASE_SECONDS, LedgerProtocol
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.delivery.parallel_calls import each
from notifier.delivery.worker import (
    Received,
    Step,
    TimeFor,
    backoff_seconds,
    send_batch,
)
from notifier.model.notification import Notification

# A secret's read that began before the deadline of the send may end that much after it, by its client's time-outs.
LATE_SECRET_SECONDS: Final = 5
# One time-out of AWS's clients: the calls that a digest needs go at the same time.
MARKS_SECONDS: Final = 10
PUT_OFF_SECONDS: Final = 5
# If Lambda ended the function instead, what was sent but not marked would go out twice.
LONGEST_SEND_MILLISECONDS: Final = 1_000 * (SEND_SECONDS + LATE_SECRET_SECONDS + MARKS_SECONDS + PUT_OFF_SECONDS)
# One time-out of AWS's clients: what is called in parallel takes no longer, and what follows it still has time.
CALL_MILLISECONDS: Final = 10_000
# The answer is due with so much time left, even if a destination is still being served: putting off needs the rest.
ANSWER_MILLISECONDS: Final = 1_000 * PUT_OFF_SECONDS
NEEDED_MILLISECONDS: Final[Mapping[Step, int]] = {
    Step.CLAIM: CALL_MILLISECONDS + LONGEST_SEND_MILLISECONDS,
    Step.SEND: LONGEST_SEND_MILLISECONDS,
    Step.RELEASE: CALL_MILLISECONDS + ANSWER_MILLISECONDS,
    Step.KEEP: CALL_MILLISECONDS + ANSWER_MILLISECONDS,
    Step.PUT_OFF: 1_000,
}

# Each has a thread for as long as it is served; those beyond begin when others end.
DESTINATIONS_AT_ONCE: Final = 64

# As Lambda hands over a message of SQS, and what it wants to hear.
Record = Mapping[str, Any]
Answer = dict[str, list[dict[str, str]]]

# The latest work for each destination, which may still hang in a later invocation. It sends nothing more then: its
# time is up. One hanging thread a destination is enough.
WORK: Final[dict[str, Future[Mapping[str, Outcome]]]] = {}


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Send what can be sent of a batch; answer what the queue is to bring back."""
    records: dict[str, Record] = {record["messageId"]: record for record in event["Records"]}

    def time_for(step: Step) -> bool:
        return context.get_remaining_time_in_millis() >= NEEDED_MILLISECONDS[step]

    unreadable: dict[str, Outcome] = {}
    batches: dict[str, list[Received]] = defaultdict(list)
    for record in records.values():
        try:
            received = _received(record)
        except UnreadableDeliveryError as error:
            logger.error("not a delivery", message_id=record["messageId"], exc_info=error)
            unreadable[record["messageId"]] = DeadLettered("it is not a delivery", Reason.REJECTED)
        else:
            batches[received.delivery.destination].append(received)
    outcomes = _settled(unreadable, records, time_for)
    broken: list[Exception] = []
    with closing(_worked_off(batches, context, time_for, broken)) as worked_off:
        for destination, made in worked_off:
            outcomes |= _settled(made, records, time_for)
            report(destination, batches[destination], outcomes)
    if broken:
        # An error brings back the whole batch, and what was given up would be kept for the second time.
        final = [message_id for message_id, outcome in outcomes.items() if not isinstance(outcome, Deferred)]
        _delete([records[message_id]["receiptHandle"] for message_id in final], time_for)
        message = "not every destination could be served"
        raise ExceptionGroup(message, broken)
    return {
        "batchItemFailures": [
            {"itemIdentifier": message_id} for message_id, outcome in outcomes.items() if isinstance(outcome, Deferred)
        ]
    }


def _received(record: Record) -> Received:
    return Received(
        record["messageId"],
        record["receiptHandle"],
        _attempts(record),
        Delivery.from_json(record["body"]),
    )


def _attempts(record: Record) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


@cache
def _workers() -> ThreadPoolExecutor:
    """Keep the threads from one invocation to the next."""
    return ThreadPoolExecutor(DESTINATIONS_AT_ONCE)


def _worked_off(
    batches: Mapping[str, Sequence[Received]], context: LambdaContext, time_for: TimeFor, broken: list[Exception]
) -> Generator[tuple[str, Mapping[str, Outcome]]]:
    """Serve the destinations in parallel; yield what became of each one's batch when it is known, or the answer due."""

    def patience_seconds() -> float:
        return max(context.get_remaining_time_in_millis() - ANSWER_MILLISECONDS, 0) / 1_000

    claims = wiring().ledger(context.aws_request_id)
    served: dict[Future[Mapping[str, Outcome]], str] = {}
    for name, batch in batches.items():
        if name not in WORK or WORK[name].done():
            WORK[name] = _workers().submit(_served, name, tuple(batch), claims, time_for, broken)
            served[WORK[name]] = name
    pending = {*served}
    done = pending
    late = {*batches}
    try:
        while pending and done:
            done, pending = wait(pending, patience_seconds(), FIRST_COMPLETED)
            for work in done:
                late.remove(name := served[work])
                if isinstance(failure := work.exception(), Exception):
                    # Lambda shows of an exception group only how many errors are in it.
                    logger.error("broke off", destination=name, exc_info=failure)
                    broken.append(failure)
                    yield name, _later(batches[name], "it broke off", None)
                else:
                    yield name, work.result()
    finally:
        # Lambda would freeze the threads that are still sending.
        wait(pending, patience_seconds())
    for name in late:
        yield name, _later(batches[name], "it is still being worked on", Reason.TIMED_OUT)


def _served(
    destination: str, batch: tuple[Received, ...], claims: LedgerProtocol, time_for: TimeFor, broken: list[Exception]
) -> Mapping[str, Outcome]:
    found = sender(destination)

    def send(notifications: tuple[Notification, ...]) -> str | None:
        try:
            return found.send(notifications)
        except DeliveryError:
            raise
        except Exception as bug:
            logger.exception("broke off", destination=destination)
            if _unwritable(found, notifications):
                problem = f"the message cannot be written: {type(bug).__name__}"
                raise DeliveryError(problem, Reason.REJECTED) from bug
            broken.append(bug)
            problem = f"the message was written and not sent: {type(bug).__name__}"
            raise DeliveryError(problem, Reason.UNAVAILABLE) from bug

    return send_batch(batch, Sender(send, found.max_batch), claims, time_for, random.random)


def _unwritable(sender: Sender, notifications: tuple[Notification, ...]) -> bool:
    """Say whether it is the content that a bug cannot cope with. If so nothing has been sent."""
    try:
        sender.render(notifications)
    except Exception:  # noqa: BLE001 - the bug that was logged
        return True
    return False


def _later(batch: Sequence[Received], why: str, reason: Reason | None) -> Mapping[str, Outcome]:
    """Put off what may be claimed until its lease is over."""
    waits = {received.message_id: max(LEASE_SECONDS + 1, backoff_seconds(received.attempts, 1)) for received in batch}
    return {message_id: Deferred(seconds, why, reason) for message_id, seconds in waits.items()}


def _settled(outcomes: Mapping[str, Outcome], records: Mapping[str, Record], time_for: TimeFor) -> dict[str, Outcome]:
    """Move what is given up out of the queue, and put off what is to come back; return what came of that."""
    given_up = [
        (records[message_id], outcome) for message_id, outcome in outcomes.items() if isinstance(outcome, DeadLettered)
    ]
    settled = {
        **outcomes,
        **{record["messageId"]: not_kept(_attempts(record), outcome, "no time") for record, outcome in given_up},
    }
    for (record, _outcome), kept in each(_dead_letter, given_up, lambda: time_for(Step.KEEP)):
        settled[record["messageId"]] = kept
    _put_off({records[message_id]["receiptHandle"]: outcome for message_id, outcome in settled.items()}, time_for)
    return settled


def _dead_letter(entry: tuple[Record, DeadLettered]) -> Outcome:
    record, outcome = entry
    return wiring().dead_letter(record["body"], _attempts(record), outcome)


def _put_off(outcomes: Mapping[str, Outcome], time_for: TimeFor) -> None:
    """Have the queue bring back what was put off at its own time."""
    waits = {handle: outcome.seconds for handle, outcome in outcomes.items() if isinstance(outcome, Deferred)}
    if not waits:
        return
    try:
        deliveries_queue().defer(waits, lambda: time_for(Step.PUT_OFF))
    except (BotoCoreError, ClientError):
        # They come back all the same, when the queue's own time-out is over.
        logger.warning("could not be put off", exc_info=True)


def _delete(handles: list[str], time_for: TimeFor) -> None:
    """Take what is done out of the queue, as the platform does after an answer."""
    deliveries_queue().delete(handles, lambda: time_for(Step.PUT_OFF))
