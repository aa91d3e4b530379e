"""Ledger of the sent deliveries and of the conversations: a row for each in a DynamoDB table.

A delivery is claimed before its message is sent, and marked as sent after the destination has accepted the message, so
that a redelivery sends no second message. A claim without a mark expires with its lease. One gap remains: if a process
ends between acceptance and mark, the claim expires, and the message is sent again. To keep the gap narrow, a digest
is marked in few calls. If a claim fails, nothing is sent; if a mark fails, the delivery still counts as sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.conversation import Conversation
from notifier.delivery.outcomes import Deferred, Sent
from notifier.delivery.parallel_calls import call_each, chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, WriteRequestTypeDef

LedgerRow = Mapping[str, "AttributeValueTypeDef"]

# Longer than the delivery function can run (template.yaml), so that no lease expires under a running worker.
LEASE_SECONDS: Final = 90
# Longer than a message can stay in the queues, a redrive included.
RETENTION_SECONDS: Final = 60 * 24 * 60 * 60
# As long as the memory keeps an open incident.
CONVERSATION_SECONDS: Final = 400 * 24 * 60 * 60
# DynamoDB accepts at most 25 puts in one BatchWriteItem.
MARKS_LIMIT: Final = 25
# Throttled marks are retried without a wait, because a wait would widen the gap.
MARK_ATTEMPTS: Final = 5
# The states of a row.
CLAIMED: Final = "claimed"
SENT: Final = "sent"


class LedgerError(Exception):
    """The ledger could not be read or written for these *delivery_ids*."""

    def __init__(self, message: str, *delivery_ids: str) -> None:
        super().__init__(message)
        self.delivery_ids = delivery_ids


class Ledger:
    """Ledger in the table *name*; *owner* is unique to this worker. Every call can raise `LedgerError`."""

    def __init__(self, client: "DynamoDBClient", name: str, owner: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._name = name
        self._owner = owner
        self._clock = clock

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Claim a delivery; return its outcome instead if it is already sent or claimed by another worker."""
        now = int(self._clock())
        with _errors("take a claim", delivery_id):
            try:
                self._client.put_item(
                    TableName=self._name,
                    Item={"id": {"S": delivery_id}, "state": {"S": CLAIMED}, **self._lease(now, RETENTION_SECONDS)},
                    ConditionExpression="attribute_not_exists(id) OR (#state = :claimed AND lease_until < :now)",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":claimed": {"S": CLAIMED}, ":now": {"N": str(now)}},
                    ReturnConsumedCapacity="TOTAL",  # its proof (handlers.proofs)
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return _existing_claim(error, delivery_id, now)
        return None

    def mark_sent(self, *delivery_ids: str, rows: Sequence[LedgerRow] = ()) -> None:
        """Mark deliveries as sent, and store *rows*, in few parallel calls; the error names the unmarked deliveries.

        A failed call is not retried: the retry would run into the same time-out.
        """
        now = int(self._clock())
        times: LedgerRow = {"sent_at": {"N": str(now)}, "expires_at": {"N": str(now + RETENTION_SECONDS)}}
        marks: list[LedgerRow] = [{"id": {"S": name}, "state": {"S": SENT}, **times} for name in delivery_ids]
        pending: Sequence[LedgerRow] = [*marks, *rows]
        errors: list[str] = []

        def put(batch: Sequence[LedgerRow]) -> Sequence[LedgerRow]:
            """Put *batch* in one call; return the rows that were not stored."""
            puts: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": row}} for row in batch]
            try:
                response = self._client.batch_write_item(RequestItems={self._name: puts})
            except (BotoCoreError, ClientError) as error:
                errors.append(str(error))
                return batch
            return [entry["PutRequest"]["Item"] for entry in response["UnprocessedItems"].get(self._name, [])]

        for _ in range(MARK_ATTEMPTS):
            if pending and not errors:
                results = call_each(put, chunks(pending, MARKS_LIMIT), lambda: True)
                pending = [row for _, rows_left in results for row in rows_left]
        if pending:
            why = errors[0] if errors else f"too busy for {MARK_ATTEMPTS} attempts"
            message = f"the ledger did not take the mark of a sent delivery: {why}"
            missing = [row["id"]["S"] for row in pending]
            raise LedgerError(message, *(name for name in delivery_ids if name in missing))

    def release(self, delivery_id: str) -> None:
        """Delete our claim, so that the next attempt need not wait until its lease expires."""
        # The condition fails if the lease expired and another worker has the claim.
        with _errors("take a release", delivery_id), suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.delete_item(TableName=self._name, Key={"id": {"S": delivery_id}}, **self._if_ours())

    def lease(self, conversation_id: str) -> Conversation | None:
        """Lease a conversation, which may be new; return None if another worker has the lease."""
        now = int(self._clock())
        values = {f":{name}": value for name, value in self._lease(now, CONVERSATION_SECONDS).items()}
        with _errors("give a conversation"):
            try:
                response = self._client.update_item(
                    TableName=self._name,
                    Key={"id": {"S": conversation_id}},
                    UpdateExpression="SET #owner = :owner, lease_until = :lease_until, expires_at = :expires_at",
                    ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":now": {"N": str(now)}, **values},
                    ReturnValues="ALL_NEW",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
            return self.parse(conversation_id, response["Attributes"])

    def keep(self, conversation: Conversation, *, leased: bool = False) -> None:
        """Store a conversation that we have leased; release it unless *leased*."""
        with _errors("take a conversation"):
            self._client.put_item(TableName=self._name, Item=self.row(conversation, leased=leased), **self._if_ours())

    def row(self, conversation: Conversation, *, leased: bool) -> LedgerRow:
        """Write the row of a conversation."""
        lease = self._lease(int(self._clock()), CONVERSATION_SECONDS)
        return {
            "id": {"S": conversation.id},
            "conversation": {"S": msgspec.json.encode(conversation).decode()},
            **(lease if leased else {"expires_at": lease["expires_at"]}),
        }

    @staticmethod
    def parse(conversation_id: str, row: LedgerRow) -> Conversation:
        """Read the conversation in *row*; a row that was only leased has a new one."""
        stored = row.get("conversation")
        return msgspec.json.decode(stored["S"], type=Conversation) if stored else Conversation(conversation_id)

    def was_sent(self, delivery_id: str) -> bool:
        """Check whether a delivery is marked as sent."""
        with _errors("say if a delivery was sent"):
            response = self._client.get_item(
                TableName=self._name,
                Key={"id": {"S": delivery_id}},
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",
            )
        return response.get("Item", {}).get("state") == {"S": SENT}

    def _lease(self, now: int, retention_seconds: int) -> LedgerRow:
        return {
            "owner": {"S": self._owner},
            "lease_until": {"N": str(now + LEASE_SECONDS)},
            "expires_at": {"N": str(now + retention_seconds)},
        }

    def _if_ours(self) -> dict[str, Any]:
        return {
            "ConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": {"S": self._owner}},
            "ReturnConsumedCapacity": "TOTAL",
        }


@contextmanager
def _errors(task: str, *delivery_ids: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, msgspec.DecodeError) as error:
        message = f"the ledger did not {task}: {error}"
        raise LedgerError(message, *delivery_ids) from error


def _existing_claim(error: ClientError, delivery_id: str, now: int) -> Sent | Deferred:
    """Return the outcome by the row in *error*, which prevented a claim; raise `LedgerError` if it has none."""
    try:
        row = error.response["Item"]  # type: ignore[typeddict-item] # there because of ALL_OLD
        if (row["id"]["S"], row["state"]["S"]) == (delivery_id, SENT):
            return Sent(0)
        held_seconds = int(row["lease_until"]["N"]) - now + 1
    except (LookupError, TypeError, ValueError) as unreadable:
        message = f"the ledger did not say who holds a claim: {error}"
        raise LedgerError(message, delivery_id) from unreadable
    return Deferred(min(held_seconds, LEASE_SECONDS + 1), "another worker holds the claim")
