"""What the function that sends logs of an event's deliveries, and what that means."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from pydantic import BaseModel, RootModel, ValidationError

from notifier.model.sanitize import tidy

PATTERN: Final = (
    '{{ ($.correlation_id = "{event_id}") && '
    '(($.message = "sent") || ($.message = "not sent") || ($.message = "given up")) }}'
)


class Logs(Protocol):
    """What is asked of CloudWatch Logs."""

    def filter_log_events(self, **request: object) -> Mapping[str, Any]:
        """Find lines in a log group, a page at a time."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a delivery is not sent: for now, and is tried again, or *for_good*."""

    why: str
    for_good: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """The destination has it; *ledger_error* says why the ledger does not know, if so."""

    ledger_error: str


Outcome = Arrived | Trouble


class LoggedArrival(BaseModel):
    """What the function that sends logs of a delivery that it sent."""

    message: Literal["sent"]
    destination: str
    ledger_error: str

    def outcome(self) -> Outcome:
        """Say what it means."""
        return Arrived(tidy(self.ledger_error))


class LoggedTrouble(BaseModel):
    """What it logs of one that it could not send; *seconds* if it is tried again."""

    destination: str
    why: str
    reason: str | None
    seconds: int | None = None

    def outcome(self) -> Outcome:
        """Say what it means."""
        again = "" if self.seconds is None else f"; it is tried again after {self.seconds} s"
        return Trouble(worded(self.why, self.reason) + again, for_good=self.seconds is None)


class LogLine(RootModel[LoggedArrival | LoggedTrouble]):
    """What it logs of a delivery."""


def logged(logs: Logs, group: str, event_id: str, since: datetime) -> Iterator[tuple[str, Outcome]]:
    """Tell what the log *group* says of the event, by destination, the latest last."""
    page: Mapping[str, Any] = {}
    while True:
        page = logs.filter_log_events(
            logGroupName=group,
            startTime=int(since.timestamp() * 1000),
            filterPattern=PATTERN.format(event_id=event_id),
            **({"nextToken": page["nextToken"]} if page else {}),
        )
        for found in page["events"]:
            # What another version logs otherwise tells nothing.
            with suppress(ValidationError):
                line = LogLine.model_validate_json(found["message"]).root
                yield line.destination, line.outcome()
        if "nextToken" not in page:
            return


def worded(why: str, reason: str | None) -> str:
    """Say why something was not sent."""
    return f"{tidy(why)} ({reason})" if reason else tidy(why)
