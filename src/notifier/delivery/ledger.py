"""Which deliveries have been sent.

One row a delivery in a DynamoDB table. It is claimed before the message goes out and marked after the destination's
yes, so that whatever the platform repeats is sent once. A claim that nobody finished lapses with its lease. One gap
is left that no sender can close: a process that ends after the yes and before the mark leaves a claim that lapses,
and the message goes out again. What went out together is marked together, so that the gap stays narrow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.parallel_calls import each

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Longer than the delivery function can run (template.yaml), so that nobody takes over from a living worker.
LEASE_SECONDS: Final = 90
# Longer than any message can wait in the queues, and then be sent back by hand.
KEPT_SECONDS: Final = 60 * 24 * 60 * 60
# DynamoDB takes no more puts in one BatchWriteItem.
MARKS_LIMIT: Final = 25
# What a busy table did not take is tried again at once: to wait would only widen the gap.
MARK_ATTEMPTS: Final = 5


class State(StrEnum):
    """What the ledger says of a delivery that was asked for."""

    CLAIMED = "claimed"
    HELD = "held"
    SENT = "sent"


class LedgerError(Exception):
    """The ledger could not be read or written for these *delivery_ids*."""

    def __init__(self, message: str, *delivery_ids: str) -> None:
        super().__init__(message)
        self.delivery_ids = delivery_ids


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to a claim: ours now, held by another worker for so long, or sent before."""

    state: State
    held_seconds: int = 0


class LedgerProtocol(Protocol):
    """What is asked of a ledger."""

    def claim(self, delivery_id: str) -> Claim:
        """Claim a delivery, unless it was sent or another worker is at it."""

    def mark_sent(self, *delivery_ids: str) -> None:
        """Write down that a destination took the deliveries."""

    def release(self, delivery_id: str) -> None:
        """Give up a claim."""


class Ledger:
    """Rows of the table *name*, claimed by *owner*, which no other worker's name may equal."""

    def __init__(self, client: "DynamoDBClient", name: str, owner: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._name = name
        self._owner = owner
        self._clock = clock

    def claim(self, delivery_id: str) -> Claim:
        """Claim a delivery, unless it was sent or another worker is at it; raise `LedgerError`."""
        now = int(self._clock())
        try:
            self._client.put_item(
                TableName=self._name,
                Item={
                    "id": {"S": delivery_id},
                    "state": {"S": State.CLAIMED},
                    "owner": {"S": self._owner},
                    "lease_until": {"N": str(now + LEASE_SECONDS)},
                    "expires_at": {"N": str(now + KEPT_SECONDS)},
                },
                ConditionExpression="attribute_not_exists(id) OR (#state = :claimed AND lease_until < :now)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":claimed": {"S": State.CLAIMED}, ":now": {"N": str(now)}},
                ReturnConsumedCapacity="TOTAL",  # the proof that it was done
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return _refused(error, delivery_id, now)
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not take a claim: {error}"
            raise LedgerError(message, delivery_id) from error
        return Claim(State.CLAIMED)

    def mark_sent(self, *delivery_ids: str) -> None:
        """Write down that a destination took the deliveries, in as few calls as can be, which go at the same time.

        Raise `LedgerError` with those that are not written. A call that failed is not repeated: the next one would only
        wait for the same time-out.
        """
        waiting: tuple[str, ...] = delivery_ids
        errors: list[str] = []

        def unmarked(together: tuple[str, ...]) -> tuple[str, ...]:
            try:
                return self._unmarked(together)
            except (BotoCoreError, ClientError) as error:
                errors.append(str(error))
                return together

        for _ in range(MARK_ATTEMPTS):
            if waiting and not errors:
                batches = [waiting[start : start + MARKS_LIMIT] for start in range(0, len(waiting), MARKS_LIMIT)]
                waiting = tuple(chain.from_iterable(refused for _, refused in each(unmarked, batches, lambda: True)))
        if waiting:
            why = errors[0] if errors else f"too busy for {MARK_ATTEMPTS} attempts"
            message = f"the ledger did not take the mark of a sent delivery: {why}"
            raise LedgerError(message, *waiting)

    def release(self, delivery_id: str) -> None:
        """Give up our claim, so that the next attempt need not wait for the lease; raise `LedgerError`."""
        try:
            self._client.delete_item(
                TableName=self._name,
                Key={"id": {"S": delivery_id}},
                ConditionExpression="#owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": self._owner}},
                ReturnConsumedCapacity="TOTAL",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # It is not ours any more.
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not take a release: {error}"
            raise LedgerError(message, delivery_id) from error

    def _unmarked(self, delivery_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Put the marks in one call; return what the table was too busy for."""
        now = int(self._clock())
        answer = self._client.batch_write_item(
            RequestItems={
                self._name: [
                    {
                        "PutRequest": {
                            "Item": {
                                "id": {"S": delivery_id},
                                "state": {"S": State.SENT},
                                "sent_at": {"N": str(now)},
                                "expires_at": {"N": str(now + KEPT_SECONDS)},
                            }
                        }
                    }
                    for delivery_id in delivery_ids
                ]
            }
        )
        refused = answer["UnprocessedItems"].get(self._name, [])
        return tuple(entry["PutRequest"]["Item"]["id"]["S"] for entry in refused)


def _refused(error: ClientError, delivery_id: str, now: int) -> Claim:
    """Read who has the delivery from the row that refused a claim; raise `LedgerError` if it did not come along."""
    try:
        row = error.response["Item"]  # type: ignore[typeddict-item] # there because of ALL_OLD
        if (row["id"]["S"], row["state"]["S"]) == (delivery_id, State.SENT):
            return Claim(State.SENT)
        held_seconds = int(row["lease_until"]["N"]) - now + 1
    except (LookupError, TypeError, ValueError) as unreadable:
        message = f"the ledger did not say who holds a claim: {error}"
        raise LedgerError(message, delivery_id) from unreadable
    return Claim(State.HELD, min(held_seconds, LEASE_SECONDS + 1))
