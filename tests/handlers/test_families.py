"""Families of resources, while several processes tell of them at the same time."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from notifier.memory.families import JOIN_SECONDS, joined
from notifier.memory.items import Family, Item, OpenIncident
from notifier.memory.rows import Row
from notifier.model.incident import Turn
from notifier.model.status_change import Severity
from tests.disturbances import SWEEP, Functions, Step, disturbed_functions, end
from tests.samples import event, notification

FAILED: Final = event("service-instance-deployment-failed")


def instance(name: str) -> dict[str, Any]:
    """Make the failure of another instance of the service."""
    return {
        **FAILED,
        "id": name,
        "resources": [FAILED["resources"][0].replace("prod", name)],
        "detail": {**FAILED["detail"], "name": name},
    }


def stack(name: str, status: str) -> dict[str, Any]:
    """Make the event of a stack."""
    raw = event(f"cloud-formation-stack-{name}")
    return {**raw, "id": status, "detail": {**raw["detail"], "status-details": {"status": status, "status-reason": ""}}}


PROD: Final[Step] = (0, instance("prod"))
TEST: Final[Step] = (0, instance("test"))
NESTED: Final[list[Step]] = [
    (0, stack("nested-creation-failed-and-is-rolling-back", "CREATE_FAILED")),
    (1, stack("updated", "UPDATE_COMPLETE")),
]


@pytest.fixture
def functions() -> Iterator[Functions]:
    """Watch what the function calls."""
    with disturbed_functions() as functions:
        yield functions


def test_two_parts_that_fail_at_once_share_a_thread(functions: Functions) -> None:
    """At whatever call of one process the other one takes its event."""
    functions.tell([PROD])
    (points,) = functions.points

    for place in range(len(points)):
        told = functions.tell([PROD], lambda functions: functions.take_elsewhere(TEST), place)

        incidents = [each.notification.incident for each in told]
        assert [each and each.turn for each in incidents] == [Turn.OPENED] * 4
        assert len({each and each.id for each in incidents}) == 2
        assert len({each and each.thread for each in incidents}) == 1, points[place]


def test_a_part_joins_a_thread_whose_first_failure_is_not_kept_yet(functions: Functions) -> None:
    """The parent's item may be written before the item of the part that begins the thread."""
    parent_knows, others = threading.Event(), [TEST]
    functions.events.register("after-call.dynamodb.PutItem", lambda **_: parent_knows.set())

    def wait(params: Mapping[str, Any], **_others: object) -> None:
        if re.search("/prod$", json.loads(params["body"])["Item"]["id"]["S"]) and others:
            assert parent_knows.wait(30)
            functions.take_elsewhere(others.pop())

    functions.events.register("before-call.dynamodb.PutItem", wait)

    told = functions.tell([PROD])

    incidents = [each.notification.incident for each in told]
    assert len({each and each.id for each in incidents}) == 2
    assert {each and each.thread.rpartition("-")[2] for each in incidents} == {"prod"}


def test_a_part_that_fails_again_displaces_no_thread(functions: Functions) -> None:
    """A process that has not seen its failure takes the next one for the first, until the memory refuses it."""
    again: Step = (5, {**instance("prod"), "id": "again"})

    told = functions.tell([PROD, again, (6, instance("test"))], end, 0)

    assert len({each.notification.incident and each.notification.incident.thread for each in told}) == 1


def test_a_failure_of_which_nobody_was_told_begins_the_thread_later(functions: Functions) -> None:
    """The id of its incident is that of the event that named it first."""
    started = event("service-instance-deployment-started")
    unseen: Step = (0, {**started, "id": "unseen", "detail": {**started["detail"], "previousStatus": "FAILED"}})

    told = functions.tell([unseen, (5, FAILED)])

    incidents = [each.notification.incident for each in told]
    assert [each and each.thread == each.id for each in incidents] == [True, True]


def test_the_failure_that_follows_a_rejection_is_in_its_thread() -> None:
    """However long the request has waited, and wherever the process ended before."""
    asked, failed = {**event("code-pipeline-action-waits-for-approval"), "id": "asked"}, event("code-pipeline-failed")
    rejected = {**asked, "id": "rejected", "detail": {**asked["detail"], "state": "FAILED"}}
    story: list[Step] = [(0, asked), (180, rejected), (180, {**failed, "id": "failed"})]
    with disturbed_functions('[[routes]]\nto = ["slack"]\n') as functions:
        functions.tell(story)

        for place in range(len(functions.points[1])):
            incidents = [each.notification.incident for each in functions.tell(story, end, place)]

            assert {each and each.thread.rpartition("-")[2] for each in incidents} == {"asked"}
            assert {each and each.id.rpartition("-")[2] for each in incidents} == {"asked", "failed"}


def pipeline(state: str, execution: str) -> dict[str, Any]:
    """Change an execution of the pipeline; executions are numbered by the minute of their start."""
    raw = event("code-pipeline-failed")
    number = {"execution-id": execution, "start-time": f"2026-11-26T09:{execution}:00Z", "execution-trigger": {}}
    return {**raw, "id": f"{state}-{execution}", "detail": {**raw["detail"], "state": state, **number}}


def request(state: str, execution: str) -> dict[str, Any]:
    """Change the request for the approval of an execution."""
    raw = event("code-pipeline-action-waits-for-approval")
    return {**raw, "id": state, "detail": {**raw["detail"], "state": state, "execution-id": execution}}


