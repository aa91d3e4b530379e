import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from notifier.delivery.ledger import LEASE_SECONDS, MARK_ATTEMPTS, SENT, Ledger, LedgerError
from notifier.delivery.outcomes import Deferred, Sent
from notifier.delivery.printing import NullLedger
from tests.aws_calls import AwsCalls
from tests.ledger_table import TABLE, ledger_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def held(seconds: int) -> Deferred:
    """Describe the outcome while another worker holds a claim."""
    return Deferred(seconds, "another worker holds the claim")


@pytest.fixture
def clock() -> Clock:
    """Make a clock."""
    return Clock()


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    """Make the table."""
    with mock_aws():
        yield ledger_table()


def test_a_delivery_is_claimed_once(client: "DynamoDBClient", clock: Clock) -> None:
    """A second worker is told how long to wait, and the first itself as well."""
    first = Ledger(client, TABLE, "first", clock)
    second = Ledger(client, TABLE, "second", clock)

    assert first.claim("e/slack") is None
    clock.now += 10
    assert second.claim("e/slack") == held(LEASE_SECONDS - 9)
    assert first.claim("e/slack") == held(LEASE_SECONDS - 9)
    assert second.claim("e/email") is None


def test_a_claim_lapses_with_its_lease(client: "DynamoDBClient", clock: Clock) -> None:
    """A worker that died leaves nothing behind for ever."""
    Ledger(client, TABLE, "dead", clock).claim("e/slack")
    clock.now += LEASE_SECONDS + 1

    assert Ledger(client, TABLE, "alive", clock).claim("e/slack") is None


def test_what_was_sent_is_never_claimed_again(client: "DynamoDBClient", clock: Clock) -> None:
    """Not after the lease, and not after a release that came too late."""
    worker = Ledger(client, TABLE, "worker", clock)
    worker.claim("e/slack")

    worker.mark_sent("e/slack")
    worker.release("e/slack")
    clock.now += 10 * LEASE_SECONDS

    assert Ledger(client, TABLE, "other", clock).claim("e/slack") == Sent(0)


def test_a_released_claim_is_free_at_once(client: "DynamoDBClient", clock: Clock) -> None:
    """The next attempt does not wait for the lease."""
    worker = Ledger(client, TABLE, "worker", clock)
    worker.claim("e/slack")

    worker.release("e/slack")

    assert Ledger(client, TABLE, "other", clock).claim("e/slack") is None


def test_nobody_releases_the_claim_of_another(client: "DynamoDBClient", clock: Clock) -> None:
    """A worker whose lease lapsed has no say any more."""
    late = Ledger(client, TABLE, "late", clock)
    late.claim("e/slack")
    clock.now += LEASE_SECONDS + 1
    Ledger(client, TABLE, "next", clock).claim("e/slack")

    late.release("e/slack")

    assert isinstance(late.claim("e/slack"), Deferred)


