"""Ledger of the deliveries that were sent: one row a delivery in a DynamoDB table.

A delivery is claimed before its message is sent, and marked as sent after the destination's yes, so that a redelivery
sends no second message. A claim that is never marked expires with its lease. One gap remains: a process that ends
between the yes and the mark leaves a claim that expires, and the message is sent again. The deliveries of a digest are
marked in as few calls as possible, to keep that gap narrow.

If DynamoDB throttles or fails a claim, nothing is sent and the delivery is deferred (`notifier.delivery.worker`). If
it throttles a mark, the mark is retried at once; if the mark fails, the delivery still counts as sent.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.outcomes import Deferred, Sent
from notifier.delivery.parallel_calls import call_each, chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# An item of the table.
Row = Mapping[str, "AttributeValueTypeDef"]

# Longer than the delivery function can run (template.yaml), so that no lease expires under a running worker.
LEASE_SECONDS: Final = 90
# Longer than a message can stay in the queues, and then be redriven.
RETENTION_SECONDS: Final = 60 * 24 * 60 * 60
# DynamoDB takes no more puts in one BatchWriteItem.
MARKS_LIMIT: Final = 25
# A throttled mark is retried without a wait, which would only widen the gap.
MARK_ATTEMPTS: Final = 5
# The states of a row.
CLAIMED: Final = "claimed"
SENT: Final = "sent"


class LedgerError(Exception):
    """The ledger could not be read or written for these *delivery_ids*."""

    def __init__(self, message: str, *delivery_ids: str) -> None:
        super().__init__(message)
        self.delivery_ids = delivery_ids


class LedgerProtocol(Protocol):
    """A ledger, as a worker uses it."""

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Claim a delivery; return its outcome instead if it was sent before, or if another worker holds it."""

    def mark_sent(self, *delivery_ids: str, rows: Sequence[Row] = ()) -> None:
        """Mark deliveries as sent, and store *rows*."""

    def release(self, delivery_id: str) -> None:
        """Delete a claim."""


class Ledger:
    """The ledger in the table *name*, for claims of *owner*, a name that no other worker has."""

    def __init__(self, client: "DynamoDBClient", name: str, owner: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._name = name
        self._owner = owner
        self._clock = clock

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Claim a delivery; return its outcome instead if it was sent before, or if another worker holds it.

        Raise `LedgerError` if the claim fails.
        """
        now = int(self._clock())
        try:
            self._client.put_item(
                TableName=self._name,
                Item={
                    "id": {"S": delivery_id},
                    "state": {"S": CLAIMED},
                    "owner": {"S": self._owner},
                    "lease_until": {"N": str(now + LEASE_SECONDS)},
                    "expires_at": {"N": str(now + RETENTION_SECONDS)},
                },
                ConditionExpression="attribute_not_exists(id) OR (#state = :claimed AND lease_until < :now)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":claimed": {"S": CLAIMED}, ":now": {"N": str(now)}},
                ReturnConsumedCapacity="TOTAL",  # its proof (handlers.proofs)
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return _existing_claim(error, delivery_id, now)
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not take a claim: {error}"
            raise LedgerError(message, delivery_id) from error
        return None

    def mark_sent(self, *delivery_ids: str, rows: Sequence[Row] = ()) -> None:
        """Mark deliveries as sent, and store *rows*, in as few calls as possible, which run in parallel.

        Raise `LedgerError` with the deliveries that are not marked. A failed call is not retried: the retry would wait
        for the same time-out.
        """
        pending: Sequence[Row] = [*map(self._mark, delivery_ids), *rows]
        errors: list[str] = []

        def put(batch: Sequence[Row]) -> Sequence[Row]:
            try:
                return self._put(batch)
            except (BotoCoreError, ClientError) as error:
                errors.append(str(error))
                return batch

        for _ in range(MARK_ATTEMPTS):
            if not errors:
                results = call_each(put, chunks(pending, MARKS_LIMIT), lambda: True)
                pending = [*chain.from_iterable(throttled for _, throttled in results)]
        if pending:
            why = errors[0] if errors else f"too busy for {MARK_ATTEMPTS} attempts"
            message = f"the ledger did not take the mark of a sent delivery: {why}"
            missing = {row["id"]["S"] for row in pending}
            raise LedgerError(message, *(delivery_id for delivery_id in delivery_ids if delivery_id in missing))

    def release(self, delivery_id: str) -> None:
        """Delete our claim, so that the next attempt need not wait for its lease; raise `LedgerError`."""
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
            return  # The lease expired, and another worker has the claim.
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not take a release: {error}"
            raise LedgerError(message, delivery_id) from error

    def _mark(self, delivery_id: str) -> "Row":
        """Write the row of a delivery that was sent."""
        now = int(self._clock())
        return {
            "id": {"S": delivery_id},
            "state": {"S": SENT},
            "sent_at": {"N": str(now)},
            "expires_at": {"N": str(now + RETENTION_SECONDS)},
        }

    def _put(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Put *rows* in one call; return those that were throttled."""
        response = self._client.batch_write_item(
            RequestItems={self._name: [{"PutRequest": {"Item": row}} for row in rows]}
        )
        return [entry["PutRequest"]["Item"] for entry in response["UnprocessedItems"].get(self._name, [])]


def _existing_claim(error: ClientError, delivery_id: str, now: int) -> Sent | Deferred:
    """Read the row that prevented a claim from *error*; raise `LedgerError` if it is not there."""
    try:
        row = error.response["Item"]  # type: ignore[typeddict-item] # there because of ALL_OLD
        if (row["id"]["S"], row["state"]["S"]) == (delivery_id, SENT):
            return Sent(0)
        held_seconds = int(row["lease_until"]["N"]) - now + 1
    except (LookupError, TypeError, ValueError) as unreadable:
        message = f"the ledger did not say who holds a claim: {error}"
        raise LedgerError(message, delivery_id) from unreadable
    return Deferred(min(held_seconds, LEASE_SECONDS + 1), "another worker holds the claim")
