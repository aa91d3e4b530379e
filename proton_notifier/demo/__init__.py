"""`notifier demo`."""
