"""`notifier preview`."""
