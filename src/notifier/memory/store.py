"""The table of the memory: one item a resource; replacing it requires its latest version."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from notifier.memory.items import Item
from notifier.memory.rows import SHARDS, Row, UnreadableRowError, row_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX: Final = "due"
PAGE_SIZE: Final = 100
# Items that one process remembers.
KNOWN_LIMIT: Final = 1_000


class MemoryUnavailableError(Exception):
    """The memory could not be read or written; the message names the id of the item."""


class Memory:
    """The memory in the table *name*.

    An expired item counts as new. DynamoDB deletes it days later, and until then a write must name its version.
    """

    def __init__(self, client: "DynamoDBClient", name: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._name = name
        self._clock = clock
        # By id, in the order of last use.
        self._known: OrderedDict[str, Row] = OrderedDict()

    def recall(self, key: str) -> Item:
        """Return the item of *key* that this process saw last, or else a new one, without a call.

        Another process may have replaced the item since; `keep` detects that.
        """
        row = self._known.get(row_id(key))
        return self._item(row) if row else Item()

    def read(self, key: str) -> Item:
        """Read the item of *key*, consistently; raise `MemoryUnavailableError`."""
        with _errors_about(row_id(key)):
            response = self._client.get_item(
                TableName=self._name,
                Key={"id": {"S": row_id(key)}},
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",  # its proof (handlers.proofs)
            )
            return self._found(row_id(key), response)

    def keep(self, key: str, before: Item, after: Item) -> Item | None:
        """Replace *before* by *after*, its next version; return the item found in place of *before*, if another one.

        If *after* itself is found, an earlier call stored it and its response was lost. Raise `MemoryUnavailableError`
        if it is unknown whether *after* is stored, or if the found item cannot be read.
        """
        row = Row.of(row_id(key), after, self._clock())
        with _errors_about(row.id):
            try:
                self._client.put_item(
                    TableName=self._name,
                    Item=row.attributes,
                    ReturnConsumedCapacity="TOTAL",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **_condition(before.version),
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                found = self._found(row.id, error.response)
                return None if found == after else found
        self._remember(row)
        return None

    def due(self, now: float) -> Iterator[str]:
        """Find the keys of the items that are due at *now*; raise `MemoryUnavailableError`.

        The index may lack the latest writes.
        """
        for shard in range(SHARDS):
            start: dict[str, Any] | None = {}
            while start is not None:
                with _errors_about(f"shard {shard}"):
                    page = self._client.query(
                        TableName=self._name,
                        IndexName=INDEX,
                        KeyConditionExpression="#due = :shard AND due_at <= :now",
                        ExpressionAttributeNames={"#due": "due"},
                        ExpressionAttributeValues={":shard": {"N": str(shard)}, ":now": {"N": str(now)}},
                        Limit=PAGE_SIZE,
                        ReturnConsumedCapacity="TOTAL",
                        **start,
                    )
                yield from (row["id"]["S"] for row in page["Items"])
                last = page.get("LastEvaluatedKey")
                start = {"ExclusiveStartKey": last} if last else None

    def _found(self, found_id: str, response: Mapping[str, Any]) -> Item:
        """Remember and return the item in *response*, or a new one if there is none.

        An unreadable item raises an error: a newer version of the notifier may have written it before a rollback.
        """
        self._known.pop(found_id, None)
        if "Item" not in response:
            return Item()
        row = Row.read(found_id, response["Item"])
        self._remember(row)
        return self._item(row)

    def _remember(self, row: Row) -> None:
        self._known[row.id] = row
        self._known.move_to_end(row.id)
        if len(self._known) > KNOWN_LIMIT:
            self._known.popitem(last=False)

    def _item(self, row: Row) -> Item:
        return row.item if row.expires_at > self._clock() else Item(version=row.item.version)


def _condition(version: int) -> dict[str, Any]:
    """Require the *version* in the table, or no item for the version 0."""
    if not version:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return {"ConditionExpression": "v = :before", "ExpressionAttributeValues": {":before": {"N": str(version)}}}


@contextmanager
def _errors_about(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, UnreadableRowError) as error:
        message = f"the memory of {what} is unavailable: {error}"
        raise MemoryUnavailableError(message) from error
