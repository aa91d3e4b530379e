"""The words of an incident."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from notifier.memory.changes import entry_of, key_of
from notifier.memory.decisions import IncidentDecision, decide
from notifier.memory.history import Entry, Kind
from notifier.memory.items import Item
from notifier.memory.rules import Rules
from notifier.memory.timers import Sending, after
from notifier.memory.words import clock, duration, with_end, with_parent, with_story
from notifier.model.composition import compose
from notifier.model.incident import Incident, State, Turn
from notifier.model.notification import HEADLINE_LIMIT, Notification
from notifier.sources.envelope import Event
from notifier.sources.table import source_of
from tests.samples import event

OPENED: Final = datetime(2026, 3, 3, 10, tzinfo=UTC)
FAILED: Final = "service-instance-deployment-failed"
STARTED: Final = "service-instance-deployment-started"
DEPLOYED: Final = "service-instance-deployed"


def told(*changes: tuple[dict[str, Any], int]) -> Notification:
    """Let events come, each so many minutes after ten; write the notification about the last one."""
    item = Item()
    for number, (raw, minutes) in enumerate(changes):
        at = OPENED + timedelta(minutes=minutes)
        parsed = Event.model_validate({**raw, "id": f"e{number}", "time": at.isoformat()})
        reading = source_of(parsed).read(parsed)
        decision = decide(item, entry_of(reading, at.timestamp()), Rules())
        notification = compose(with_story(reading, decision), {})
        item = after(decision, Sending(notification, ("slack",)), Rules())
    return notification


def instance(name: str, minutes: int) -> tuple[dict[str, Any], int]:
    """Change the service instance as the sample *name* does."""
    raw = event(name)
    before = {"previousStatus": "FAILED"} if name == STARTED else {}
    return {**raw, "detail": {**raw["detail"], **before}}, minutes


def shown(notification: Notification) -> dict[str, str]:
    """Read what a message says of the incident."""
    labels = ("First failed", "Waiting since", "Failed attempts")
    return {fact.label: fact.value for fact in notification.facts if fact.label in labels}


@pytest.mark.parametrize("begins", [True, False])
def test_the_success_of_a_rollback_is_no_recovery(begins: bool) -> None:  # noqa: FBT001 - a table
    """The old version runs; what failed is still to be mended."""
    started = event("code-pipeline-rolling-back")
    ended = {**started, "detail": {**started["detail"], "state": "SUCCEEDED"}}
    failed = {
        **started,
        "detail": {**event("code-pipeline-failed")["detail"], "pipeline": started["detail"]["pipeline"]},
    }
    mended = {**ended, "detail": {**ended["detail"], "execution-trigger": {}, "execution-id": "mended"}}
    story = [(failed, 0), *([(started, 1)] if begins else []), (ended, 2)]

    rolled_back, recovered = told(*story), told(*story, (mended, 5))

    assert (rolled_back.severity, rolled_back.headline) == ("info", "was rolled back: the old version runs")
    assert recovered.headline == "succeeded, recovered after 5 min"


def execution(state: str, number: int, minutes: int) -> tuple[dict[str, Any], int]:
    """Change a pipeline by its execution *number*, which began so many minutes after ten."""
    raw = event("code-pipeline-failed")
    began = {"execution-id": f"execution {number}", "start-time": f"2026-03-03T10:{number:02}:00Z"}
    return {**raw, "detail": {**raw["detail"], **began, "state": state}}, minutes


def test_the_failure_of_an_older_execution_is_told_late() -> None:
    """The newer one succeeded before."""
    headline = told(execution("SUCCEEDED", 5, 10), execution("FAILED", 0, 12)).headline

    assert headline == "failed at 10:12 UTC, told late; well since 10:10 UTC"


@pytest.mark.parametrize("late", [[], [("STARTED", 10, 20)]], ids=["lost", "late"])
def test_another_execution_is_another_attempt_whenever_its_start_comes(late: list[tuple[str, int, int]]) -> None:
    """Its id says so, before its start comes or without it."""
    failures = [execution("FAILED", 0, 5), execution("FAILED", 10, 25)]

    assert told(*failures).headline == "failed: 2nd attempt in 20 min"
    recovered = told(
        *failures, *(execution(state, number, at) for state, number, at in late), execution("SUCCEEDED", 30, 47)
    )
    assert recovered.headline == "succeeded, recovered after 42 min, 2 attempts"


def deployment(name: str, minutes: int, number: int) -> tuple[dict[str, Any], int]:
    """Change an ECS service by the deployment *number*."""
    raw = event(f"ecs-deployment-{name}")
    updated = {"deploymentId": f"ecs-svc/{number}", "updatedAt": f"2026-03-03T10:{minutes:02}:00Z"}
    return {**raw, "detail": {**raw["detail"], **updated}}, minutes


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ([("failed", 5, 2), ("completed", 20, 3), ("started", 12, 3)], "recovered after 15 min"),
        ([("failed", 5, 2), ("completed", 8, 1), ("started", 12, 3), ("completed", 20, 3)], "recovered after 15 min"),
    ],
    ids=["late progress", "after a rollback"],
)
def test_a_recovery_is_as_old_as_the_success(story: list[tuple[str, int, int]], end: str) -> None:
    """The event that shows it may be another one, and a rollback is none."""
    assert told(*(deployment(*step) for step in story)).headline.endswith(end)


@pytest.mark.parametrize(
    ("waits", "answer", "severity", "headline"),
    [
        ("code-pipeline-action-waits-for-approval", {"state": "SUCCEEDED"}, "recovered", "was approved after 3 h"),
        ("code-pipeline-action-waits-for-approval", {"state": "ABANDONED"}, "info", "was abandoned after 3 h"),
        ("code-pipeline-action-waits-for-approval", {"state": "CANCELED"}, "info", "was cancelled after 3 h"),
        (
            "code-deploy-deployment-ready-for-traffic",
            {"state": "STOP"},
            "info",
            "was stopped from being deployed, by a person or an alarm after 3 h",
        ),
        (
            "ecs-hook-waits-for-a-person",
            {"eventName": "HOOK_SUCCEEDED"},
            "recovered",
            "passed a hook of its deployment after 3 h",
        ),
        (
            "ecs-hook-waits-for-a-person",
            {"eventName": "HOOK_FAILED"},
            "info",
            "is to roll back its deployment, as a person decided after 3 h",
        ),
    ],
    ids=["approved", "abandoned", "cancelled", "stopped", "continued", "rolled back"],
)
def test_what_a_person_has_done_is_told_as_a_recovery(
    waits: str, answer: dict[str, str], severity: str, headline: str
) -> None:
    """But nobody waits any more for what was stopped or rolled back."""
    asked = event(waits)
    updated = {"updatedAt": "2026-03-03T10:00:00Z"}, {"updatedAt": "2026-03-03T13:00:00Z"}
    first, last = ({**asked, "detail": {**asked["detail"], **each}} for each in (updated[0], {**updated[1], **answer}))

    ended = told((first, 0), (last, 180))

    assert (ended.severity, ended.headline) == (severity, headline)


def test_an_alarm_that_had_no_data_meanwhile_is_over() -> None:
    """Without a failure before, it is no news."""
    goes_off, is_over = event("cloud-watch-alarm-goes-off"), event("cloud-watch-alarm-is-over")
    previous = {"previousState": {"value": "INSUFFICIENT_DATA"}, "alarmName": goes_off["detail"]["alarmName"]}
    later = {"state": {"value": "OK", "timestamp": "2026-03-03T09:33:10.000+0000"}}
    has_data = {**is_over, "resources": goes_off["resources"], "detail": {**is_over["detail"], **previous, **later}}

    alone, after_alarm = told((has_data, 10)), told((goes_off, 0), (has_data, 10))

    assert (alone.severity, alone.headline) == ("info", "has data, and is normal")
    assert (after_alarm.severity, after_alarm.headline) == (
        "recovered",
        "has data, and is normal, recovered after 10 min",
    )


ACTION: Final = (event("code-pipeline-action-failed"), 1)
PIPELINE: Final = (event("code-pipeline-failed"), 2)


@pytest.mark.parametrize("changes", [[ACTION, PIPELINE], [PIPELINE, ACTION], [PIPELINE, ACTION, PIPELINE]])
def test_the_reason_of_a_part_is_the_cause(changes: list[tuple[dict[str, Any], int]]) -> None:
    """In whatever order the events come: the pipeline's own has none."""
    assert ACTION[0]["detail"]["pipeline"] == PIPELINE[0]["detail"]["pipeline"]
    reason = ACTION[0]["detail"]["execution-result"]["external-execution-summary"]

    last = told(*changes)

    assert last.reason == reason


