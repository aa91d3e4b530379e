"""`notifier replay`."""
