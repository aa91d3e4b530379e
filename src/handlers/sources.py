"""Who reports: Proton its status changes, a schedule the heartbeat, and a person a test."""

from notifier import heartbeat, trial
from notifier.changes import Meaning, StatusChange
from notifier.proton import changes, transitions
from notifier.proton.events import ProtonEvent


def read(event: ProtonEvent) -> tuple[StatusChange, Meaning]:
    """Read *event*, whose envelope is the same whoever sent it, as its source wants to be read."""
    if heartbeat.sent(event):
        return heartbeat.status_change(event), heartbeat.MEANING
    if event.source == trial.SOURCE:
        return trial.status_change(event), trial.meaning(event)
    change = changes.status_change(event)
    return change, transitions.classify(change)
