"""The kind of an unlisted resource, and the meaning of unlisted statuses: their words decide the severity."""

import re
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.envelope import Event, texts

Words = tuple[tuple[re.Pattern[str], Severity], ...]

# In this order: an operation that is rolling back has failed.
WORDS: Final[Words] = (
    (
        re.compile(
            r"FAIL|ERROR|(?<!DE)FAULT|ROLLBACK|TIMED?[_ ]?OUT|REJECTED|INOPERABLE|UNSUCCESSFUL|UNHEALTHY", re.IGNORECASE
        ),
        Severity.FAILURE,
    ),
    (re.compile(r"PROGRESS|(?<!WARN)ING$|STARTED|QUEUED", re.IGNORECASE), Severity.PROGRESS),
)
# An event of ECS contains its kind, which decides about an unlisted or missing name.
EVENT_KINDS: Final[Words] = (
    (re.compile(r"\bERROR\)?$"), Severity.FAILURE),
    (re.compile(r"\bWARN\)?$"), Severity.ACTION),
    (re.compile(r"\bINFO\)?$"), Severity.INFO),
    *WORDS,
)
# The end of a detail-type that says only that something changed.
UNNAMED: Final = re.compile(r" (Status|State)[ -][Cc]hange( Notification)?$")
# As in jobStatus, TrainingJobStatus, sync-status or alarm_state.
STATUS_NAME: Final = re.compile("(?!prev|old|last|desired).*(status|state)|result", re.IGNORECASE)
WITHOUT_STATUS: Final = Meaning(
    Severity.INFO,
    "changed, but its event names no status",
    "Look the resource up in its account and region to see how it is.",
    recognised=False,
)


def severity_of(text: str, words: Words = WORDS) -> Severity:
    """Guess the severity from the first of *words* that *text* contains."""
    return next((severity for word, severity in words if word.search(text)), Severity.INFO)


def status_named(event: Event) -> str | None:
    """Return the first text of the detail whose name ends like that of a status."""
    return next((text for name, text in texts(event.detail).items() if STATUS_NAME.fullmatch(name)), None)


def unlisted_status(status: str, words: Words = WORDS) -> Meaning:
    """Guess the severity of *status* from the first of *words* that it contains."""
    return Meaning(
        severity_of(status, words),
        f'has the unknown status "{status}"',
        "Look the resource up in its account and region: the notifier does not know this status.",
        recognised=False,
    )


def words_of(detail_type: str) -> str:
    """Derive the kind of a resource from the words of an unlisted *detail_type*."""
    return " ".join(re.findall(r"\w+", UNNAMED.sub("", detail_type)) or ["resource"])


def type_of(kind: str) -> str:
    """Write the resource type of a *kind*: ServiceInstance for "service instance"."""
    return "".join(word[:1].upper() + word[1:] for word in kind.split())
