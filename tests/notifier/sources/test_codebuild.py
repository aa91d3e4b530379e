"""The particulars of CodeBuild's events."""

from typing import Any, Final

import pytest

from notifier.model.notification import Notification
from tests.notifier.sources.documented_events import READ, notification, read

BUILD: Final = "my-sample-project:8745a7a9-c340-456a-9166-edf953571bEX"
FAILED: Final = "COMMAND_EXECUTION_ERROR: Error while executing command: npm test. Reason: exit status 1"
SUCCEEDED_PHASE: Final = {"phase-type": "INSTALL", "phase-status": "SUCCEEDED", "phase-context": [": "]}


def failed(phase_status: str = "FAILED", contexts: object = (FAILED,)) -> Notification:
    """Compose the notification of a build of which the phase BUILD failed."""
    phase = {"phase-type": "BUILD", "phase-status": phase_status, "phase-context": contexts}
    later = {"phase-type": "FINALIZING", "phase-status": "SUCCEEDED"}
    return _build({"phases": [SUCCEEDED_PHASE, phase, later, {"phase-type": "COMPLETED"}]}, status="FAILED")


def test_a_failed_build_names_the_phase_and_the_reason() -> None:
    """Phases that succeeded say nothing."""
    told = failed(contexts=["", FAILED])

    assert (told.severity, told.title) == (
        "failure",
        "123456789012: build my-sample-project #55 failed (us-west-2)",
    )
    assert told.reason == FAILED
    assert told.next_step == "Read the end of its log."
    assert ("Phase", "BUILD") in {(fact.label, fact.value) for fact in told.facts}


@pytest.mark.parametrize(
    ("phase_status", "headline"),
    [
        ("CLIENT_ERROR", "could not run as configured"),
        ("FAULT", "failed, because of an error in CodeBuild"),
        ("TIMED_OUT", "ran out of time"),
        ("SOMETHING_NEW", "failed"),
    ],
)
def test_the_phase_tells_why_a_build_failed(phase_status: str, headline: str) -> None:
    """The build itself only says that it failed."""
    told = failed(phase_status)

    assert (told.severity, told.status, told.headline) == ("failure", "FAILED", headline)


def test_a_build_that_can_be_repeated_comes_with_the_command() -> None:
    """The command names the build, not the project."""
    assert failed("FAULT").command == f"aws codebuild retry-build --id {BUILD} --region us-west-2"


@pytest.mark.parametrize(
    ("context", "reason"),
    [(f"[{FAILED}]", FAILED), (f"[: {FAILED}]", FAILED), (FAILED, FAILED), ("[]", None), ("[: ]", None), (None, None)],
)
def test_without_phases_the_current_context_is_the_reason(context: str | None, reason: str | None) -> None:
    """It is text in brackets, even if there is nothing in them."""
    told = _build({"phases": None}, status="FAILED", context=context)

    assert told.reason == reason


@pytest.mark.parametrize(("context", "reason"), [(f"[{FAILED}]", FAILED), ("[]", None)])
def test_a_failed_phase_names_its_reason(context: str, reason: str | None) -> None:
    """An event of a phase has it beside the phase's status."""
    event = READ["cb_phase"]
    detail = {
        **event["detail"],
        "completed-phase": "BUILD",
        "completed-phase-status": "FAILED",
        "completed-phase-context": context,
    }
    told = notification({**event, "detail": detail})

    assert (told.title, told.reason) == (
        "123456789012: build my-sample-project #55 failed in phase BUILD (us-west-2)",
        reason,
    )


@pytest.mark.parametrize(
    ("version", "key"),
    [
        ("main", "my-sample-project"),
        ("a3f1c90", "my-sample-project"),
        ("pr/12", "my-sample-project/12"),
        ("refs/pull/12/head", "my-sample-project/12"),
        ("refs/pull/12/head^{a3f1c90}", "my-sample-project/12"),
        ("refs/merge-requests/12/head", "my-sample-project/12"),
        ("feature/pr/12", "my-sample-project"),
        ("refs/heads/main^{a3f1c90}", "my-sample-project"),
        (None, "my-sample-project"),
    ],
)
def test_a_pull_request_fails_for_itself(version: str | None, key: str) -> None:
    """The next build of a branch does not mend it, nor does it break the project."""
    assert _build({"source-version": version}).key == f"CodeBuildBuild/123456789012/us-west-2/{key}"


@pytest.mark.parametrize(
    ("initiator", "parents"),
    [
        ("codepipeline/shop", ("CodePipeline/123456789012/us-west-2/shop",)),
        ("GitHub-Hookshot/1", ()),
        ("me", ()),
        (None, ()),
    ],
)
def test_a_build_of_a_pipeline_belongs_to_it(initiator: str | None, parents: tuple[str, ...]) -> None:
    """Its initiator names the pipeline."""
    assert read(_event({"initiator": initiator})).change.parents == parents


@pytest.mark.parametrize(
    ("link", "labels"),
    [
        ("https://console.aws.amazon.com/cloudwatch/home#logEvent:group=null;stream=null", ["Open the build"]),
        (
            "https://console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/null/log-events/null",
            ["Open the build"],
        ),
        (
            "https://console.aws.amazon.com/cloudwatch/home#logEvent:group=g;stream=s",
            ["Open the build", "Open the log"],
        ),
        (None, ["Open the build"]),
    ],
)
def test_a_log_without_a_name_is_not_linked(link: str | None, labels: list[str]) -> None:
    """The first event of a build has such a link."""
    assert [each.label for each in _build({"logs": {"deep-link": link}}).links] == labels


def test_a_bare_event_is_read() -> None:
    """The console's own sample has no additional information, and the project's name may be taken from the build."""
    event = READ["cb_state"]
    detail = {"build-status": "IN_PROGRESS", "build-id": event["detail"]["build-id"]}
    told = notification({**event, "detail": detail})

    assert (told.severity, told.title) == (
        "progress",
        "123456789012: build my-sample-project is running (us-west-2)",
    )
    assert told.values["operation"] == BUILD
    assert not notification({**event, "detail": {"build-status": "FAILED"}, "resources": ["arn:x"]}).recognised


def _event(more: dict[str, Any], *, status: str = "SUCCEEDED", context: str | None = "[]") -> dict[str, Any]:
    event = READ["cb_state"]
    information = {**event["detail"]["additional-information"], **more}
    detail = {"build-status": status, "current-phase-context": context, "additional-information": information}
    return {**event, "detail": {**event["detail"], **detail}}


def _build(more: dict[str, Any], *, status: str = "SUCCEEDED", context: str | None = "[]") -> Notification:
    return notification(_event(more, status=status, context=context))


def test_a_phase_with_a_null_for_its_status_did_not_fail() -> None:
    """The last phase, COMPLETED, has none."""
    failure = {"phase-type": "BUILD", "phase-status": "FAILED", "phase-context": [FAILED]}
    told = _build({"phases": [failure, {"phase-type": "COMPLETED", "phase-status": None}]}, status="FAILED")

    assert told.reason == FAILED
