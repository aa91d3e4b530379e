import itertools
import socket
import time
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from handlers.aws import AwsClients
from notifier.memory.history import Condition, Entry, Kind, OrderKey, Summary
from notifier.memory.items import Family, Item, OpenIncident
from notifier.memory.rows import KEY_LIMIT_BYTES, SHARDS
from notifier.memory.rules import Escalation
from notifier.memory.store import KNOWN_LIMIT, PAGE_SIZE, Memory, MemoryUnavailableError
from notifier.model.incident import Incident, State, Turn
from proton_notifier.localaws.environment import ENVIRONMENT
from tests.aws_calls import AwsCalls
from tests.memory_table import MEMORY_TABLE, memory_table
from tests.notifier.sources.documented_events import notification
from tests.samples import event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: Final = "arn:aws:proton:eu-west-1:123456789012:service/checkout"
NOW: Final = 1_800_000_000
DAY: Final = 24 * 60 * 60
FAILURE: Final = Entry("e1", NOW, Kind.FAILURE)
# Every field differs from its default.
INCIDENT: Final = Incident(
    "e1", "e0", Turn.AGAIN, State.FAILING, 3, datetime.fromtimestamp(NOW, UTC), 2, broadcast=True
)
FULL: Final = Item(
    1,
    Summary(Condition.FAILING, NOW - 1.5, 2, attempted=False, operations=("o1", "o2"), healthy="o0"),
    OrderKey(NOW - 1.5, 7, "e0"),
    (Entry(
        "e1", NOW + 0.1, Kind.FAILURE, "FAILED", "o2", Kind.SUCCESS, INCIDENT, ignored=True,
        withheld=True, followers=("slack",), recipients=("email",), part=True,
    ),),
    OpenIncident(
        "e1", "e0", ("slack", "email"), None, 2, NOW, NOW + 1, silenced=True, flapping_since=NOW + 2,
        escalations=(Escalation(3600, ("on-call",), "@here"),), withheld_for="whole",
    ),
    Family("e0", NOW, KEY, ("another",)),
    None,
    NOW + 3600.25,
)  # fmt: skip


class Clock:
    """A clock that stands until it is moved."""

    now = float(NOW)

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Make a clock."""
    return Clock()


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    """Make the table."""
    with mock_aws():
        yield memory_table()


@pytest.fixture
def process(client: "DynamoDBClient", clock: Clock) -> Callable[[], Memory]:
    """Start a process that has seen nothing yet."""
    return lambda: Memory(client, MEMORY_TABLE, clock)


def calls_of(client: "DynamoDBClient") -> list[str]:
    """Record the calls from now on."""
    calls: list[str] = []
    client.meta.events.register("before-call.dynamodb", lambda model, **_call: calls.append(model.name))
    return calls


def put(client: "DynamoDBClient", **attributes: Any) -> None:  # noqa: ANN401 - any attribute, of any shape
    """Put a row past the memory."""
    client.put_item(TableName=MEMORY_TABLE, Item={"id": {"S": KEY}, **attributes})


def test_a_resource_that_is_new_or_known_takes_one_call(
    client: "DynamoDBClient", process: Callable[[], Memory]
) -> None:
    """The process that wrote last assumes that nobody has written since."""
    memory = process()
    calls = calls_of(client)

    refused = [memory.keep(KEY, memory.recall(KEY), Item(version)) for version in (1, 2, 3)]

    assert refused == [None, None, None]
    assert calls == ["PutItem"] * 3
    assert memory.recall(KEY) == process().read(KEY) == Item(3)


def test_another_process_finds_what_is_there_by_its_refusal(
    client: "DynamoDBClient", process: Callable[[], Memory]
) -> None:
    """The item comes back with the refusal, be the process new or behind, so that two calls are enough."""
    first, second = process(), process()
    first.keep(KEY, Item(), FULL)
    calls = calls_of(client)

    found = second.keep(KEY, second.recall(KEY), Item(1, log=(FAILURE,)))
    refused = second.keep(KEY, FULL, replace(FULL, version=2))
    behind = first.keep(KEY, first.recall(KEY), replace(FULL, version=2, due_at=0))

    assert (found, refused, behind) == (FULL, None, replace(FULL, version=2))
    assert first.recall(KEY) == second.recall(KEY) == replace(FULL, version=2)
    assert calls == ["PutItem"] * 3


def test_an_item_comes_back_as_it_was(process: Callable[[], Memory]) -> None:
    """Each field, the notification of the incident included."""
    assert FULL.incident is not None
    told = notification(event("service-update-failed"))
    item = replace(FULL, incident=replace(FULL.incident, notification=told), ending=told)

    process().keep(KEY, Item(), item)

    assert process().read(KEY) == item


def test_a_put_whose_response_was_lost_counts_as_done(client: "DynamoDBClient", process: Callable[[], Memory]) -> None:
    """A retry finds its own item, and takes it for no other's."""
    memory = process()
    lost = iter([ReadTimeoutError(endpoint_url="dynamodb")])

    def lose(**_call: object) -> None:
        for error in lost:
            raise error

    client.meta.events.register("after-call.dynamodb.PutItem", lose)

    with pytest.raises(MemoryUnavailableError, match="Read timeout"):
        memory.keep(KEY, Item(), FULL)

    assert memory.recall(KEY) == Item()
    assert memory.keep(KEY, memory.recall(KEY), FULL) is None
    assert memory.recall(KEY) == FULL


