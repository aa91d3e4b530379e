"""Settle outcomes with the queues: move dead letters, and hide deferred messages until their next attempt."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.runtime import deliveries_queue, logger
from handlers.wiring import dead_letter_failed, wiring
from notifier.delivery.outcomes import DeadLettered, Deferred, Outcome
from notifier.delivery.parallel_calls import call_each
from notifier.delivery.time_budget import HasTimeFor, TimeBudget

# A message of SQS, as Lambda passes it.
Record = Mapping[str, Any]


def settle(
    outcomes: Mapping[str, Outcome], records: Mapping[str, Record], has_time_for: HasTimeFor
) -> dict[str, Outcome]:
    """Settle *outcomes* by message id; return them, with a deferral for each dead letter that could not be moved."""
    dead_letters = [(records[key], outcome) for key, outcome in outcomes.items() if isinstance(outcome, DeadLettered)]
    settled = {**outcomes}
    for record, outcome in dead_letters:
        settled[record["messageId"]] = dead_letter_failed(receive_count(record), outcome, "no time")
    for (record, _outcome), result in call_each(_dead_letter, dead_letters, lambda: has_time_for(TimeBudget.CALL)):
        settled[record["messageId"]] = result
    delays = {
        records[message_id]["receiptHandle"]: outcome.seconds
        for message_id, outcome in settled.items()
        if isinstance(outcome, Deferred)
    }
    if delays:
        try:
            deliveries_queue().defer(delays, lambda: has_time_for(TimeBudget.DEFER))
        except (BotoCoreError, ClientError):
            # The queue redelivers them all the same, after its own visibility timeout.
            logger.warning("could not be put off", exc_info=True)
    return settled


def receive_count(record: Record) -> int:
    """Read how often SQS has delivered a message."""
    return int(record["attributes"]["ApproximateReceiveCount"])


def _dead_letter(entry: tuple[Record, DeadLettered]) -> Outcome:
    record, outcome = entry
    return wiring().dead_letter(record["body"], receive_count(record), outcome)
