"""The events of the notifier itself: its heartbeat and its test message."""
