"""A flood of failures, made of the sample events."""

from collections.abc import Iterable, Mapping
from itertools import cycle, islice
from typing import Any

from notifier.model.status_change import Severity
from proton_notifier.common.event_files import UnreadableEventError, notification_of
from proton_notifier.localaws.bus import BusEvent


class NoFailureError(Exception):
    """No sample event tells of a failure, so that no flood can be made of them."""


def flood(samples: Iterable[object], number: int) -> tuple[BusEvent, ...]:
    """Make *number* failures of those among *samples*, in turn, each of a resource of its own."""
    failures = [sample for sample in samples if isinstance(sample, dict) and _is_failure(sample)]
    if number and not failures:
        raise NoFailureError
    in_turn = enumerate(islice(cycle(failures), number), start=1)
    return tuple(_numbered(sample, f"{position:0{len(str(number))}}") for position, sample in in_turn)


def _is_failure(sample: Mapping[str, Any]) -> bool:
    """Say whether *sample* is whole, as the bus makes it so, and tells of a failure."""
    try:
        failed = notification_of(sample).severity is Severity.FAILURE
    except UnreadableEventError:
        return False
    match sample:
        case {"source": str(), "detail-type": str(), "resources": [str(), *_], "detail": {"name": str()}}:
            return failed
        case _:
            return False


def _numbered(sample: Mapping[str, Any], number: str) -> BusEvent:
    detail = {**sample["detail"], "name": f"{sample['detail']['name']}-{number}"}
    return BusEvent(sample["source"], sample["detail-type"], detail, [f"{arn}-{number}" for arn in sample["resources"]])
