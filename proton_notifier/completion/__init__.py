"""`notifier completion`."""
