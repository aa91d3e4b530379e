"""A ledger's table in moto, whose conditional write is a read and then a write."""

import threading
from typing import TYPE_CHECKING, Final

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE: Final = "ledger"


def ledger_table() -> "DynamoDBClient":
    """Make the table as the template does; each call to it is as indivisible as DynamoDB's are."""
    client = boto3.Session().client("dynamodb", region_name="eu-west-1")
    lock = threading.Lock()
    client.meta.events.register("before-call.dynamodb", lambda **_call: (lock.acquire(), None)[1])
    for end in ("after-call.dynamodb", "after-call-error.dynamodb"):
        client.meta.events.register(end, lambda **_call: lock.release())
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    return client
