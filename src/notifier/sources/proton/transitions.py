"""Classifies a change from one Proton status to another by its meaning for a person."""

import re
from dataclasses import replace
from typing import Final

from notifier.model.status_change import Meaning, Severity, StatusChange
from notifier.sources.proton.statuses import EXCEPTIONS, TABLES
from notifier.sources.unlisted import WITHOUT_STATUS, Words, unlisted_status

# The severity of an unlisted status, by its ending.
ENDINGS: Final[Words] = (
    (re.compile("FAILED$"), Severity.FAILURE),
    (re.compile("(CANCELLING|IN_PROGRESS)$"), Severity.PROGRESS),
)


def classify(change: StatusChange) -> Meaning:
    """Find the meaning of *change*; an unlisted status is judged by its ending, as not recognised.

    A success straight after a failure is a recovery. Usually Proton reports progress in between, and then the
    event of the success does not name the failure.
    """
    meaning = _meaning(change.resource_type, change.previous_status, change.status)
    if meaning.severity is not Severity.SUCCESS:
        return meaning
    before = _meaning(change.resource_type, None, change.previous_status)
    if before.severity is not Severity.FAILURE:
        return meaning
    return replace(meaning, severity=Severity.RECOVERED, headline=f"{meaning.headline} after a failure")


def _meaning(resource_type: str, previous_status: str | None, status: str | None) -> Meaning:
    if status is None:
        return WITHOUT_STATUS
    exceptional = EXCEPTIONS.get(resource_type, {}).get((previous_status or "", status))
    return exceptional or TABLES.get(resource_type, {}).get(status) or unlisted_status(status, ENDINGS)
