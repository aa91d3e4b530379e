import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
import time_machine
from moto import mock_aws

from notifier.model.incident import Turn
from proton_notifier.localaws.environment import REGION
from proton_notifier.localaws.function import LocalFunction
from tests.disturbances import SWEEP as DISTURBED
from tests.disturbances import Functions, Step, disturbed_functions
from tests.functions import VARIABLES, deploy
from tests.memory_table import MEMORY_TABLE, memory_table
from tests.samples import event

SWEEP = {"source": "notifier.sources.sweep", "detail-type": "Notifier Sweep", "detail": {}}
FAILED_AT = datetime.now(UTC) - timedelta(hours=30)


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


STACK = {
    "source": "aws.cloudformation",
    "detail-type": "CloudFormation Stack Status Change",
    "account": "123456789012",
    "region": REGION,
    "time": FAILED_AT.isoformat(),
    "resources": [],
}


def create_stack() -> str:
    """Create a stack, which is well."""
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    client = boto3.client("cloudformation", region_name=REGION)
    stack_id: str = client.create_stack(StackName="checkout", TemplateBody=template)["StackId"]
    return stack_id


def failed(stack_id: str) -> dict[str, object]:
    """Make the event of a stack whose update failed five hours ago."""
    detail = {"stack-id": stack_id, "status-details": {"status": "UPDATE_ROLLBACK_COMPLETE"}}
    return {**STACK, "id": "failed", "detail": detail}


@pytest.mark.parametrize(
    ("deleted", "end"),
    [
        (False, "was created, recovered after 30 h"),
        (True, "was deleted after failing for 30 h"),
    ],
)
def test_what_is_over_is_told_instead_of_a_reminder(resources: dict[str, str], end: str, *, deleted: bool) -> None:
    """Its event was lost, so that AWS is asked; it is told once."""
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources, "EXPLAIN_FAILURES": "on"})
    stack_id = create_stack()
    function.invoke(failed(stack_id))
    assert titles(resources) == ["checkout could not be updated, and was rolled back"] * 2
    if deleted:
        boto3.client("cloudformation", region_name=REGION).delete_stack(StackName=stack_id)

    answers = [function.invoke(SWEEP)["due"] for _ in range(2)]

    assert answers == [1, 0]
    # On a busy machine, minutes have passed meanwhile.
    assert [re.sub(r" \d+ min$", "", title) for title in titles(resources)] == [f"checkout {end}"] * 2


def test_what_is_over_with_the_whole_is_told_too(resources: dict[str, str]) -> None:
    """An action that failed in a pipeline's run, and a stack nested in one, end with it."""
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources, "EXPLAIN_FAILURES": "on"})
    stack_id = create_stack()
    nested = stack_id.replace("checkout", "checkout-Db-1ABCDEFGHIJKL")
    function.invoke(failed(stack_id))
    function.invoke({**failed(nested), "id": "nested"})
    titles(resources)

    function.invoke(SWEEP)

    ends = titles(resources)
    assert any(end.startswith("checkout was created, recovered") for end in ends)
    assert any(end.endswith("with the stack checkout") for end in ends)


@pytest.mark.parametrize("explain", ["on", "off"])
def test_a_reminder_is_sent_if_the_status_stays_unknown(resources: dict[str, str], explain: str) -> None:
    """The log has the error; with the parameter off, there is no question."""
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources, "EXPLAIN_FAILURES": explain})
    function.invoke(failed(create_stack().replace("checkout", "unknown")))
    titles(resources)

    function.invoke(SWEEP)

    assert titles(resources) == ["unknown could not be updated, and was rolled back, still failing after 30 h"] * 2
    assert ("no answer before a reminder" in function.log.getvalue()) == (explain == "on")


def test_a_reminder_is_sent_of_what_still_fails(resources: dict[str, str]) -> None:
    """AWS says so, too: the success is older than the failure."""
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources, "EXPLAIN_FAILURES": "on"})
    with time_machine.travel(FAILED_AT - timedelta(hours=1)):
        stack_id = create_stack()
    function.invoke(failed(stack_id))
    titles(resources)

    function.invoke(SWEEP)

    assert titles(resources) == ["checkout could not be updated, and was rolled back, still failing after 30 h"] * 2


def test_a_sweep_that_cannot_ask_tells_the_alarm(resources: dict[str, str]) -> None:
    """The next one asks again; a retry of this one would fill the queue of failed events."""
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName=MEMORY_TABLE)
    function = LocalFunction("handlers.events.handler", {**VARIABLES, **resources})

    answer = function.invoke(SWEEP)

    assert answer["due"] == 0
    assert "the memory of shard 0 is unavailable" in function.log.getvalue()
    assert '"MemoryInTrouble":[1.0]' in function.log.getvalue()


def test_what_comes_while_a_reminder_is_queued_is_newer() -> None:
    """So that the message that is kept up to date ends with the recovery; or nothing is said any more."""
    recovered: Step = (300, event("service-instance-deployed"))

    def recover(functions: Functions) -> None:
        if len(functions.points) > 1:
            functions.take_elsewhere(recovered)

    with disturbed_functions() as functions:
        story: list[Step] = [(0, event("service-instance-deployment-failed")), (300, DISTURBED)]
        functions.tell(story)
        turns = []
        for place in range(len(functions.points[-1])):
            told = functions.tell(story, recover, place)
            incidents = {incident for each in told if (incident := each.notification.incident)}
            turns.append([each.turn for each in sorted(incidents, key=lambda each: each.number or 0)])

    assert [Turn.OPENED, Turn.RECOVERED] in turns
    assert [Turn.OPENED, Turn.REMINDER, Turn.RECOVERED] in turns
    assert {each[-1] for each in turns} == {Turn.RECOVERED}
