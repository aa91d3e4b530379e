"""`notifier routes`."""
