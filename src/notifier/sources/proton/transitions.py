"""Classify a change from one Proton status to another by its meaning for a person."""

import re
from typing import Final

from notifier.model.status_change import FAILURE, PROGRESS, Meaning, StatusChange
from notifier.sources.proton.statuses import EXCEPTIONS, TABLES
from notifier.sources.unlisted import WITHOUT_STATUS, Words, unlisted_status

# The severity of an unlisted status, by its ending.
ENDINGS: Final[Words] = (
    (re.compile("FAILED$"), FAILURE),
    (re.compile("(CANCELLING|IN_PROGRESS)$"), PROGRESS),
)


def classify(change: StatusChange) -> Meaning:
    """Find the meaning of *change*; an unlisted status is judged by its ending, as not recognised.

    A success straight after a failure is a recovery. Usually Proton reports progress in between, and then the
    event of the success does not name the failure.
    """
    return _meaning(change.resource_type, change.previous_status, change.status).after(before(change))


def before(change: StatusChange) -> Meaning:
    """Find the meaning of the previous status."""
    return _meaning(change.resource_type, None, change.previous_status)


def _meaning(resource_type: str, previous_status: str | None, status: str | None) -> Meaning:
    if status is None:
        return WITHOUT_STATUS
    exceptional = EXCEPTIONS.get(resource_type, {}).get((previous_status or "", status))
    return exceptional or TABLES.get(resource_type, {}).get(status) or unlisted_status(status, ENDINGS)
