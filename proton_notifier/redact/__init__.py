"""`notifier redact`."""
