"""`notifier silence`."""
