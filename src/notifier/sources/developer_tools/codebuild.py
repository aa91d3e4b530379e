"""CodeBuild: builds, and their phases if an account sends these.

Statuses are those of botocore's CodeBuild model and of "Build notifications sample" in the CodeBuild User Guide, fields
those of this sample. A build's events contain its environment variables in plain text, which are never shown.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from notifier.model.status_change import Meanings, Recovery, failure, info, progress, success
from notifier.sources.envelope import Event, listed_texts, text_or_none
from notifier.sources.fields import Fields, first, in_arn, joined, matched
from notifier.sources.reader import EventType, Page

# Statuses of a phase that explain its build's failure.
PHASE_FAILURES: Final = frozenset({"CLIENT_ERROR", "FAULT", "TIMED_OUT"})

RETRY: Final = "aws codebuild retry-build --id {build}"
READ_LOG: Final = "Read the end of its log."
CORRECT: Final = "Correct the project or its role"
START_AGAIN: Final = "Start the build again."
TOO_LONG: Final = "Read in its log what took so long"
RAISE: Final = f"{TOO_LONG}; then raise the project's time-out, or start the build again."
BUILD: Final[Meanings] = {
    "CLIENT_ERROR": failure("could not run as configured", f"{CORRECT}, then start again.", RETRY),
    "FAILED": failure("failed", READ_LOG),
    "FAULT": failure("failed, because of an error in CodeBuild", START_AGAIN, RETRY),
    "IN_PROGRESS": progress("is running"),
    "STOPPED": info("was stopped"),
    "SUCCEEDED": success("succeeded"),
    "TIMED_OUT": failure("ran out of time", RAISE, RETRY),
}
PHASE: Final[Meanings] = {
    "CLIENT_ERROR": failure("could not run phase {phase} as configured", f"{CORRECT}."),
    "FAILED": failure("failed in phase {phase}", READ_LOG),
    "FAULT": failure("failed in phase {phase}, because of an error in CodeBuild", START_AGAIN),
    "IN_PROGRESS": progress("is in phase {phase}"),
    "STOPPED": info("was stopped in phase {phase}"),
    "SUCCEEDED": info("finished phase {phase}"),
    "TIMED_OUT": failure("ran out of time in phase {phase}", f"{TOO_LONG}."),
}

PROJECT: Final = first("project-name", in_arn("build/([^:]+)", "build-id"))
# A later build of the project's branch does not end the failure of a pull request's build.
PULL_REQUEST: Final = matched(
    r"(?:refs/)?(?:pr|pull|mr|merge-requests)/(\d+)(?:/|$)", "additional-information.source-version"
)


def _name(event: Event) -> str | None:
    project, number = PROJECT(event), event.text("additional-information.build-number")
    return f"{project} #{number}" if project and number else project


def _failed_phase(event: Event) -> Mapping[str, Any]:
    """Find the last phase that did not succeed; the phase COMPLETED has no status."""
    phases = event.objects("additional-information.phases")
    return next((each for each in reversed(phases) if (each.get("phase-status") or "SUCCEEDED") != "SUCCEEDED"), {})


def _outcome(event: Event) -> str | None:
    status, phase_status = event.text("build-status"), text_or_none(_failed_phase(event).get("phase-status"))
    return phase_status if status == "FAILED" and phase_status in PHASE_FAILURES else status


def _reason(event: Event) -> str | None:
    contexts = listed_texts(_failed_phase(event).get("phase-context"))
    return "; ".join(filter(None, map(_context, contexts))) or _context(event.text("current-phase-context"))


def _context(text: str | None) -> str | None:
    """Return the code and message without brackets; None if there are only punctuation marks."""
    context = (text or "").strip()
    if context.startswith("["):
        context = context.removeprefix("[").removesuffix("]")
    return context.strip(": ") or None


BUILD_ID: Final = in_arn("build/(.+)", "build-id")
OF_A_BUILD: Final[Fields] = {
    "arn": "build-id",
    "operation": BUILD_ID,
    "build": BUILD_ID,
    "name": _name,
    "project": PROJECT,
    "branch": joined(PROJECT, PULL_REQUEST),
    "pipeline": matched("codepipeline/(.+)", "additional-information.initiator"),
    # In the first event of a build, the link's log has no name yet.
    "log": matched("(?!.*(?:=|/)null(?:[;/]|$))(.+)", "additional-information.logs.deep-link"),
}
BUILD_ROW: Final = EventType(
    "CodeBuildBuild",
    "build",
    {
        **OF_A_BUILD,
        "status": "build-status",
        "outcome": _outcome,
        "reason": _reason,
        "phase": lambda event: text_or_none(_failed_phase(event).get("phase-type")),
    },
    BUILD,
    facts={
        "Phase": "phase",
        "Source version": "additional-information.source-version",
        "Started by": "additional-information.initiator",
    },
    links={"Open the log": "log"},
    page=Page("Open the build", "/codesuite/codebuild/{account}/projects/{project}/build/{build}/log?region={region}"),
    key="CodeBuildBuild/{account}/{region}/{branch}",
    parents=("CodePipeline/{account}/{region}/{pipeline}",),
)

EVENT_TYPES: Final = {
    "CodeBuild Build Phase Change": replace(
        BUILD_ROW,
        resource_type="CodeBuildPhase",
        fields={
            **OF_A_BUILD,
            "status": "completed-phase-status",
            "reason": lambda event: _context(event.text("completed-phase-context")),
            "phase": "completed-phase",
        },
        meanings=PHASE,
        recovery=Recovery.WHOLE,
    ),
    "CodeBuild Build State Change": BUILD_ROW,
}
