"""Who reports: Proton its status changes, and a schedule the heartbeat."""

from notifier import heartbeat
from notifier.changes import Meaning, StatusChange
from notifier.proton import changes, transitions
from notifier.proton.events import ProtonEvent


def read(event: ProtonEvent) -> tuple[StatusChange, Meaning]:
    """Read *event*, whose envelope is the same whoever sent it, as its source wants to be read."""
    if event.source == heartbeat.SOURCE:
        return heartbeat.status_change(event), heartbeat.MEANING
    change = changes.status_change(event)
    return change, transitions.classify(change)