@pytest.mark.parametrize("names", [("is-rolling-back", "was-rolled-back"), ("was-rolled-back", "is-rolling-back")])
def test_a_rollback_whose_beginning_and_end_have_one_time_is_over(names: tuple[str, str]) -> None:
    """The reason is in the event of the beginning, whichever comes last."""
    last = told(*((event(f"cloud-formation-stack-update-failed-and-{name}"), 5) for name in names))

    assert (last.headline, last.status) == ("could not be updated, and was rolled back", "UPDATE_ROLLBACK_COMPLETE")
    assert last.reason == "The following resource(s) failed to update: [Service]."


def test_a_recovery_tells_how_long_it_took_and_how_often_somebody_tried() -> None:
    """The first question of a person who was woken."""
    attempts = [instance(FAILED, 0), *(instance(name, at) for at in (10, 20) for name in (STARTED, FAILED))]

    recovered = told(*attempts, instance(DEPLOYED, 42))

    assert recovered.title == "123456789012: checkout/prod was deployed, recovered after 42 min, 3 attempts (eu-west-1)"
    assert (recovered.severity, recovered.values["severity"]) == ("recovered", "recovered")
    assert shown(recovered) == {"First failed": "10:00 UTC", "Failed attempts": "3"}


def test_one_attempt_is_not_counted() -> None:
    """There is nothing to compare it with."""
    recovered = told(instance(FAILED, 0), instance(DEPLOYED, 42))

    assert recovered.title == "123456789012: checkout/prod was deployed, recovered after 42 min (eu-west-1)"
    assert shown(recovered) == {"First failed": "10:00 UTC"}


