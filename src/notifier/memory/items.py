"""The memory of one resource: its history, its open incident, its family."""

from dataclasses import dataclass, replace
from typing import Final

from notifier.memory.history import BEGINNING, NO_CHANGES, RESULTS, Entry, OrderKey, Summary, fold
from notifier.memory.rules import Escalation
from notifier.model.notification import Notification

# The changes that are stored one by one; older changes are summed up.
LOG_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An open incident, and the messages about it so far.

    *recipients* are the destinations that know of it; without any, the incident is *silenced*, or no route has a
    destination for it. *notification* is the last one that describes the failure. *reminders* counts the sent
    reminders. *spoke_at* is the time of the last message, *broadcast_at* of the last message to a whole channel.
    *flapping_since* is 0 unless the resource is flapping; *openings* counts its openings before that. *escalations* are
    still to come. *withheld_for* is the key of the parent whose open incident holds this one back; such an incident
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
    """The thread of resources that fail soon after the first of their family.

    *opener* is the key of the first; *members* are the keys of parts that recover with this resource.
    """

    thread: str
    since: float
    opener: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """The memory of one resource.

    *version* counts the writes. *base* sums up the changes up to *horizon*, *log* has the changes after it. *ending* is
    the notification of a part's recovery with its parent, for a retry. *due_at* is the time of the next notification
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
        """The destinations that know of the open incident."""
        return self.incident.recipients if self.incident else ()

    @property
    def last_notification(self) -> Notification | None:
        """The last notification that describes the failure of the open incident."""
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
        """Return the entry of an earlier event."""
        return next((entry for entry in self.log if entry.id == event_id), None)

    def with_entry(self, entry: Entry) -> "Item":
        """Put *entry* into the log, in place of one with the same id; sum up the oldest entry if there are too many.

        An entry before *horizon* is ignored. Only some events of an operation name its start; all its entries get it.
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
