"""The outcomes of a delivery, and the messages and fields of their log lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notifier.channels.destination import Reason


@dataclass(frozen=True, slots=True)
class Sent:
    """The destination has the delivery; *batch_size* deliveries share its message, 0 if no message was sent now.

    *ledger_error* says why the delivery is not marked, *split_reason* why a digest with it was rejected, *note* what
    else a person should know.
    """

    batch_size: int
    ledger_error: str = ""
    split_reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The queue redelivers the delivery after *seconds*; without *reason*, the destination is not the cause."""

    seconds: int
    why: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """The delivery failed permanently."""

    why: str
    reason: Reason


Outcome = Sent | Deferred | DeadLettered

LOG_MESSAGES: Final[Mapping[type[Outcome], str]] = {Sent: "sent", Deferred: "not sent", DeadLettered: "given up"}
# Logged instead of "sent" for a heartbeat without a message.
SILENT_LOG_MESSAGE: Final = "heartbeat arrived"


@dataclass(frozen=True, slots=True)
class LogFields:
    """The fields of the log line, in addition to those of the outcome; *correlation_id* is the event's id."""

    correlation_id: str
    destination: str
    resource: str
    attempts: int
    message_id: str
