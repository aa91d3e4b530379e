"""`notifier incidents`."""
