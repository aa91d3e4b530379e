"""The sources of events: each reads its own events and gives their statuses a meaning."""