def test_of_many_workers_at_once_one_gets_the_claim(client: "DynamoDBClient", clock: Clock) -> None:
    """A conditional write has one winner."""
    workers = [Ledger(client, TABLE, f"worker-{number}", clock) for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        outcomes = [*pool.map(lambda worker: worker.claim("e/slack"), workers)]

    assert Counter(outcomes) == {None: 1, held(LEASE_SECONDS + 1): 7}


def test_rows_expire(client: "DynamoDBClient", clock: Clock) -> None:
    """The table does not grow for ever; a row outlives any message that could still come back."""
    worker = Ledger(client, TABLE, "worker", clock)

    worker.claim("e/slack")
    worker.mark_sent("e/email")

    rows = client.scan(TableName=TABLE)["Items"]
    assert [int(row["expires_at"]["N"]) - clock.now for row in rows] == [60 * 24 * 60 * 60] * 2


def test_a_digest_of_500_is_marked_by_20_calls_at_the_same_time(client: "DynamoDBClient", clock: Clock) -> None:
    """The gap after a destination's yes is as wide as one of them; each of the 500 is marked after them."""
    deliveries = [f"e-{number}/slack" for number in range(500)]
    calls: list[str] = []
    together = Barrier(20, timeout=30)
    client.meta.events.register("before-call.dynamodb", lambda model, **_call: calls.append(model.name))
    # Before the table's own hook, which lets one call after the other in.
    client.meta.events.register("provide-client-params.dynamodb.BatchWriteItem", lambda **_: (together.wait(), None)[1])

    Ledger(client, TABLE, "worker", clock).mark_sent(*deliveries)

    assert calls == ["BatchWriteItem"] * 20
    rows = client.scan(TableName=TABLE)["Items"]
    assert sorted(row["id"]["S"] for row in rows if row["state"]["S"] == SENT) == sorted(deliveries)


class BusyTable:
    """A table that takes the first *taken* puts of a call, and of those that are *stuck* none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, taken: int, *stuck: str) -> None:
        self.rows: list[str] = []
        self.asked: Counter[str] = Counter()
        self._taken = taken
        self._stuck = stuck
        AwsCalls(monkeypatch).answer("dynamodb.BatchWriteItem", self._write)
        self.client = boto3.client("dynamodb", region_name="eu-west-1")

    def _write(self, request: bytes) -> dict[str, Any]:
        puts = {put["PutRequest"]["Item"]["id"]["S"]: put for put in json.loads(request)["RequestItems"][TABLE]}
        self.asked.update([*puts])
        done = [name for name in puts if name not in self._stuck][: self._taken]
        self.rows += done
        refused = [put for name, put in puts.items() if name not in done]
        return {"UnprocessedItems": {TABLE: refused} if refused else {}}


def test_a_busy_table_is_asked_again_for_what_it_did_not_take(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mark is written once, in the end."""
    deliveries = [f"e-{number}/slack" for number in range(60)]
    with mock_aws():
        table = BusyTable(monkeypatch, 10)

        Ledger(table.client, TABLE, "worker", clock).mark_sent(*deliveries)

    assert sorted(table.rows) == sorted(deliveries)


def test_a_table_that_stays_too_busy_is_an_error_for_what_it_did_not_take(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are marked, and nobody waits for ever."""
    with mock_aws():
        table = BusyTable(monkeypatch, 25, "b/slack")

        with pytest.raises(LedgerError, match="too busy for 5 attempts") as caught:
            Ledger(table.client, TABLE, "worker", clock).mark_sent("a/slack", "b/slack", "c/slack")

    assert caught.value.delivery_ids == ("b/slack",)
    assert table.rows == ["a/slack", "c/slack"]
    assert table.asked["b/slack"] == MARK_ATTEMPTS


def test_a_mark_that_fails_is_an_error_for_those_that_went_with_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are marked, and none is tried again: it would only wait for the same time-out."""
    deliveries = [f"e-{number:02}/slack" for number in range(60)]
    asked: list[bytes] = []

    def answer(request: bytes) -> dict[str, Any]:
        asked.append(request)
        return {"Error": {"Code": "InternalServerError"}} if b"e-30/slack" in request else {"UnprocessedItems": {}}

    with mock_aws():
        AwsCalls(monkeypatch).answer("dynamodb.BatchWriteItem", answer)
        client = boto3.client("dynamodb", region_name="eu-west-1")

        with pytest.raises(LedgerError) as caught:
            Ledger(client, TABLE, "worker", clock).mark_sent(*deliveries)

    assert caught.value.delivery_ids == tuple(deliveries[25:50])
    assert len(asked) == 3


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
        with pytest.raises(LedgerError, match=f"{message}.*not found") as refused:
            getattr(Ledger(no_table, TABLE, "worker", clock), call)("e/slack")

    with pytest.raises(LedgerError, match=f"{message}: Could not connect") as unanswered:
        getattr(Ledger(nobody, TABLE, "worker", clock), call)("e/slack")

    assert refused.value.delivery_ids == unanswered.value.delivery_ids == ("e/slack",)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"Item": "x"},
        {"Item": {}},
        {"Item": {"state": {"S": "sent"}}},
        {"Item": {"id": {"S": "other"}, "state": {"S": "sent"}}},
        {"Item": {"state": {"S": "claimed"}}},
        {"Item": {"state": {"S": "claimed"}, "lease_until": {"N": "soon"}}},
    ],
)
def test_a_claim_that_is_refused_without_a_reason_is_an_error(
    row: dict[str, Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it was sent, so it is neither forgotten nor sent."""
    refused = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "No."}, **row}
    with mock_aws():
        AwsCalls(monkeypatch).answer("dynamodb.PutItem", lambda _body: refused)
        ledger = Ledger(boto3.client("dynamodb", region_name="eu-west-1"), TABLE, "worker", clock)

        with pytest.raises(LedgerError, match="who holds") as caught:
            ledger.claim("e/slack")

    assert caught.value.delivery_ids == ("e/slack",)


def test_no_lease_is_longer_than_a_lease(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the row says, and whatever the other worker's clock."""
    row = {"id": {"S": "e/slack"}, "state": {"S": "claimed"}, "lease_until": {"N": "99999999999"}}
    refused = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "No."}, "Item": row}
    with mock_aws():
        AwsCalls(monkeypatch).answer("dynamodb.PutItem", lambda _body: refused)
        ledger = Ledger(boto3.client("dynamodb", region_name="eu-west-1"), TABLE, "worker", clock)

        assert ledger.claim("e/slack") == held(LEASE_SECONDS + 1)


def test_without_a_ledger_every_claim_is_granted() -> None:
    """Local invocations have none."""
    ledger = NullLedger("anyone")

    ledger.mark_sent("e/slack")
    ledger.release("e/slack")

    assert ledger.claim("e/slack") is None
