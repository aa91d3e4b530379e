"""CodeBuild: builds, and their phases where somebody sends these.

Statuses are those of botocore's CodeBuild model and of "Build notifications sample" in the CodeBuild User Guide, which
has the fields. A build's environment variables stand in its events in plain text, and are never shown.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.arns import part
from notifier.sources.envelope import Event, listed_texts, text_or_none
from notifier.sources.reader import EventType, Field, Page, reader

# Not the builds of a pipeline: CodePipeline's events tell of those.
PATTERN: Final = {
    "source": ["aws.codebuild"],
    "detail-type": ["CodeBuild Build State Change"],
    "detail": {
        "additional-information": {"initiator": [{"exists": False}, {"anything-but": {"prefix": "codepipeline/"}}]}
    },
}

FAILURE, PROGRESS, SUCCESS, INFO = Severity.FAILURE, Severity.PROGRESS, Severity.SUCCESS, Severity.INFO

# These say why a phase failed, and so why its build did.
PHASE_FAILURES: Final = frozenset({"CLIENT_ERROR", "FAULT", "TIMED_OUT"})
# Builds of a pull request may fail; the project's next build of a branch does not mend them.
PULL_REQUEST: Final = re.compile(r"pr/\d+|refs/pull/.+")
# The first event of a build links to a log that has no name yet.
NO_LOG: Final = re.compile(r"(group|stream)=null")

RETRY: Final = "aws codebuild retry-build --id {build}"
READ_LOG: Final = "Read the end of its log."
BUILD: Final[Mapping[str, Meaning]] = {
    "CLIENT_ERROR": Meaning(
        FAILURE,
        "could not be built as configured",
        "Correct the project or its role, then start the build again.",
        RETRY,
    ),
    "FAILED": Meaning(FAILURE, "failed to build", READ_LOG),
    "FAULT": Meaning(FAILURE, "failed to build, because of an error in CodeBuild", "Start the build again.", RETRY),
    "IN_PROGRESS": Meaning(PROGRESS, "is building"),
    "STOPPED": Meaning(INFO, "was stopped"),
    "SUCCEEDED": Meaning(SUCCESS, "was built"),
    "TIMED_OUT": Meaning(
        FAILURE,
        "ran out of time",
        "Read in its log what took so long; then raise the project's time-out, or start the build again.",
        RETRY,
    ),
}
PHASE: Final[Mapping[str, Meaning]] = {
    "CLIENT_ERROR": Meaning(FAILURE, "could not run phase {phase} as configured", "Correct the project or its role."),
    "FAILED": Meaning(FAILURE, "failed in phase {phase}", READ_LOG),
    "FAULT": Meaning(FAILURE, "failed in phase {phase}, because of an error in CodeBuild", "Start the build again."),
    "IN_PROGRESS": Meaning(PROGRESS, "is in phase {phase}"),
    "STOPPED": Meaning(INFO, "was stopped in phase {phase}"),
    "SUCCEEDED": Meaning(INFO, "finished phase {phase}"),
    "TIMED_OUT": Meaning(FAILURE, "ran out of time in phase {phase}", "Read in its log what took so long."),
}


def _build(event: Event) -> str | None:
    """Take the build's id, which is its project and a UUID."""
    resource = part(event.text("build-id") or next(iter(event.resources), None), "resource")
    return resource.removeprefix("build/") if resource and resource.startswith("build/") else None


def _project(event: Event) -> str | None:
    return event.text("project-name") or (_build(event) or "").partition(":")[0] or None


def _called(event: Event) -> str | None:
    project, number = _project(event), event.text("additional-information.build-number")
    return f"{project} #{number}" if project and number else project


def _branch(event: Event) -> str | None:
    """Name the project, and the pull request if the build is of one."""
    version = event.text("additional-information.source-version") or ""
    return "/".join(filter(None, (_project(event), version if PULL_REQUEST.fullmatch(version) else None))) or None


def _failed_phase(event: Event) -> Mapping[str, Any]:
    """Find the last phase that did not succeed; the phase COMPLETED has no status."""
    phases = event.objects("additional-information.phases")
    return next((each for each in reversed(phases) if each.get("phase-status", "SUCCEEDED") != "SUCCEEDED"), {})


def _phase(event: Event) -> str | None:
    return text_or_none(_failed_phase(event).get("phase-type"))


def _outcome(event: Event) -> str | None:
    status, phase_status = event.text("build-status"), text_or_none(_failed_phase(event).get("phase-status"))
    return phase_status if status == "FAILED" and phase_status in PHASE_FAILURES else status


def _reason(event: Event) -> str | None:
    contexts = listed_texts(_failed_phase(event).get("phase-context"))
    return "; ".join(filter(None, map(_context, contexts))) or _context(event.text("current-phase-context"))


def _context(text: str | None) -> str | None:
    """Take a code and message out of their brackets; without either, there are only the punctuation marks."""
    context = (text or "").strip()
    if context.startswith("["):
        context = context.removeprefix("[").removesuffix("]")
    return context.strip(": ") or None


def _pipeline(event: Event) -> str | None:
    kind, _, pipeline = (event.text("additional-information.initiator") or "").partition("/")
    return pipeline if kind == "codepipeline" else None


def _log(event: Event) -> str | None:
    link = event.text("additional-information.logs.deep-link")
    return None if link is None or NO_LOG.search(link) else link


OF_A_BUILD: Final[Mapping[str, Field]] = {
    "arn": lambda event: event.text("build-id") or next(iter(event.resources), None),
    "operation": _build,
    "build": _build,
    "called": _called,
    "project": _project,
    "branch": _branch,
    "pipeline": _pipeline,
    "version": "additional-information.source-version",
    "initiator": "additional-information.initiator",
    "log": _log,
}
BUILD_FACTS: Final = {"Phase": "phase", "Source version": "version", "Started by": "initiator"}
BUILD_KEY: Final = "CodeBuildBuild/{account}/{region}/{branch}"
PIPELINE_KEY: Final = "CodePipeline/{account}/{region}/{pipeline}"
BUILD_PAGE: Final = Page(
    "Open the build", "/codesuite/codebuild/{account}/projects/{project}/build/{build}/log?region={region}"
)

EVENT_TYPES: Final = {
    "CodeBuild Build Phase Change": EventType(
        resource_type="CodeBuildPhase",
        kind="project",
        fields={
            **OF_A_BUILD,
            "status": "completed-phase-status",
            "reason": lambda event: _context(event.text("completed-phase-context")),
            "phase": "completed-phase",
        },
        name=("called",),
        key="CodeBuildPhase/{account}/{region}/{branch}/{phase}",
        parents=(BUILD_KEY, PIPELINE_KEY),
        meanings=PHASE,
        facts=BUILD_FACTS,
        links={"Open the log": "log"},
        page=BUILD_PAGE,
    ),
    "CodeBuild Build State Change": EventType(
        resource_type="CodeBuildBuild",
        kind="project",
        fields={**OF_A_BUILD, "status": "build-status", "outcome": _outcome, "reason": _reason, "phase": _phase},
        name=("called",),
        key=BUILD_KEY,
        parents=(PIPELINE_KEY,),
        meanings=BUILD,
        facts=BUILD_FACTS,
        links={"Open the log": "log"},
        page=BUILD_PAGE,
    ),
}
read = reader(EVENT_TYPES)