def test_a_further_attempt_tells_its_number() -> None:
    """And the time of all of them."""
    again = told(instance(FAILED, 0), *(instance(name, at) for at in (60, 120) for name in (STARTED, FAILED)))

    assert again.title == "123456789012: checkout/prod could not be deployed: 3rd attempt in 2 h (eu-west-1)"


def test_progress_tells_since_when_it_is_failing() -> None:
    """Its message stands in the place of the failure's."""
    again = told(instance(FAILED, 0), instance(STARTED, 5))

    assert again.title == "123456789012: checkout/prod is being deployed, failing since 10:00 UTC (eu-west-1)"


def test_the_opening_reads_as_without_a_memory() -> None:
    """Nothing is known of it yet."""
    assert told(instance(FAILED, 0)).title == "123456789012: checkout/prod could not be deployed (eu-west-1)"
    assert shown(told(instance(FAILED, 0))) == {}


def test_a_failure_that_comes_late_tells_its_time() -> None:
    """And that it is over."""
    late = told(instance(DEPLOYED, 5), instance(FAILED, 0))
    still = told(instance(FAILED, 5), instance(FAILED, 0))

    assert late.title == (
        "123456789012: checkout/prod could not be deployed at 10:00 UTC, told late; well since 10:05 UTC (eu-west-1)"
    )
    assert late.severity == "failure"
    assert still.title == "123456789012: checkout/prod could not be deployed at 10:00 UTC, told late (eu-west-1)"


def test_a_resource_that_is_deleted_ends_its_incident() -> None:
    """It says how long it was failing."""
    deleted = told(
        instance(FAILED, 0), ({**event(FAILED), "detail": {**event(FAILED)["detail"], "status": "DELETED"}}, 42)
    )

    assert deleted.title == "123456789012: checkout/prod was deleted after failing for 42 min (eu-west-1)"
    assert deleted.severity == "info"


def test_a_request_that_is_accepted_tells_how_long_it_waited() -> None:
    """It did not fail."""
    accepted = told(
        (event("environment-account-connection-waits-to-be-accepted"), 0),
        (event("environment-account-connection-accepted"), 180),
    )

    assert accepted.title.endswith("was accepted after 3 h (eu-west-1)")
    assert accepted.severity == "recovered"
    assert shown(accepted) == {"Waiting since": "10:00 UTC"}


def test_a_success_that_comes_after_what_named_it_tells_the_time() -> None:
    """The first message of the thread shows it then."""
    named = instance(STARTED, 20)[0]
    started = {**named, "detail": {**named["detail"], "previousStatus": "SUCCEEDED"}}, 20

    corrected = told(instance(FAILED, 0), started, instance(DEPLOYED, 10))

    assert (corrected.severity, corrected.headline) == ("success", "was deployed, recovered after 10 min")


