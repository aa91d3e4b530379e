import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.function import LocalFunction
from tests.functions import VARIABLES, deploy
from tests.memory_table import MEMORY_TABLE, memory_table
from tests.samples import event

SWEEP = {"source": "notifier.sources.sweep", "detail-type": "Notifier Sweep", "detail": {}}
FAILED_AT = datetime.now(UTC) - timedelta(hours=5)


@pytest.fixture
def resources() -> Iterator[dict[str, str]]:
    """Make the stack's queues and tables."""
    with mock_aws():
        memory_table()
        yield {**deploy(), "MEMORY_TABLE": MEMORY_TABLE}


def titles(resources: dict[str, str]) -> list[str]:
    """Take the deliveries out of the queue, and return the titles of their notifications."""
    sqs = boto3.client("sqs", region_name=REGION)
    messages = sqs.receive_message(QueueUrl=resources["DELIVERIES_QUEUE_URL"], MaxNumberOfMessages=10)["Messages"]
    notifications = [json.loads(message["Body"])["notification"] for message in messages]
    return [f"{each['name']} {each['headline']}" for each in notifications]


def test_an_unreadable_item_keeps_nobody_from_a_reminder(resources: dict[str, str]) -> None:
    """The log names it, and the alarm is told."""
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources})
    function.invoke({**event("service-update-failed"), "time": FAILED_AT.isoformat()})
    broken = {"id": {"S": "a broken item"}, "v": {"N": "1"}, "due": {"N": "0"}, "due_at": {"N": "1"}}
    boto3.client("dynamodb", region_name=REGION).put_item(TableName=MEMORY_TABLE, Item=broken)
    opened = titles(resources)

    answer = function.invoke(SWEEP)

    reminded = titles(resources)
    assert answer["due"] == 1
    assert len(opened) == len(reminded) == 2
    assert all("still failing" in title for title in reminded)
    assert "the memory of a broken item is unavailable: not readable" in function.log.getvalue()
    assert '"MemoryInTrouble":[1.0]' in function.log.getvalue()


def test_a_sweep_that_cannot_ask_tells_the_alarm(resources: dict[str, str]) -> None:
    """The next one asks again; a retry of this one would fill the queue of failed events."""
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName=MEMORY_TABLE)
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources})

    answer = function.invoke(SWEEP)

    assert answer["due"] == 0
    assert "the memory of shard 0 is unavailable" in function.log.getvalue()
    assert '"MemoryInTrouble":[1.0]' in function.log.getvalue()