@pytest.mark.parametrize(("incident", "days"), [(None, 60), (FULL.incident, 400)], ids=["closed", "open"])
def test_an_item_expires(
    incident: OpenIncident | None, days: int, process: Callable[[], Memory], clock: Clock, client: "DynamoDBClient"
) -> None:
    """It counts as new from then on, also where DynamoDB has not deleted it yet, and is replaced by its version."""
    memory = process()
    memory.keep(KEY, Item(), replace(FULL, incident=incident))
    clock.now += days * DAY - 1
    before = memory.recall(KEY), process().read(KEY)
    clock.now += 1

    assert before == (replace(FULL, incident=incident),) * 2
    assert memory.recall(KEY) == process().read(KEY) == Item(version=1)
    assert process().keep(KEY, Item(), Item(1, log=(FAILURE,))) == Item(version=1)
    assert memory.keep(KEY, memory.recall(KEY), Item(2)) is None
    assert client.scan(TableName=MEMORY_TABLE)["Items"][0]["expires_at"] == {"N": str(NOW + (days + 60) * DAY)}


def test_an_item_that_was_deleted_is_found_to_be_new(client: "DynamoDBClient", process: Callable[[], Memory]) -> None:
    """By DynamoDB, when it had expired, or by a person."""
    memory = process()
    memory.keep(KEY, Item(), FULL)
    client.delete_item(TableName=MEMORY_TABLE, Key={"id": {"S": KEY}})

    found = memory.keep(KEY, memory.recall(KEY), replace(FULL, version=2))

    assert found == memory.recall(KEY) == process().read(KEY) == Item()


def writer(memory: Memory, key: str, entry: Entry) -> Generator[None]:
    """Add *entry* to the item of *key*, and stop before each call."""
    found: Item | None = memory.recall(key)
    while found is not None:
        before = found
        yield
        found = memory.keep(key, before, replace(before.with_entry(entry), version=before.version + 1))


@pytest.mark.uncounted
@pytest.mark.parametrize("known", [0, 1])
def test_two_writers_lose_nothing(known: int, process: Callable[[], Memory]) -> None:
    """Whatever the order of their calls; the slower one builds on what the faster one wrote."""
    entries = [Entry(f"e{number}", NOW + number, Kind.PROGRESS) for number in (0, 1)]
    schedules = [*itertools.product((0, 1), repeat=6)]
    items = []

    for schedule in schedules:
        key, memories = f"{KEY}-{schedule}", (process(), process())
        for version in range(known):
            memories[0].keep(key, Item(version), Item(version + 1))
        writers = [writer(memory, key, entry) for memory, entry in zip(memories, entries, strict=True)]
        for number in schedule:
            next(writers[number], None)
        for _ in itertools.chain(*writers):
            pass
        items.append(process().read(key))

    assert items == [Item(known + 2, log=tuple(entries))] * len(schedules)