def test_what_failed_after_a_wait_tells_the_time_of_the_failure() -> None:
    """The wait before it was no failure."""
    requested = event("code-pipeline-action-waits-for-approval"), 0
    rejected = event("code-pipeline-action-rejected"), 180

    assert shown(told(requested, rejected)) == {}
    assert shown(told(requested, rejected, (rejected[0], 182))) == {"First failed": "13:00 UTC"}


def test_the_end_of_a_rollback_is_no_success() -> None:
    """Though its event reads like one."""
    changes = [("ecs-deployment-failed", "new"), ("ecs-deployment-completed", "old")]
    rolled_back = told(
        *(
            (
                {
                    **event(name),
                    "detail": {
                        **event(name)["detail"],
                        "updatedAt": f"2026-03-03T10:0{number}:00Z",
                        "deploymentId": operation,
                    },
                },
                number,
            )
            for number, (name, operation) in enumerate(changes)
        )
    )

    assert rolled_back.headline == "was rolled back: the old version runs"
    assert rolled_back.severity == "info"


def test_flapping_is_told_with_the_number_of_failures() -> None:
    """In place of what failed."""
    flapping = told(
        instance(FAILED, 0), instance(DEPLOYED, 5), instance(FAILED, 20), instance(DEPLOYED, 25), instance(FAILED, 48)
    )

    assert flapping.title == "123456789012: checkout/prod is flapping: 3 failures in 48 min (eu-west-1)"


def test_changes_are_counted_while_it_is_flapping() -> None:
    """So that a message that says that it was deployed does not read as if it were over."""
    changes = [instance(name, 5 * number) for number, name in enumerate([FAILED, DEPLOYED] * 3)]
    deleted = {**event(FAILED), "detail": {**event(FAILED)["detail"], "status": "DELETED"}}

    assert told(*changes).headline == "was deployed, flapping: failed 3 times in 25 min"
    assert told(*changes, (deleted, 30)).headline == "was deleted after failing 3 times in 30 min"


def test_a_part_that_is_flapping_is_gone_with_the_whole() -> None:
    """Since when it is failing is not known while it is well."""
    whole = told(instance(DEPLOYED, 0))
    well = Incident("e1", "e1", Turn.COUNTED, State.FLAPPING, 9, None, 0)
    counted = IncidentDecision(Item(), Entry("e9", OPENED.timestamp(), Kind.SUCCESS, incident=well), Item())
    gone = replace(counted, entry=replace(counted.entry, incident=replace(well, turn=Turn.ENDED)))

    assert with_parent(whole, counted, whole).headline == "recovered with the service instance checkout/prod"
    assert with_parent(whole, gone, whole).headline == "gone with the service instance checkout/prod"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (42 * 60, "42 min"),
        (119 * 60, "119 min"),
        (2 * 3600, "2 h"),
        (2 * 3600 + 20 * 60, "2 h 20 min"),
        (10 * 3600 + 20 * 60, "10 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 days"),
        (60 * 3600, "2 days"),
    ],
)
def test_a_duration_is_short(seconds: float, text: str) -> None:
    """In at most two units."""
    assert duration(seconds) == text


def test_a_time_of_another_day_has_its_date() -> None:
    """A reader takes a bare time for today's."""
    now = OPENED.timestamp()

    assert clock(now - 3600, now) == "09:00 UTC"
    assert clock(now - 86400, now) == "2026-03-02 10:00 UTC"


def test_the_end_of_a_long_headline_stays() -> None:
    """It is what is new."""
    headline = with_end("x" * 200, ", recovered after 42 min")

    assert len(headline) == HEADLINE_LIMIT
    assert headline.endswith("…, recovered after 42 min")


def test_a_resource_without_a_key_is_known_by_its_arn_or_its_name() -> None:
    """Events about one resource have one of them in common."""
    parsed = Event.model_validate(event(FAILED))
    change = source_of(parsed).read(parsed).change

    assert key_of(replace(change, key="its key")) == "its key"
    assert key_of(change) == change.arn
    assert key_of(replace(change, arn=None)) == "ServiceInstance/123456789012/eu-west-1/checkout/prod"
