"""The sources of events: each reads its events and knows the meaning of their statuses."""
