"""The memory of one resource: its history, its open incident, its family."""

from dataclasses import dataclass, replace
from typing import Final

from notifier.memory.history import BEGINNING, NO_CHANGES, RESULTS, Entry, OrderKey, Summary, fold
from notifier.memory.rules import Escalation
from notifier.model.notification import Notification

# The changes that are kept one by one; older ones are summed up.
LOG_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """The incident that is open, and what has been said about it.

    *recipients* are the destinations that know of it; without any it has not been told, because it is *silenced* or
    because no route leads anywhere. *notification* is the last one that says how bad it is. *reminders* counts those
    that were sent. *spoke_at* is the time of the last message, *broadcast_at* of the last one to a whole channel.
    *flapping_since* is 0 unless it is flapping; *openings* are the resource's before that. *escalations* are those that
    are still to come. *withheld_for* is the key of the whole whose open incident holds this one back; such an incident
    counts as *silenced*.
    """

    id: str
    thread: str
    recipients: tuple[str, ...] = ()
    notification: Notification | None = None
    reminders: int = 0
    spoke_at: float = 0
    broadcast_at: float = 0
    silenced: bool = False
    flapping_since: float = 0
    escalations: tuple[Escalation, ...] = ()
    withheld_for: str = ""
    openings: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """The thread that the resources of one family share, if they fail soon after the first of them, the *opener*.

    *opener* is a key; *members* are the keys of parts that are well again with the whole.
    """

    thread: str
    since: float
    opener: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """The memory of one resource.

    *version* counts the writes. *base* sums up the changes up to *horizon*, *log* has those after it. *ending* told
    that a part was well again with the whole, for a retry. *due_at* is the time at which something is to be said
    without an event, 0 for never.
    """

    version: int = 0
    base: Summary = NO_CHANGES
    horizon: OrderKey = BEGINNING
    log: tuple[Entry, ...] = ()
    incident: OpenIncident | None = None
    family: Family | None = None
    ending: Notification | None = None
    due_at: float = 0

    @property
    def recipients(self) -> tuple[str, ...]:
        """The destinations that were told of the open incident."""
        return self.incident.recipients if self.incident else ()

    @property
    def last_notification(self) -> Notification | None:
        """The last one that says how bad the open incident is."""
        return self.incident.notification if self.incident else None

    @property
    def summary(self) -> Summary:
        """The state now."""
        return fold(self.base, self.log)

    @property
    def last_result(self) -> OrderKey:
        """The place of the last result; a change before it is late."""
        return max((entry.key for entry in self.log if entry.kind in RESULTS), default=self.horizon)

    @property
    def changed_at(self) -> float:
        """The time of the last change; 0 if there was none."""
        return max((entry.at for entry in self.log), default=0)

    def entry(self, event_id: str) -> Entry | None:
        """Return the entry of an event that came before."""
        return next((entry for entry in self.log if entry.id == event_id), None)

    def with_entry(self, entry: Entry) -> "Item":
        """Put *entry* into the log, in place of one with its id; sum up the oldest entry if there are too many.

        What is summed up already stays as it is. Only some events of an operation say when it began.
        """
        if entry.key <= self.horizon:
            return self
        log = tuple(sorted((*(each for each in self.log if each.id != entry.id), entry), key=lambda each: each.key))
        began = max(each.began for each in log if each.operation == entry.operation)
        if began and entry.operation:
            log = tuple(replace(each, began=began) if each.operation == entry.operation else each for each in log)
        if len(log) <= LOG_LIMIT:
            return replace(self, log=log)
        return replace(self, base=fold(self.base, log[:1]), horizon=log[0].key, log=log[1:])
