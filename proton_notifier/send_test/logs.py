"""The logged outcomes of an event's deliveries, and their meaning for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from notifier.delivery.outcomes import Deferred, Outcome, Sent
from notifier.model.sanitize import tidy
from proton_notifier.common.delivery_log import filter_pattern, read


class Logs(Protocol):
    """The client of CloudWatch Logs."""

    def filter_log_events(self, **request: object) -> Mapping[str, Any]:
        """Find lines in a log group, a page at a time."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery that was not sent: it will be retried, or not if it is *final*."""

    why: str
    final: bool


Status = Sent | Unsent


def logged(logs: Logs, group: str, event_id: str, since: datetime) -> Iterator[tuple[str, Status]]:
    """Read the statuses of the event's deliveries from the log *group*, by destination, the latest last."""
    page: Mapping[str, Any] = {}
    while True:
        page = logs.filter_log_events(
            logGroupName=group,
            startTime=int(since.timestamp() * 1000),
            filterPattern=filter_pattern(event_id),
            **({"nextToken": page["nextToken"]} if page else {}),
        )
        for event in page["events"]:
            for line in read(event["message"]):
                yield line.fields.destination, _status(line.outcome)
        if "nextToken" not in page:
            return


def worded(why: str, reason: str | None) -> str:
    """Explain why a delivery was not sent."""
    return f"{tidy(why)} ({reason})" if reason else tidy(why)


def _status(outcome: Outcome) -> Status:
    if isinstance(outcome, Sent):
        return outcome
    why = worded(outcome.why, outcome.reason)
    if isinstance(outcome, Deferred):
        return Unsent(f"{why}; it is tried again after {outcome.seconds} s", final=False)
    return Unsent(why, final=True)