ASKED: Final[Step] = (0, request("STARTED", "20"))
REJECTED: Final[Step] = (5, request("FAILED", "20"))
OWN_SUCCESS: Final[Step] = (9, pipeline("SUCCEEDED", "20"))
LATER_SUCCESS: Final[Step] = (9, pipeline("SUCCEEDED", "30"))


@pytest.mark.parametrize(
    ("story", "turns"),
    [
        ([ASKED, (5, pipeline("SUCCEEDED", "10"))], [Turn.OPENED]),
        ([ASKED, (5, pipeline("SUCCEEDED", "10")), OWN_SUCCESS], [Turn.OPENED, Turn.RECOVERED]),
        ([OWN_SUCCESS, ASKED], [Turn.LATE]),
        ([LATER_SUCCESS, ASKED], [Turn.OPENED]),
        ([ASKED, REJECTED, LATER_SUCCESS], [Turn.OPENED, Turn.AGAIN, Turn.RECOVERED]),
        ([LATER_SUCCESS, ASKED, REJECTED], [Turn.OPENED, Turn.RECOVERED]),
        ([LATER_SUCCESS, REJECTED, ASKED], [Turn.LATE, Turn.LATE]),
        ([(9, pipeline("FAILED", "30")), ASKED], [Turn.OPENED]),
    ],
)
def test_the_success_of_a_pipeline_ends_its_rejections_and_no_other_wait(story: list[Step], turns: list[Turn]) -> None:
    """In whatever order they come: somebody still has to act for another execution."""
    with disturbed_functions('[[routes]]\nto = ["slack"]\n') as functions:
        told = functions.tell(story)

    changes = [each.notification for each in told if each.notification.resource_type == "CodePipelineAction"]
    assert [each.incident and each.incident.turn for each in changes] == turns
    # What tells the failure and the end at once.
    late = [each.headline for each in changes if each.status == "FAILED" and each.severity is Severity.RECOVERED]
    assert {*late} <= {"was rejected, or expired at 10:05 UTC, told late; well since 10:09 UTC"}


def test_a_part_is_well_again_with_the_whole_once(functions: Functions) -> None:
    """Wherever the process ended before."""
    functions.tell(NESTED)

    for place in range(max(map(len, functions.points))):
        told = functions.tell(NESTED, end, place)

        turns = [each.notification.incident and each.notification.incident.turn for each in told]
        assert sorted(map(str, turns)) == ["None", *["opened"] * 2, *["recovered"] * 2][-len(turns) :]


def test_parts_that_are_well_again_are_read_no_more(functions: Functions) -> None:
    """The next success of the whole takes one write, as its item is known."""
    functions.tell([*NESTED, (2, {**NESTED[1][1], "id": "again"})])

    assert functions.points[1:] == [
        [(name, side) for name in names for side in ("before", "after")]
        for names in (["PutItem", "GetItem", "PutItem", "SendMessageBatch", "PutItem"], ["PutItem"])
    ]


def test_a_part_that_is_flapping_is_well_again_without_a_word(functions: Functions) -> None:
    """The end of its flapping says so."""
    part = "nested-creation-failed-and-is-rolling-back"
    statuses = ("CREATE_FAILED", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_COMPLETE", "DELETE_FAILED")
    flapping = [(minute, {**stack(part, status), "id": f"{minute}"}) for minute, status in enumerate(statuses)]

    told = functions.tell([*flapping, (5, stack("updated", "UPDATE_COMPLETE")), (40, SWEEP)])

    titles = [each.notification.headline for each in told if each.destination == "slack"]
    assert titles[-2] == "is flapping: 3 failures in 4 min"
    assert titles[-1].startswith("settled: well since 10:05 UTC")


@pytest.mark.parametrize(
    ("story", "row"),
    [([PROD], "/prod$"), ([PROD], ":service/[^/]+$"), (NESTED, "ReadReplica")],
    ids=["of the resource", "of its parent", "of its part"],
)
def test_too_many_other_writers_are_an_error(story: list[Step], row: str, functions: Functions) -> None:
    """They come first each time, and the event is retried."""
    incident = OpenIncident("e", "e", notification=notification(FAILED)) if story is NESTED else None

    def refuse(params: Mapping[str, Any], **_others: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        row_id = json.loads(params["body"])["Item"]["id"]["S"]
        if len(functions.points) < len(story) or not re.search(row, row_id):
            return None
        error = {"Code": "ConditionalCheckFailedException", "Message": "No."}
        found = Row(row_id, Item(7, incident=incident), 4_000_000_000).attributes
        return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "Item": found}

    # The stubs know only of hooks that answer nothing.
    functions.events.register("before-call.dynamodb.PutItem", refuse)  # type: ignore[arg-type]

    with pytest.raises(ExceptionGroup) as raised:
        functions.tell(story)

    assert raised.group_contains(Exception, match="other writers came first 5 times")


def test_the_thread_of_a_later_failure_stays() -> None:
    """An earlier one that is late does not displace it."""
    late, later = Family("late", 0, "late"), Family("later", JOIN_SECONDS + 1, "later", ("part",))

    assert joined(Item(family=later), late, "another").family == replace(later, members=("part", "another"))
    assert joined(Item(family=late), later).family == replace(later, members=())
