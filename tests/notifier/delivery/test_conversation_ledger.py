from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from notifier.delivery.conversation import Conversation
from notifier.delivery.ledger import CONVERSATION_SECONDS, LEASE_SECONDS, Ledger, LedgerError
from tests.aws_calls import AwsCalls
from tests.ledger_table import TABLE, ledger_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NEW = Conversation("C#1/alerts")
KNOWN = Conversation(
    "C#1/alerts", "1.2", "C0ALERTS", ("1", "2"), "1", 2, datetime(2026, 3, 3, 10, tzinfo=UTC), "2", shared=True
)


class Table:
    """The table, two workers, and the clock that both have."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self.client = client
        self.now = 1_800_000_000.0
        self.first, self.second = (Ledger(client, TABLE, owner, lambda: self.now) for owner in ("first", "second"))

    def expires_at(self) -> float:
        """Read when the conversation's row expires."""
        row = self.client.get_item(TableName=TABLE, Key={"id": {"S": NEW.id}})["Item"]
        return float(row["expires_at"]["N"])


@pytest.fixture
def table() -> Iterator[Table]:
    """Make the table."""
    with mock_aws():
        yield Table(ledger_table())


def test_a_conversation_is_had_by_one_worker_at_a_time(table: Table) -> None:
    """Until it is released, or its lease expires."""
    assert table.first.lease(NEW.id) == NEW
    assert table.second.lease(NEW.id) is None

    table.now += LEASE_SECONDS + 1
    assert table.second.lease(NEW.id) == NEW

    table.second.keep(KNOWN)
    assert table.first.lease(NEW.id) == KNOWN


def test_what_is_kept_stays_ours(table: Table) -> None:
    """A conversation is stored before all is said."""
    table.first.lease(NEW.id)
    table.first.keep(KNOWN, leased=True)

    assert table.second.lease(NEW.id) is None
    table.now += LEASE_SECONDS + 1
    assert table.second.lease(NEW.id) == KNOWN


def test_the_mark_of_a_delivery_stores_its_conversation_and_releases_it(table: Table) -> None:
    """In one call, as a digest has hundreds of both."""
    table.first.lease(NEW.id)
    table.first.mark_sent("1/alerts", rows=[table.first.row(KNOWN, leased=False)])

    assert table.first.was_sent("1/alerts")
    assert table.second.lease(NEW.id) == KNOWN
    assert table.expires_at() == table.now + CONVERSATION_SECONDS


def test_only_a_mark_says_that_a_delivery_was_sent(table: Table) -> None:
    """A claim does not."""
    table.first.claim("1/alerts")

    assert not table.second.was_sent("1/alerts")
    assert not table.second.was_sent("2/alerts")


def test_what_another_worker_has_cannot_be_stored(table: Table) -> None:
    """Whoever was away for longer than a lease knows less than the other."""
    table.first.lease(NEW.id)
    table.now += LEASE_SECONDS + 1
    table.second.lease(NEW.id)

    with pytest.raises(LedgerError, match="the ledger did not take a conversation"):
        table.first.keep(KNOWN)


@mock_aws
def test_a_table_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call says what it was for."""
    calls = AwsCalls(monkeypatch)
    for operation in ("UpdateItem", "PutItem", "GetItem"):
        calls.refuse(f"dynamodb.{operation}")
    table = Table(boto3.client("dynamodb", region_name="eu-west-1"))

    for call, text in (
        (lambda: table.first.lease(NEW.id), "did not give a conversation"),
        (lambda: table.first.keep(NEW, leased=True), "did not take a conversation"),
        (lambda: table.first.was_sent("1/alerts"), "did not say if a delivery was sent"),
    ):
        with pytest.raises(LedgerError, match=text):
            call()


def test_a_conversation_that_cannot_be_read_is_an_error(table: Table) -> None:
    """It is not taken for a new one."""
    row = table.first.row(replace(KNOWN), leased=False)
    table.first.mark_sent(rows=[{**row, "conversation": {"S": "{"}}])

    with pytest.raises(LedgerError, match="did not give a conversation"):
        table.first.lease(NEW.id)
