"""Who reports: Proton its status changes, a schedule the heartbeat, and a person a test."""

from notifier.model.status_change import Meaning, StatusChange
from notifier.sources import heartbeat, test_message
from notifier.sources.envelope import ProtonEvent
from notifier.sources.proton import changes, transitions


def read(event: ProtonEvent) -> tuple[StatusChange, Meaning]:
    """Read *event*, whose envelope is the same whoever sent it, as its source wants to be read."""
    if heartbeat.sent(event):
        return heartbeat.status_change(event), heartbeat.MEANING
    if event.source == test_message.SOURCE:
        return test_message.status_change(event), test_message.meaning(event)
    change = changes.status_change(event)
    return change, transitions.classify(change)
