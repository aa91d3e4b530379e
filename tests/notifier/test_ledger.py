from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from notifier.ledger import LEASE_SECONDS, Claim, Ledger, LedgerError, State, Unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "ledger"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Make a clock."""
    return Clock()


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    """Make a table as the template does."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        yield dynamodb


def test_a_delivery_is_claimed_once(client: "DynamoDBClient", clock: Clock) -> None:
    """A second worker is told how long to wait, and the first itself as well."""
    first = Ledger(client, TABLE, "first", clock)
    second = Ledger(client, TABLE, "second", clock)

    assert first.claim("e/slack") == Claim(State.CLAIMED)
    clock.now += 10
    assert second.claim("e/slack") == Claim(State.HELD, LEASE_SECONDS - 9)
    assert first.claim("e/slack") == Claim(State.HELD, LEASE_SECONDS - 9)
    assert second.claim("e/email") == Claim(State.CLAIMED)


def test_a_claim_lapses_with_its_lease(client: "DynamoDBClient", clock: Clock) -> None:
    """A worker that died leaves nothing behind for ever."""
    Ledger(client, TABLE, "dead", clock).claim("e/slack")
    clock.now += LEASE_SECONDS + 1

    assert Ledger(client, TABLE, "alive", clock).claim("e/slack") == Claim(State.CLAIMED)


def test_what_was_sent_is_never_claimed_again(client: "DynamoDBClient", clock: Clock) -> None:
    """Not after the lease, and not after a release that came too late."""
    worker = Ledger(client, TABLE, "worker", clock)
    worker.claim("e/slack")

    worker.mark_sent("e/slack")
    worker.release("e/slack")
    clock.now += 10 * LEASE_SECONDS

    assert Ledger(client, TABLE, "other", clock).claim("e/slack") == Claim(State.SENT)


def test_a_released_claim_is_free_at_once(client: "DynamoDBClient", clock: Clock) -> None:
    """The next attempt does not wait for the lease."""
    worker = Ledger(client, TABLE, "worker", clock)
    worker.claim("e/slack")

    worker.release("e/slack")

    assert Ledger(client, TABLE, "other", clock).claim("e/slack") == Claim(State.CLAIMED)


def test_nobody_releases_the_claim_of_another(client: "DynamoDBClient", clock: Clock) -> None:
    """A worker whose lease lapsed has no say any more."""
    late = Ledger(client, TABLE, "late", clock)
    late.claim("e/slack")
    clock.now += LEASE_SECONDS + 1
    Ledger(client, TABLE, "next", clock).claim("e/slack")

    late.release("e/slack")

    assert late.claim("e/slack").state is State.HELD


def test_of_many_workers_at_once_one_gets_the_claim(client: "DynamoDBClient", clock: Clock) -> None:
    """A conditional write has one winner."""
    workers = [Ledger(client, TABLE, f"worker-{number}", clock) for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        states = [claim.state for claim in pool.map(lambda worker: worker.claim("e/slack"), workers)]

    assert sorted(states) == [State.CLAIMED] + [State.HELD] * 7


def test_rows_expire(client: "DynamoDBClient", clock: Clock) -> None:
    """The table does not grow for ever; a row outlives any message that could still come back."""
    worker = Ledger(client, TABLE, "worker", clock)

    worker.claim("e/slack")
    worker.mark_sent("e/email")

    rows = client.scan(TableName=TABLE)["Items"]
    assert [int(row["expires_at"]["N"]) - clock.now for row in rows] == [60 * 24 * 60 * 60] * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("claim", "the ledger did not take a claim"),
        ("mark_sent", "the ledger did not take the mark of a sent delivery"),
        ("release", "the ledger did not take a release"),
    ],
)
def test_a_ledger_that_is_down_is_an_error(call: str, message: str, clock: Clock) -> None:
    """Without an answer, and with a refusal."""
    nobody = boto3.client(
        "dynamodb",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nobody checks it
        config=Config(retries={"total_max_attempts": 1}),
    )
    with mock_aws():
        no_table = boto3.client("dynamodb", region_name="eu-west-1")
        with pytest.raises(LedgerError, match=f"{message}.*not found"):
            getattr(Ledger(no_table, TABLE, "worker", clock), call)("e/slack")

    with pytest.raises(LedgerError, match=f"{message}: Could not connect"):
        getattr(Ledger(nobody, TABLE, "worker", clock), call)("e/slack")


def test_without_a_ledger_every_claim_is_granted() -> None:
    """Local invocations have none."""
    ledger = Unrecorded()

    ledger.mark_sent("e/slack")
    ledger.release("e/slack")

    assert ledger.claim("e/slack") == Claim(State.CLAIMED)
