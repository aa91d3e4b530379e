"""`notifier send-test`."""
