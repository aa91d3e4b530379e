"""Takes deliveries from the queue and sends each to its destination."""

import random
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from handlers import runtime
from handlers.reports import report
from handlers.runtime import logger
from notifier.batch import GivenUp, Outcome, PutOff, Received, work_off
from notifier.delivery import Delivery, Sender
from notifier.failures import Reason
from notifier.ledger import Claims

# Reading a secret may take five seconds, posting twenty: three to connect, seven until an answer begins, and ten until
# it ends (the timeouts of the clients and of notifier.webhooks). Ten more are for the marks in the ledger: half a
# second for each of the 20 calls that a digest of 500 needs, or one time-out, after which there are no more. The last
# five are for what is put off. If Lambda ended the function instead, what was sent but not marked would go out twice.
LONGEST_SEND_MILLISECONDS: Final = 40_000
# When to try again to give up what the queue of failed deliveries did not take.
UNKEPT_SECONDS: Final = 60

Answer = dict[str, list[dict[str, str]]]


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Send what can be sent of a batch; answer what the queue is to bring back."""
    records = {record.message_id: record for record in SQSEvent(event).records}
    outcomes: dict[str, Outcome] = {}
    batches: dict[str, list[Received]] = defaultdict(list)
    for record in records.values():
        try:
            received = _received(record)
        except ValidationError as error:
            logger.error("not a delivery", message_id=record.message_id, exc_info=error)
            outcomes[record.message_id] = GivenUp("it is not a delivery", Reason.REJECTED)
        else:
            batches[received.delivery.destination].append(received)
    broken: list[Exception] = []
    for destination, done in _served(batches, context).items():
        if isinstance(failure := done.exception(), Exception):
            # Lambda shows of an exception group only how many errors are in it.
            logger.error("broke off", destination=destination, exc_info=failure)
            broken.append(failure)
            del batches[destination]
        else:
            outcomes |= done.result()
    for message_id, outcome in outcomes.items():
        if isinstance(outcome, GivenUp):
            outcomes[message_id] = _kept(records[message_id], outcome)
    _put_off({records[message_id].receipt_handle: outcome for message_id, outcome in outcomes.items()})
    for destination, batch in batches.items():
        report(destination, batch, outcomes)
    if broken:
        # An error brings back the whole batch, and what was given up would be kept for the second time.
        _delete([records[name].receipt_handle for name, outcome in outcomes.items() if not isinstance(outcome, PutOff)])
        message = "not every destination could be served"
        raise ExceptionGroup(message, broken)
    return {
        "batchItemFailures": [
            {"itemIdentifier": message_id} for message_id, outcome in outcomes.items() if isinstance(outcome, PutOff)
        ]
    }


def _received(record: SQSRecord) -> Received:
    return Received(
        record.message_id,
        record.receipt_handle,
        int(record.attributes.approximate_receive_count),
        Delivery.model_validate_json(record.body),
    )


def _served(
    batches: Mapping[str, list[Received]], context: LambdaContext
) -> Mapping[str, Future[Mapping[str, Outcome]]]:
    """Serve the destinations in parallel; return what came of each, be it an error."""
    # Made before the threads start: boto3 makes clients in one thread only.
    senders = {destination: runtime.sender(destination) for destination in batches}
    ledger = runtime.ledger(context.aws_request_id)
    with ThreadPoolExecutor(max_workers=max(len(batches), 1)) as workers:
        return {
            destination: workers.submit(_work_off, batch, senders[destination], ledger, context)
            for destination, batch in batches.items()
        }


def _work_off(batch: list[Received], sender: Sender, ledger: Claims, context: LambdaContext) -> Mapping[str, Outcome]:
    return work_off(
        tuple(batch),
        sender,
        ledger,
        lambda: context.get_remaining_time_in_millis() >= LONGEST_SEND_MILLISECONDS,
        random.random,
    )


def _kept(record: SQSRecord, outcome: GivenUp) -> Outcome:
    """Move what is given up to where a person looks for it; if that fails, it comes back."""
    url = runtime.settings().failed_deliveries_url
    if url is None:
        return PutOff(0, outcome.why, outcome.reason)
    try:
        runtime.failed_deliveries(url).put(record.body, outcome.reason, outcome.why)
    except (BotoCoreError, ClientError) as error:
        return PutOff(UNKEPT_SECONDS, f"{outcome.why}; and not kept: {error}", outcome.reason)
    return outcome


def _put_off(outcomes: Mapping[str, Outcome]) -> None:
    """Have the queue bring back what was put off at its own time."""
    url = runtime.settings().deliveries_queue_url
    waits = {handle: outcome.seconds for handle, outcome in outcomes.items() if isinstance(outcome, PutOff)}
    if url is None or not waits:
        return
    try:
        runtime.deliveries_queue(url).put_off(waits)
    except (BotoCoreError, ClientError):
        # They come back all the same, when the queue's own time-out is over.
        logger.warning("could not be put off", exc_info=True)


def _delete(handles: list[str]) -> None:
    """Take what is done out of the queue, as the platform does after an answer."""
    url = runtime.settings().deliveries_queue_url
    if url is not None:
        runtime.deliveries_queue(url).delete(handles)
