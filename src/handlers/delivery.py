"""Takes deliveries from the queue and sends each to its destination."""

import random
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from handlers.reports import report
from handlers.runtime import deliveries_queue, logger, settings
from handlers.senders import failed_deliveries, ledger, sender
from notifier.batch import GivenUp, Outcome, PutOff, Received, work_off
from notifier.deadlines import SEND_SECONDS
from notifier.delivery import Delivery, UnreadableDeliveryError
from notifier.failures import Reason
from notifier.ledger import Claims

# A secret's read that began before the deadline of the send may end that much after it, by its client's time-outs.
LATE_SECRET_SECONDS: Final = 5
# Half a second for each of the 20 calls that a digest of 500 needs, or one time-out, after which there are no more.
MARKS_SECONDS: Final = 10
PUT_OFF_SECONDS: Final = 5
# If Lambda ended the function instead, what was sent but not marked would go out twice.
LONGEST_SEND_MILLISECONDS: Final = 1_000 * (SEND_SECONDS + LATE_SECRET_SECONDS + MARKS_SECONDS + PUT_OFF_SECONDS)
# When to try again to give up what the queue of failed deliveries did not take.
UNKEPT_SECONDS: Final = 60

# Each has a thread for as long as it is served; those beyond begin when others end.
DESTINATIONS_AT_ONCE: Final = 64

# As Lambda hands over a message of SQS, and what it wants to hear.
Record = Mapping[str, Any]
Answer = dict[str, list[dict[str, str]]]


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Send what can be sent of a batch; answer what the queue is to bring back."""
    records: dict[str, Record] = {record["messageId"]: record for record in event["Records"]}
    unreadable: dict[str, Outcome] = {}
    batches: dict[str, list[Received]] = defaultdict(list)
    for record in records.values():
        try:
            received = _received(record)
        except UnreadableDeliveryError as error:
            logger.error("not a delivery", message_id=record["messageId"], exc_info=error)
            unreadable[record["messageId"]] = GivenUp("it is not a delivery", Reason.REJECTED)
        else:
            batches[received.delivery.destination].append(received)
    outcomes = _settled(unreadable, records)
    broken: list[Exception] = []
    claims = ledger(context.aws_request_id)
    served = {_workers().submit(_served, name, batch, claims, context): name for name, batch in batches.items()}
    try:
        for done in as_completed(served):
            destination = served[done]
            if isinstance(failure := done.exception(), Exception):
                # Lambda shows of an exception group only how many errors are in it.
                logger.error("broke off", destination=destination, exc_info=failure)
                broken.append(failure)
            else:
                outcomes |= _settled(done.result(), records)
                report(destination, batches[destination], outcomes)
    finally:
        # Nobody is at work any more when this ends, whatever happened: Lambda would stop them halfway.
        wait(served)
    if broken:
        # An error brings back the whole batch, and what was given up would be kept for the second time.
        final = [message_id for message_id, outcome in outcomes.items() if not isinstance(outcome, PutOff)]
        _delete([records[message_id]["receiptHandle"] for message_id in final])
        message = "not every destination could be served"
        raise ExceptionGroup(message, broken)
    return {
        "batchItemFailures": [
            {"itemIdentifier": message_id} for message_id, outcome in outcomes.items() if isinstance(outcome, PutOff)
        ]
    }


def _received(record: Record) -> Received:
    return Received(
        record["messageId"],
        record["receiptHandle"],
        int(record["attributes"]["ApproximateReceiveCount"]),
        Delivery.from_json(record["body"]),
    )


@cache
def _workers() -> ThreadPoolExecutor:
    """Keep the threads from one invocation to the next."""
    return ThreadPoolExecutor(DESTINATIONS_AT_ONCE)


def _served(destination: str, batch: list[Received], claims: Claims, context: LambdaContext) -> Mapping[str, Outcome]:
    return work_off(
        tuple(batch),
        sender(destination),
        claims,
        lambda: context.get_remaining_time_in_millis() >= LONGEST_SEND_MILLISECONDS,
        random.random,
    )


def _settled(outcomes: Mapping[str, Outcome], records: Mapping[str, Record]) -> dict[str, Outcome]:
    """Move what is given up out of the queue, and put off what is to come back; return what came of that."""
    settled = {
        message_id: _kept(records[message_id], outcome) if isinstance(outcome, GivenUp) else outcome
        for message_id, outcome in outcomes.items()
    }
    _put_off({records[message_id]["receiptHandle"]: outcome for message_id, outcome in settled.items()})
    return settled


def _kept(record: Record, outcome: GivenUp) -> Outcome:
    """Move what is given up to where a person looks for it; if that fails, it comes back."""
    url = settings().failed_deliveries_url
    if url is None:
        return PutOff(0, outcome.why, outcome.reason)
    try:
        failed_deliveries(url).put(record["body"], outcome.reason, outcome.why)
    except (BotoCoreError, ClientError) as error:
        return PutOff(UNKEPT_SECONDS, f"{outcome.why}; and not kept: {error}", outcome.reason)
    return outcome


def _put_off(outcomes: Mapping[str, Outcome]) -> None:
    """Have the queue bring back what was put off at its own time."""
    url = settings().deliveries_queue_url
    waits = {handle: outcome.seconds for handle, outcome in outcomes.items() if isinstance(outcome, PutOff)}
    if url is None or not waits:
        return
    try:
        deliveries_queue(url).put_off(waits)
    except (BotoCoreError, ClientError):
        # They come back all the same, when the queue's own time-out is over.
        logger.warning("could not be put off", exc_info=True)


def _delete(handles: list[str]) -> None:
    """Take what is done out of the queue, as the platform does after an answer."""
    url = settings().deliveries_queue_url
    if url is not None:
        deliveries_queue(url).delete(handles)