@pytest.mark.parametrize(
    "code", ["InternalServerError", "ProvisionedThroughputExceededException", "ThrottlingException"]
)
def test_a_table_that_refuses_is_an_error(code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the item, and nothing is remembered of what may not be stored."""
    with mock_aws():
        calls = AwsCalls(monkeypatch)
        for operation in ("GetItem", "PutItem", "Query"):
            calls.answer(f"dynamodb.{operation}", lambda _body: {"Error": {"Code": code, "Message": "No."}})
        memory = Memory(memory_table(), MEMORY_TABLE, clock)

        with pytest.raises(MemoryUnavailableError, match=f"the memory of {KEY} is unavailable: .*{code}"):
            memory.read(KEY)
        with pytest.raises(MemoryUnavailableError, match=f"the memory of {KEY} is unavailable: .*{code}"):
            memory.keep(KEY, Item(), FULL)
        with pytest.raises(MemoryUnavailableError, match=f"the memory of shard 0 is unavailable: .*{code}"):
            next(memory.due(NOW))

    assert memory.recall(KEY) == Item()


def test_a_table_that_does_not_answer_is_an_error_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once: the event can be told without it, and Lambda retries."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
        memory = Memory(AwsClients().reader("dynamodb"), MEMORY_TABLE, time.time)
        started_at = time.monotonic()

        with pytest.raises(MemoryUnavailableError, match="Read timeout"):
            memory.keep(KEY, Item(), FULL)

        assert 1 <= time.monotonic() - started_at < 2
        silent.accept()[0].close()
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):
            silent.accept()


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"item": {"S": "{}"}, "expires_at": {"N": "1"}},
        {"item": {"B": b"no zlib"}, "expires_at": {"N": "1"}},
        {"item": {"B": zlib.compress(b"{")}, "expires_at": {"N": "1"}},
        {"item": {"B": zlib.compress(b"\xff")}, "expires_at": {"N": "1"}},
        {"item": {"B": zlib.compress(b"[" * 100_000)}, "expires_at": {"N": "1"}},
        {"item": {"B": zlib.compress(b'{"base": {"condition": "dreaming"}}')}, "expires_at": {"N": "1"}},
        {"item": {"B": zlib.compress(b'{"version": 1}')}},
        {"item": {"B": zlib.compress(b'{"version": 1}')}, "expires_at": {"S": "soon"}},
    ],
    ids=["empty", "text", "not compressed", "half", "no UTF-8", "too deep", "a later version's", "for ever", "soon"],
)
def test_an_unreadable_item_is_an_error_and_stays(
    attributes: dict[str, Any], client: "DynamoDBClient", process: Callable[[], Memory]
) -> None:
    """A later version may have written it; the message has the id by which a person can delete it."""
    memory = process()
    memory.keep(KEY, Item(), Item(1))
    put(client, v={"N": "2"}, **attributes)
    before = client.scan(TableName=MEMORY_TABLE)["Items"]

    with pytest.raises(MemoryUnavailableError, match=f"the memory of {KEY} is unavailable: not readable"):
        memory.keep(KEY, memory.recall(KEY), Item(2))
    with pytest.raises(MemoryUnavailableError, match=f"the memory of {KEY} is unavailable: not readable"):
        memory.read(KEY)
    with pytest.raises(MemoryUnavailableError, match="not readable"):
        memory.keep(KEY, memory.recall(KEY), Item(1))

    assert client.scan(TableName=MEMORY_TABLE)["Items"] == before


def test_what_an_item_of_a_later_version_adds_is_no_error(
    client: "DynamoDBClient", process: Callable[[], Memory]
) -> None:
    """A field that this version does not know is left out."""
    put(client, item={"B": zlib.compress(b'{"version": 4, "mood": "good"}')}, expires_at={"N": str(NOW + 1)})

    assert process().read(KEY) == Item(4)


def test_the_item_of_another_resource_is_an_error(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy may answer anything."""
    row = {"id": {"S": "other"}, "item": {"B": zlib.compress(msgspec.json.encode(FULL))}, "expires_at": {"N": "1"}}
    with mock_aws():
        AwsCalls(monkeypatch).answer("dynamodb.GetItem", lambda _body: {"Item": row})

        with pytest.raises(MemoryUnavailableError, match="not readable: ValueError"):
            Memory(memory_table(), MEMORY_TABLE, clock).read(KEY)


@pytest.mark.parametrize(("length", "bytes_of_id"), [(KEY_LIMIT_BYTES // 2, KEY_LIMIT_BYTES), (KEY_LIMIT_BYTES, 64)])
def test_a_long_key_is_hashed(
    length: int, bytes_of_id: int, client: "DynamoDBClient", process: Callable[[], Memory]
) -> None:
    """DynamoDB counts bytes. The sweep gets the hash, by which the item is found as well."""
    memory, key = process(), "é" * length

    memory.keep(key, Item(), FULL)

    (row,) = client.scan(TableName=MEMORY_TABLE)["Items"]
    (due,) = memory.due(NOW + DAY)
    assert len(row["id"]["S"].encode()) == bytes_of_id
    assert memory.read(key) == memory.read(due) == memory.recall(due) == FULL


def test_what_is_due_is_found_once_its_time_has_come(process: Callable[[], Memory], client: "DynamoDBClient") -> None:
    """In all shards; what is said and what ended is in the index no more."""
    memory = process()
    due = {f"{KEY}-{number}": Item(1, due_at=NOW + number) for number in range(40)}
    for key, item in due.items():
        memory.keep(key, Item(), item)
    memory.keep("never", Item(), Item(1))

    at_once = sorted(memory.due(NOW + 19))
    for number in range(10):
        later = Item(2, due_at=NOW + DAY if number else 0)
        memory.keep(f"{KEY}-{number}", memory.recall(f"{KEY}-{number}"), later)

    assert at_once == sorted([*due][:20])
    assert sorted(memory.due(NOW + 19)) == sorted([*due][10:20])
    shards = [row["due"]["N"] for row in client.scan(TableName=MEMORY_TABLE)["Items"] if "due" in row]
    assert (len(shards), set(shards)) == (39, set(map(str, range(SHARDS))))


@pytest.mark.uncounted
def test_all_pages_are_read(process: Callable[[], Memory], client: "DynamoDBClient") -> None:
    """A page has a hundred keys, and is read when it is needed."""
    memory = process()
    shard = (key for number in itertools.count() if not zlib.crc32((key := f"{KEY}-{number}").encode()) % SHARDS)
    keys = list(itertools.islice(shard, 2 * PAGE_SIZE + 1))
    for key in keys:
        memory.keep(key, Item(), Item(1, due_at=NOW))
    calls = calls_of(client)

    found = memory.due(NOW)

    assert {next(found) for _ in range(PAGE_SIZE)} < set(keys)
    assert calls == ["Query"]
    assert len({*found}) == PAGE_SIZE + 1
    assert calls == ["Query"] * (2 + SHARDS)


def test_a_process_remembers_those_that_it_used_last(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand items fit into its memory."""
    with mock_aws():
        AwsCalls(monkeypatch).answer("dynamodb.PutItem", lambda _body: {})
        memory = Memory(memory_table(), MEMORY_TABLE, clock)
    for number in range(KNOWN_LIMIT):
        memory.keep(str(number), Item(), Item(1))
    memory.keep("0", Item(1), Item(2))

    memory.keep("another", Item(), Item(1))

    assert [memory.recall(key).version for key in ("0", "1", "2", "another")] == [2, 0, 1, 1]
