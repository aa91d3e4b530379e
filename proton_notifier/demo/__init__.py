"""`notifier demo`: the whole stack in this process, also under load."""
